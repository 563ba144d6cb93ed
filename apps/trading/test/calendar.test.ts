import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { isDate, kolkataDate, weekday } from '../src/calendar/kolkata.ts'
import { knownHolidays } from '../src/calendar/known-holidays.ts'
import { MarketCalendar } from '../src/calendar/market-calendar.ts'
import { openDatabase } from '../src/database/database.ts'
import { FreezeQuantities, readFreezeCsv } from '../src/freeze/freeze-quantities.ts'
import { openMemoryCaches } from './support/memory-caches.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

async function opened() {
  const database = await openDatabase({ file: join(await temporaryDirectory(), 'app.db') })
  const caches = await openMemoryCaches()
  whenOver(() => Promise.all([database.destroy(), caches.close()]))
  const [holidays, timings] = [caches.define<never>('holidays'), caches.define<never>('timings')]
  return {
    calendar: new MarketCalendar({ database, holidays, timings }),
    freezes: new FreezeQuantities(database, caches.define('freezes')),
    /** Of an instance that has not heard of a change yet. */
    elsewhere: new FreezeQuantities(database, caches.define('freezes-elsewhere')),
  }
}

function at(text: string): number {
  return Date.parse(`${text}:00+05:30`)
}

/** Days without NSE's usual session, as it published them (weekends left out). */
const published = {
  2025: '02-26 03-14 03-31 04-10 04-14 04-18 05-01 08-15 08-27 10-02 10-21 10-22 11-05 12-25',
  2026: '01-15 01-26 03-03 03-26 03-31 04-03 04-14 05-01 05-28 06-26 09-14 10-02 10-20 11-10 11-24 12-25',
}

describe('what a new database knows of holidays', () => {
  it.each([2025, 2026] as const)('is what NSE published for %i', (year) => {
    const days = knownHolidays.map(({ date }) => date).filter((date) => date.startsWith(String(year)))
    expect(days).toEqual(published[year].split(' ').map((day) => `${year}-${day}`))
    expect(days.map(weekday).filter((day) => day === 0 || day === 6)).toEqual([])
  })

  it('leaves no usual session on any of them, and an hour in the afternoon of Diwali 2025', async () => {
    const { calendar } = await opened()
    await calendar.setHolidays(knownHolidays)
    for (const { date, type } of knownHolidays) {
      const noon = `${date}T12:00`
      expect([date, await calendar.isOpen('NSE', at(noon))]).toEqual([date, false])
      if (type === 'SPECIAL_SESSION') expect(await calendar.isOpen('NSE', at(`${date}T14:00`))).toBe(true)
    }
  })
})

