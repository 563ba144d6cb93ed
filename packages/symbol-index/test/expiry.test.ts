import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  compactExpiry,
  dayFromParts,
  dayInKolkata,
  expiryEndMs,
  formatExpiry,
  isLive,
  parseExpiryDay,
} from '../src/expiry.ts'

const DAY = dayFromParts(2025, 10, 28)
const MINUTE_MS = 60_000

describe('parseExpiryDay', () => {
  it.each([
    '28OCT2025',
    '28OCT25',
    '28-OCT-25',
    '28-Oct-2025',
    '2025-10-28',
    '2025-10-28 14:30:00',
    '2025-10-28T00:00:00',
  ])('reads %s', (text) => {
    expect(parseExpiryDay(text)).toBe(DAY)
  })

  it.each([
    '',
    '0001-01-01',
    '31FEB25',
    '2025-02-30',
    '2025-13-01',
    '28XXX25',
    'NA',
    '1899-12-31',
    '2101-01-01',
    '0',
  ])('refuses %j', (text) => {
    expect(parseExpiryDay(text)).toBeNaN()
  })

  it('reads back what is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: dayFromParts(2000, 1, 1), max: dayFromParts(2099, 12, 31) }), (day) => {
        expect(parseExpiryDay(formatExpiry(day))).toBe(day)
        expect(parseExpiryDay(compactExpiry(day))).toBe(day)
      }),
    )
  })
})

describe('isLive', () => {
  it('lasts until midnight in Kolkata, which is 18:30 UTC', () => {
    expect(expiryEndMs(DAY)).toBe(Date.UTC(2025, 9, 28, 18, 30))
  })

  it('is live 30 minutes before the end of the expiry day in Kolkata, and not 30 minutes after', () => {
    expect(isLive(DAY, expiryEndMs(DAY) - 30 * MINUTE_MS)).toBe(true)
    expect(isLive(DAY, expiryEndMs(DAY) - 1)).toBe(true)
    expect(isLive(DAY, expiryEndMs(DAY))).toBe(false)
    expect(isLive(DAY, expiryEndMs(DAY) + 30 * MINUTE_MS)).toBe(false)
  })

  it('goes by the day in India, whatever the day in UTC', () => {
    expect(dayInKolkata(Date.UTC(2025, 9, 27, 18, 29))).toBe(DAY - 1)
    expect(dayInKolkata(Date.UTC(2025, 9, 27, 18, 30))).toBe(DAY)
  })
})
