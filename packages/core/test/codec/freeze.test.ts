import { describe, expect, it } from 'vitest'
import { freezeParsed, freezeShared, frozenCopy, notFreezable } from '../../src/codec/freeze.ts'

function levels(count: number): object {
  let value: object = {}
  for (let level = 1; level < count; level++) value = { value }
  return value
}

const bare = (): Record<string, unknown> => Object.assign(Object.create(null) as object, { a: [1] })

describe('frozenCopy', () => {
  it.each([['text'], [7], [null], [undefined], [1n], [true]])('is %s itself', (value) => {
    expect(frozenCopy(value)).toBe(value)
  })

  it('keeps an object without a prototype without one', () => {
    const copy = frozenCopy(bare())
    expect(copy).toStrictEqual(bare())
    expect(Object.getPrototypeOf(copy)).toBeNull()
    expect(Object.isFrozen(copy)).toBe(true)
  })

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a function in a list', [() => 1]],
    ['a Map in a list', [new Map()]],
    ['201 levels', levels(201)],
    ['an own __proto__ beside other fields', JSON.parse('{"a":1,"__proto__":1}')],
  ])('refuses %s', (_name, value) => {
    expect(frozenCopy(value)).toBe(notFreezable)
  })

  it('takes 200 levels', () => {
    expect(frozenCopy(levels(200))).toStrictEqual(levels(200))
  })
})

describe('freezeShared', () => {
  it.each([['text'], [null], [undefined], [7]])('has nothing to do for %s', (value) => {
    expect(freezeShared(value)).toBe(true)
  })

  it('freezes all the way down', () => {
    const value = { list: [{ a: null }], bare: bare() }
    expect(freezeShared(value)).toBe(true)
    for (const part of [value, value.list, value.list[0], value.bare, value.bare['a']])
      expect(Object.isFrozen(part)).toBe(true)
  })

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a function inside', { list: [1], run: () => 1 }],
    ['a Date inside', { list: [1], at: new Date(0) }],
    ['201 levels', levels(201)],
  ])('leaves %s as it was', (_name, value) => {
    expect(freezeShared(value)).toBe(false)
    expect(Object.isFrozen(value)).toBe(false)
  })

  it('takes 200 levels', () => {
    expect(freezeShared(levels(200))).toBe(true)
  })
})

describe('freezeParsed', () => {
  it('freezes what JSON was parsed to, and lets the rest be', () => {
    const value = JSON.parse('{"a":[{"b":null}]}') as { a: object[] }
    freezeParsed(value)
    for (const part of [value, value.a, value.a[0]]) expect(Object.isFrozen(part)).toBe(true)
    for (const plain of ['text', null, 7]) expect(() => freezeParsed(plain)).not.toThrow()
  })
})
