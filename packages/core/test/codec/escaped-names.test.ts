import { describe, expect, it } from 'vitest'
import { entriesOfEscaped, hasEscapedName, objectOfEntries } from '../../src/codec/escaped-names.ts'

describe('hasEscapedName', () => {
  it.each<[unknown, boolean]>([
    [{ plain: 1 }, false],
    [{ 'a\n': 1 }, true],
    [{ 'a"': 1 }, true],
    [{ 'a\\': 1 }, true],
    [{ '\ud800': 1 }, true],
    [[{ first: 1 }, { 'a\t': 1 }], true],
    [{ plain: 'a\n"b":' }, false],
    [{ plain: '\\' }, false],
    [['a\n'], false],
    [{ '': '\\"' }, false],
  ])('of the JSON of %j is %j', (value, expected) => {
    expect(hasEscapedName(JSON.stringify(value))).toBe(expected)
  })
})

describe('entriesOfEscaped', () => {
  it.each<[string]>([['"'], ['\\'], ['<'], ['\0'], ['\u001f'], ['\u2028'], ['\u2029'], ['\ud800']])(
    'is of objects with a name that holds %j',
    (character) => {
      const value = { plain: 1, [`a${character}b`]: 2 }
      expect(entriesOfEscaped(value)).toEqual([false, Object.entries(value)])
      const bare = Object.assign(Object.create(null) as object, value)
      expect(entriesOfEscaped(bare)).toEqual([true, Object.entries(value)])
    },
  )

  it.each<[string, unknown]>([
    ['null', null],
    ['text', 'a"'],
    ['nothing', undefined],
    ['an object without such names', { plain: 1, ' ': 2, ü: 3 }],
    ['a list', ['a"']],
    ['a Map', new Map([['a"', 1]])],
    ['an own __proto__', JSON.parse('{"a\\"":1,"__proto__":1}')],
    ['a symbol', { 'a"': 1, [Symbol('s')]: 1 }],
  ])('leaves %s to others', (_name, value) => {
    expect(entriesOfEscaped(value)).toBe(false)
  })
})

describe('objectOfEntries', () => {
  it('makes the object again, with its prototype or without', () => {
    const entries: [string, unknown][] = [
      ['a"', 1],
      ['b', 2],
    ]
    expect(objectOfEntries([false, entries])).toStrictEqual({ 'a"': 1, b: 2 })
    const bare = objectOfEntries([true, entries])
    expect(Object.getPrototypeOf(bare)).toBeNull()
    expect({ ...bare }).toEqual({ 'a"': 1, b: 2 })
  })

  it('refuses a name that would be a prototype', () => {
    expect(() => objectOfEntries([false, [['__proto__', {}]]])).toThrow('a name that no object may have')
  })
})