describe('the calendar', () => {
  it('knows usual hours in Asia/Kolkata, whatever the zone of the machine', async () => {
    const { calendar } = await opened()
    const sessions = await calendar.timings('2026-08-20')
    expect(sessions.find(({ exchange }) => exchange === 'NSE')).toEqual({
      exchange: 'NSE',
      startMs: at('2026-08-20T09:15'),
      endMs: at('2026-08-20T15:30'),
    })
    expect(await calendar.isOpen('NFO', at('2026-08-20T15:39'))).toBe(true)
    expect(await calendar.isOpen('NFO', at('2026-08-20T15:40'))).toBe(false)
    expect(await calendar.isOpen('NSE', at('2026-08-22T10:00'))).toBe(false)
    expect(await calendar.isOpen('CRYPTO', at('2026-08-22T23:59'))).toBe(true)
  })

  it('shows a change at once: a holiday with an evening session, and its end', async () => {
    const { calendar } = await opened()
    expect(await calendar.isOpen('NSE', at('2026-08-20T10:00'))).toBe(true)
    await calendar.setHoliday({
      date: '2026-08-20',
      description: 'A day off',
      type: 'TRADING_HOLIDAY',
      closed: ['NSE', 'MCX'],
      open: [{ exchange: 'MCX', startTime: '17:00', endTime: '23:55' }],
    })
    expect(await calendar.isOpen('NSE', at('2026-08-20T10:00'))).toBe(false)
    expect(await calendar.isOpen('MCX', at('2026-08-20T10:00'))).toBe(false)
    expect(await calendar.isOpen('MCX', at('2026-08-20T18:00'))).toBe(true)
    expect(await calendar.isOpen('BSE', at('2026-08-20T10:00'))).toBe(true)
    expect(await calendar.holidays(2026)).toHaveLength(1)
    await calendar.removeHoliday('2026-08-20')
    expect(await calendar.isOpen('NSE', at('2026-08-20T10:00'))).toBe(true)
    expect(await calendar.holidays(2026)).toEqual([])
  })

  it('opens on a weekend for a special session, and changes usual hours', async () => {
    const { calendar } = await opened()
    await calendar.setHoliday({
      date: '2026-11-08',
      description: 'Muhurat',
      type: 'SPECIAL_SESSION',
      closed: [],
      open: [{ exchange: 'NSE', startTime: '18:00', endTime: '19:00' }],
    })
    expect(weekday('2026-11-08')).toBe(0)
    expect(await calendar.isOpen('NSE', at('2026-11-08T18:30'))).toBe(true)
    expect(await calendar.isOpen('BSE', at('2026-11-08T18:30'))).toBe(false)
    await calendar.setHours({ exchange: 'NSE', startTime: '09:00', endTime: '16:00' })
    expect(await calendar.isOpen('NSE', at('2026-11-09T15:45'))).toBe(true)
  })

  it('settles nothing on a settlement holiday, but trades', async () => {
    const { calendar } = await opened()
    const closed = ['NSE']
    await calendar.setHoliday({
      date: '2026-08-20',
      description: 'x',
      type: 'SETTLEMENT_HOLIDAY',
      closed,
      open: [],
    })
    expect(await calendar.isOpen('NSE', at('2026-08-20T10:00'))).toBe(true)
  })

  it('tells days that exist from days that do not', () => {
    expect(['2026-02-28', '2028-02-29', '2026-02-29', '2026-2-1', 'today'].map(isDate)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(kolkataDate(Date.parse('2026-08-20T20:00:00Z'))).toBe('2026-08-21')
  })
})

describe('freeze quantities', () => {
  it('are read from the file with padded columns, and live at once', async () => {
    const { freezes } = await opened()
    const option = { exchange: 'NFO', underlying: '360ONE', symbol: '360ONE25AUG261000CE' }
    expect(await freezes.of(option)).toBe(1)
    const csv = 'S.No.,SYMBOL    ,VOL_FRZ_QTY    \n1    ,BANKNIFTY ,600            \n2 ,360ONE ,15000 \n'
    await freezes.replace('NFO', readFreezeCsv(csv))
    expect(await freezes.of(option)).toBe(15_000)
    expect(await freezes.of({ exchange: 'NSE', underlying: undefined, symbol: 'NIFTYBEES' })).toBe(1)
    await freezes.replace('NFO', [{ symbol: '360ONE', quantity: 9 }])
    expect(await freezes.of(option)).toBe(9)
  })

  it('are those of the database where they are to be kept, whatever this process still holds', async () => {
    const { freezes, elsewhere } = await opened()
    const [first, second] = ['NFO', 'BFO'].map((exchange) => ({
      exchange,
      underlying: 'NIFTY',
      symbol: 'N1',
    }))
    await freezes.replace('NFO', [{ symbol: 'NIFTY', quantity: 1800 }])
    expect(await elsewhere.of(first!)).toBe(1800)
    await freezes.replace('NFO', [{ symbol: 'NIFTY', quantity: 900 }])
    expect(await elsewhere.of(first!)).toBe(1800)
    const share = { exchange: 'NFO', underlying: undefined, symbol: 'NIFTY' }
    expect(await elsewhere.storedOf([second!, first!, share, first!])).toEqual([1, 900, 900, 900])
  })

  it.each([
    ['<html>', 'no columns'],
    ['SYMBOL,VOL_FRZ_QTY\nNIFTY,many', 'Line 2'],
    ['SYMBOL,VOL_FRZ_QTY\nNIFTY,0', 'Line 2'],
  ])('are not taken from %j', (csv, message) => {
    expect(() => readFreezeCsv(csv)).toThrow(message)
  })
})
