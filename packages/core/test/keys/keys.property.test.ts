import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStoredKey, storedKey } from '../../src/keys/cache-key.ts'
import { keyPattern } from '../../src/keys/key-pattern.ts'

const part = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text))
const parts = fc.array(part, { minLength: 1, maxLength: 4 })

describe('stored keys', () => {
  it('tell different lists of parts apart', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(storedKey(a) === storedKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
    )
  })

  it('give their parts back', () => {
    fc.assert(
      fc.property(parts, (list) => {
        expect(parseStoredKey(storedKey(list))).toEqual(list.length === 1 ? list[0] : list)
      }),
    )
  })
})

describe('keyPattern', () => {
  const letter = fc.constantFrom('a', 'b', ':', '*', '?', '\\', 'é')
  const text = fc.array(letter, { maxLength: 12 }).map((letters) => letters.join(''))

  it('agrees with a regular expression made from the pattern', () => {
    fc.assert(
      fc.property(text, text, (pattern, key) => {
        fc.pre(!/(^|[^\\])(\\\\)*\\$/.test(pattern))
        expect(keyPattern(pattern).matches(key)).toBe(asRegExp(pattern).test(key))
      }),
      { numRuns: 2000 },
    )
  })

  it('matches only keys that begin with its prefix', () => {
    fc.assert(
      fc.property(text, text, (pattern, key) => {
        fc.pre(!/(^|[^\\])(\\\\)*\\$/.test(pattern))
        const compiled = keyPattern(pattern)
        expect(!compiled.matches(key) || key.startsWith(compiled.prefix)).toBe(true)
      }),
    )
  })

  it('stays fast on a pattern that would make a backtracking matcher explode', () => {
    expect(keyPattern(`${'a*'.repeat(50)}b`).matches('a'.repeat(2000))).toBe(false)
  })
})

function asRegExp(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\(.)|(.)/gsu, (_token, escaped: string | undefined, plain: string) => {
    if (plain === '*') return '.*'
    return plain === '?' ? '.' : (escaped ?? plain).replace(/[\\^$.*+?()[\]{}|]/u, String.raw`\$&`)
  })
  return new RegExp(`^${source}$`, 'su')
}
