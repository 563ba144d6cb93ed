import { describe, expect, it } from 'vitest'
import { keyText, maxKeyLength, parseStoredKey, storedKey } from '../../src/keys/cache-key.ts'

describe('storedKey', () => {
  it('joins parts with a colon', () => {
    expect(storedKey(['user', 12, true, 9n])).toBe('user:12:true:9')
  })

  it('escapes separators inside a part, so that it cannot reach into another key', () => {
    expect(storedKey('a:b')).toBe('a%3Ab')
    expect(storedKey(['a', 'b'])).toBe('a:b')
    expect(storedKey('a%3Ab')).toBe('a%253Ab')
  })

  it('takes a list of one part for that part', () => {
    expect(storedKey(['user'])).toBe(storedKey('user'))
  })

  it('keeps text that is not ASCII and names of object members', () => {
    for (const key of ['ключ', '鍵🔑', '__proto__', 'constructor', 'a b', '{x}'])
      expect(storedKey(key)).toBe(key)
  })

  it.each([
    ['an empty key', ''],
    ['no parts', []],
    ['an empty part', ['a', '']],
    ['a control character', 'a\u0000b'],
    ['a lone surrogate', 'a\ud800'],
    ['NaN', Number.NaN],
    ['an infinite number', ['a', Number.POSITIVE_INFINITY]],
    ['null', null],
    ['undefined', undefined],
    ['an object', [{ id: 1 }]],
    ['a nested list', [['a']]],
    ['10 kB', 'k'.repeat(10_240)],
  ])('refuses %s', (_name, key) => {
    expect(() => storedKey(key as never)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
  })

  it.each<[unknown, string]>([
    ['', 'has an empty part'],
    [[], 'has no parts'],
    ['a\ud800', 'is not well-formed Unicode'],
    ['a\u001f', 'holds a control character'],
    ['a\u007f', 'holds a control character'],
    [Number.NaN, 'holds a number that is not finite'],
    [null, 'holds null; parts are strings, numbers and booleans'],
    [['a', undefined], 'holds undefined; parts are strings, numbers and booleans'],
    [['a', ['b']], 'holds object; parts are strings, numbers and booleans'],
    ['k'.repeat(maxKeyLength + 1), 'is longer than 2048 characters; use a hash of it'],
  ])('says what is wrong with a key: %#', (key, fault) => {
    expect(() => storedKey(key as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_KEY', message: `The cache key ${fault}` }) as Error,
    )
  })

  it('takes what comes next to a control character', () => {
    expect(storedKey(' ~\u0080')).toBe(' ~\u0080')
  })

  it('takes the longest key and refuses one character more', () => {
    expect(storedKey('k'.repeat(maxKeyLength))).toHaveLength(maxKeyLength)
    expect(() => storedKey('k'.repeat(maxKeyLength + 1))).toThrow('use a hash of it')
  })

  it('never names the key in its message', () => {
    expect(() => storedKey('secret\u0001token')).toThrow(expect.not.objectContaining({ message: /secret/ }))
  })
})

describe('keyText', () => {
  it('is the text itself where nothing needs escaping', () => {
    expect(keyText('user-1')).toBe('user-1')
    expect(keyText(7)).toBe('7')
  })
})

describe('parseStoredKey', () => {
  it.each(['user', 'a:b', 'a%b', '%3A', '%253A'])('gives back the part %s', (part) => {
    expect(parseStoredKey(storedKey(part))).toBe(part)
  })

  it('gives back lists of parts as text', () => {
    expect(parseStoredKey(storedKey(['a:b', 1, 'c%']))).toEqual(['a:b', '1', 'c%'])
  })
})
