import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merged, type SessionData } from '../src/index.ts'

const leaf = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('a', null, true),
  fc.array(fc.integer(), { maxLength: 2 }),
)
const name = fc.constantFrom('a', 'b', 'c', 'cart', '__proto__')
const data: fc.Arbitrary<SessionData> = fc
  .array(fc.tuple(name, fc.oneof(leaf, fc.dictionary(name, leaf, { maxKeys: 3 }))), { maxLength: 5 })
  .map((entries) => Object.fromEntries(entries))

describe('what two requests made of a session', () => {
  it('is merged field by field, and the later save has a field that both changed', () => {
    expect(merged({ a: 1, b: 1, c: 1 }, { a: 2, b: 1 }, { a: 1, b: 3, c: 1, d: 4 })).toEqual({
      a: 2,
      b: 3,
      d: 4,
    })
    expect(merged({ a: 1 }, { a: 2 }, { a: 3 })).toEqual({ a: 2 })
    expect(merged({ a: 1 }, {}, { a: 3 })).toEqual({})
    expect(merged({ a: 1 }, { a: 1 }, {})).toEqual({})
  })

  it('is merged within plain objects, and not within lists', () => {
    const base = { cart: { milk: 1 }, tags: ['x'] }
    const mine = { cart: { milk: 1, eggs: 6 }, tags: ['x', 'mine'] }
    const current = { cart: { milk: 2 }, tags: ['x', 'theirs'] }
    expect(merged(base, mine, current)).toEqual({ cart: { milk: 2, eggs: 6 }, tags: ['x', 'mine'] })
  })

  it('is what one made of it, where the other changed nothing', () => {
    fc.assert(
      fc.property(data, data, (base, other) => {
        expect(merged(base, other, base)).toEqual(other)
        expect(merged(base, base, other)).toEqual(other)
      }),
    )
  })

  it('does not depend on the order, where they changed different fields', () => {
    fc.assert(
      fc.property(data, data, data, (base, one, other) => {
        const left = Object.fromEntries(Object.entries(one).map(([key, value]) => [`one-${key}`, value]))
        const right = Object.fromEntries(Object.entries(other).map(([key, value]) => [`other-${key}`, value]))
        const mine = { ...base, ...left }
        const theirs = { ...base, ...right }
        expect(merged(base, mine, theirs)).toEqual(merged(base, theirs, mine))
      }),
    )
  })

  it('touches no prototype', () => {
    const evil = JSON.parse('{"__proto__": {"admin": true}}') as SessionData
    const result = merged({}, evil, {})
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect((result as { admin?: boolean }).admin).toBeUndefined()
  })
})
