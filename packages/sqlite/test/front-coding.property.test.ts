import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frontCoded, frontDecoded } from '../src/front-coding.ts'

describe('front coding', () => {
  it('gives back the names that were coded, whatever they share', () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', 'b', '😀') }))
    fc.assert(
      fc.property(fc.array(name), (names) => {
        expect(frontDecoded(frontCoded(names))).toEqual(names)
      }),
    )
  })

  it('leaves out what a name has in common with the one before it', () => {
    const names = Array.from({ length: 100 }, (_, index) => `NSE-EQ-${String(index).padStart(8, '0')}`)
    expect(frontCoded(names).length).toBeLessThan(JSON.stringify(names).length / 2)
  })
})
