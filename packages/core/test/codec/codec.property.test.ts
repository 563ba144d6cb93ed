import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freezeShared, frozenCopy, notFreezable } from '../../src/codec/freeze.ts'
import { notPlain, plainBytes } from '../../src/codec/plain.ts'
import { decodeValue, encodeValue } from '../../src/codec/value-format.ts'

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
})

describe('encodeValue', () => {
  it('gives back an equal value of the same types, or throws', () => {
    fc.assert(
      fc.property(anything, (value) => {
        let encoded
        try {
          encoded = encodeValue(value)
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_VALUE' })
          return
        }
        expect(decodeValue(encoded.payload, encoded.format, undefined)).toStrictEqual(value)
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps names that JSON escapes, also where V8 takes them for others', () => {
    const ends = ['\\', '"', '\n', '\0', '<', '\u2028', '\uD800', 'a', '/']
    const name = fc
      .array(fc.constantFrom(...ends), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(''))
    const named = fc.dictionary(name, fc.integer(), { maxKeys: 4 })
    const values = fc.oneof(
      named,
      fc.array(named, { maxLength: 3 }),
      fc.dictionary(name, named, { maxKeys: 3 }),
    )
    fc.assert(
      fc.property(values, (value) => {
        const { payload, format } = encodeValue(value)
        expect(decodeValue(payload, format, undefined)).toStrictEqual(value)
      }),
      { numRuns: 3000 },
    )
  })

  it('refuses objects with such names that are parts of themselves', () => {
    const value: Record<string, unknown> = { 'a"': 1 }
    value['self\n'] = value
    expect(() => encodeValue(value)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }))
  })

  it('uses JSON exactly where JSON loses nothing', () => {
    fc.assert(
      fc.property(anything, (value) => {
        fc.pre(plainBytes(value) !== notPlain)
        expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('frozenCopy', () => {
  it('is equal, frozen all the way down, and shares nothing mutable with the original', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'))
        const before = structuredClone(value)
        const copy = frozenCopy(value)
        expect(copy).toStrictEqual(before)
        expect(isDeepFrozen(copy)).toBe(true)
        expect(value).toStrictEqual(before)
        if (typeof value === 'object' && value !== null) expect(Object.isFrozen(value)).toBe(false)
      }),
    )
  })

  it.each([
    ['a Map', new Map()],
    ['a Date inside', { at: new Date(0) }],
    ['bytes', Uint8Array.of(1)],
    ['a function', { run: () => 1 }],
    ['an own __proto__', JSON.parse('{"__proto__":{}}')],
    ['a list with a name of its own', Object.assign([1], { total: 1 })],
  ])('refuses %s', (_name, value) => {
    expect(frozenCopy(value)).toBe(notFreezable)
  })
})

describe('freezeShared', () => {
  it('freezes nothing of a value that it refuses', () => {
    const value = { list: [1], at: new Date(0) }
    expect(freezeShared(value)).toBe(false)
    expect(Object.isFrozen(value)).toBe(false)
    expect(Object.isFrozen(value.list)).toBe(false)
  })
})

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every((item) => isDeepFrozen(item))
}
