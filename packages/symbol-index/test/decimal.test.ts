import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { numberToUnits, parseUnits, unitsToNumber, unitsToText } from '../src/decimal.ts'

describe('parseUnits', () => {
  it.each([
    ['24000', 0, 24_000],
    ['292.5', 0, 292.5],
    ['0.0025', 0, 0.0025],
    ['.97', 0, 0.97],
    ['5.', 0, 5],
    ['106000.000000', 2, 1060],
    ['1072000000.000000', 4, 107_200],
    ['9700000.000000', 7, 0.97],
    ['-1.000000', 2, -0.01],
    ['+5', 0, 5],
    ['0', 0, 0],
  ])('reads %s divided by 10^%i as %d', (text, shift, value) => {
    expect(unitsToNumber(parseUnits(text, shift))).toBe(value)
  })

  it.each([
    '',
    '.',
    '-',
    'abc',
    '1e3',
    '1,000',
    '1.2.3',
    '0.000000001',
    '99999999999999999999',
    ' 1',
    'Infinity',
    'NaN',
  ])('refuses %j', (text) => {
    expect(parseUnits(text)).toBeNaN()
  })

  it('gives the number that the literal gives, with no binary noise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50_000_000 }),
        fc.integer({ min: 0, max: 9999 }),
        (whole, fraction) => {
          const text = `${whole}.${String(fraction).padStart(4, '0')}`
          expect(unitsToNumber(parseUnits(text))).toBe(Number(text))
          expect(parseUnits(unitsToText(parseUnits(text)))).toBe(parseUnits(text))
        },
      ),
    )
  })
})

describe('numberToUnits', () => {
  it('reads numbers that JavaScript would write with an exponent', () => {
    expect(unitsToText(numberToUnits(1e-7))).toBe('0.0000001')
    expect(unitsToText(numberToUnits(81.25))).toBe('81.25')
  })
})

describe('unitsToText', () => {
  it('has no trailing zeros', () => {
    expect(unitsToText(parseUnits('24000.00'))).toBe('24000')
    expect(unitsToText(parseUnits('292.50'))).toBe('292.5')
  })
})
