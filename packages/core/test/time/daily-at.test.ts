import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dailyAt } from '../../src/time/daily-at.ts'

const at = (iso: string): number => Date.parse(iso)

function endOf(time: string, zone: string, iso: string): string {
  return new Date(at(iso) + dailyAt(time, zone)(at(iso))).toISOString()
}

describe('dailyAt', () => {
  it.each([
    ['a minute before', '2026-03-01T21:29:00Z', '2026-03-01T21:30:00.000Z'],
    ['at the moment itself, the next day', '2026-03-01T21:30:00Z', '2026-03-02T21:30:00.000Z'],
    ['a millisecond before', '2026-03-01T21:29:59.999Z', '2026-03-01T21:30:00.000Z'],
    ['after midnight there, before it in UTC', '2026-03-01T19:00:00Z', '2026-03-01T21:30:00.000Z'],
    ['at the end of a year', '2026-12-31T22:00:00Z', '2027-01-01T21:30:00.000Z'],
  ])('ends at 03:00 in Kolkata: %s', (_name, now, end) => {
    expect(endOf('03:00', 'Asia/Kolkata', now)).toBe(end)
  })

  it('takes the first moment after a gap for a skipped time', () => {
    // New York skips 02:00–03:00 on 8 March 2026, at 07:00Z.
    expect(endOf('02:30', 'America/New_York', '2026-03-08T00:00:00Z')).toBe('2026-03-08T07:00:00.000Z')
  })

  it('takes the first showing of a repeated time, and then the next day', () => {
    // New York shows 01:00–02:00 twice on 1 November 2026: from 05:00Z and from 06:00Z.
    expect(endOf('01:30', 'America/New_York', '2026-11-01T00:00:00Z')).toBe('2026-11-01T05:30:00.000Z')
    expect(endOf('01:45', 'America/New_York', '2026-11-01T05:50:00Z')).toBe('2026-11-02T06:45:00.000Z')
  })

  it('handles a zone whose clocks move by half an hour', () => {
    // Lord Howe shows 01:30–02:00 twice on 5 April 2026: from 14:30Z and from 15:00Z on the 4th.
    expect(endOf('01:45', 'Australia/Lord_Howe', '2026-04-04T10:00:00Z')).toBe('2026-04-04T14:45:00.000Z')
  })

  it('handles a station whose clocks move by two hours', () => {
    // Troll shows 01:00–03:00 twice on 25 October 2026: from 23:00Z on the 24th and from 01:00Z.
    expect(endOf('02:30', 'Antarctica/Troll', '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z')
    expect(endOf('02:30', 'Antarctica/Troll', '2026-10-25T00:30:00Z')).toBe('2026-10-26T02:30:00.000Z')
  })

  it.each([
    ['Pacific/Kiritimati', '2026-01-31T10:30:00Z', '2026-02-01T10:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-31T09:59:30Z', '2026-01-31T10:00:00.000Z'],
    ['Etc/GMT+12', '2026-02-28T12:30:00Z', '2026-03-01T12:00:00.000Z'],
    ['Asia/Kathmandu', '2028-02-28T20:00:00Z', '2028-02-29T18:15:00.000Z'],
    ['UTC', '2026-07-01T00:00:00Z', '2026-07-02T00:00:00.000Z'],
  ])('ends at midnight in %s, from %s', (zone, now, end) => {
    expect(endOf('00:00', zone, now)).toBe(end)
  })

  it('counts down to its moment, and from there to the next', () => {
    const ttl = dailyAt('23:59', 'UTC')
    expect(ttl(at('2026-03-01T12:00:00Z'))).toBe(43_140_000)
    expect(ttl(at('2026-03-01T23:58:59.999Z'))).toBe(1)
    expect(ttl(at('2026-03-01T23:59:00Z'))).toBe(86_400_000)
    expect(ttl(at('2026-03-01T23:59:00.001Z'))).toBe(86_399_999)
  })

  it('follows a clock that steps back', () => {
    const ttl = dailyAt('03:00', 'Asia/Kolkata')
    expect(ttl(at('2026-03-02T21:00:00Z'))).toBe(1_800_000)
    expect(ttl(at('2026-03-01T21:00:00Z'))).toBe(1_800_000)
  })

  it('is always more than 0 and at most a day and the length of a switch', () => {
    const zones = fc.constantFrom('Asia/Kolkata', 'America/New_York', 'Europe/Berlin', 'Pacific/Apia', 'UTC')
    const moments = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') })
    fc.assert(
      fc.property(zones, moments, fc.integer({ min: 0, max: 1439 }), (zone, nowMs, minute) => {
        const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
        const ttlMs = dailyAt(time, zone)(nowMs)
        expect(ttlMs).toBeGreaterThan(0)
        expect(ttlMs).toBeLessThanOrEqual(25 * 3_600_000)
      }),
    )
  })

  it.each(['24:00', '3:00', '03:60', '03:00:00', '103:00', 'a3:00', '0a:00', '03:a0', '03:0a', '2a:00', ''])(
    'refuses the time %j',
    (time) => {
      expect(() => dailyAt(time, 'UTC')).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: 'dailyAt: time must be HH:MM between 00:00 and 23:59',
        }) as Error,
      )
    },
  )

  it('refuses an unknown zone', () => {
    expect(() => dailyAt('03:00', 'Asia/Nowhere')).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: "dailyAt: zone must be an IANA time zone such as 'Asia/Kolkata'",
        cause: expect.any(RangeError) as Error,
      }) as Error,
    )
  })
})
