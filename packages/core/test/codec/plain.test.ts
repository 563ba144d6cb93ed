import { describe, expect, it } from 'vitest'
import { notPlain, plainBytes } from '../../src/codec/plain.ts'

describe('plainBytes', () => {
  it.each<[unknown, number]>([
    ['', 24],
    ['four', 28],
    [true, 4],
    [null, 4],
    [7, 8],
    [{}, 40],
    [{ a: 1 }, 40 + 16 + 8],
    [{ a: 1, b: 'x' }, 40 + 16 + 8 + 16 + 25],
    [[], 32],
    [[1, null], 32 + 8 + 8 + 8 + 4],
    [[[]], 32 + 8 + 32],
  ])('takes %j for so many bytes of the heap', (value, bytes) => {
    expect(plainBytes(value)).toBe(bytes)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a bigint', 1n],
    ['a symbol', Symbol('s')],
    ['a function', () => 1],
    ['minus zero', -0],
    ['an infinite number', Number.POSITIVE_INFINITY],
    ['a Date', new Date(0)],
    ['bytes', Uint8Array.of(1)],
    ['an object without a prototype', Object.create(null)],
    ['a hole', [1, , 3]], // oxlint-disable-line no-sparse-arrays -- what is tested
    ['a list of a class of its own', new (class Rows extends Array {})()],
    ['what only calls itself a list', Object.create(Array.prototype)],
    ['a list with a name beside its items', Object.assign([1], { total: 1 })],
    ['a list with a symbol', Object.assign([1], { [Symbol('s')]: 1 })],
    ['an object with a symbol', { a: 1, [Symbol('s')]: 1 }],
    ['an own __proto__', JSON.parse('{"__proto__":1}')],
    ['a field toJSON', { toJSON: 1 }],
    ['nothing in a field', { a: undefined }],
    ['nothing in a list', [undefined]],
  ])('says of %s that JSON would not carry it', (_name, value) => {
    expect(plainBytes(value)).toBe(notPlain)
    expect(plainBytes({ in: [value] })).toBe(notPlain)
  })

  it.each([
    ['objects', (inner: unknown) => ({ inner })],
    ['lists', (inner: unknown) => [inner]],
  ])('ends at 200 levels of %s, so that a cycle has an end', (_name, wrap) => {
    const levels = (count: number): unknown => {
      let value: unknown = 1
      for (let level = 0; level < count; level++) value = wrap(value)
      return value
    }
    expect(plainBytes(levels(200))).toBeGreaterThan(200 * 40)
    expect(plainBytes(levels(201))).toBe(notPlain)
  })
})
