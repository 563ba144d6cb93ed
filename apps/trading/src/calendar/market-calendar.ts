import type { Cache } from '@cache/core'
import type { Transaction } from 'kysely'

import type { AppDatabase } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { kolkataDate, kolkataMs, weekday } from './kolkata.ts'

export const holidayTypes = ['TRADING_HOLIDAY', 'SETTLEMENT_HOLIDAY', 'SPECIAL_SESSION'] as const

/** Hours of an exchange on one day, as `HH:MM` in Asia/Kolkata. */
export interface Hours {
  readonly exchange: string
  readonly startTime: string
  readonly endTime: string
}

export interface Holiday {
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly description: string
  readonly type: (typeof holidayTypes)[number]
  readonly closed: readonly string[]
  /** Exchanges that are open for a part of the day, or for a special session. */
  readonly open: readonly Hours[]
}

/** Hours of one day as moments. */
export interface Session {
  readonly exchange: string
  readonly startMs: number
  readonly endMs: number
}

export interface MarketCalendarParts {
  readonly database: AppDatabase
  /** Year → its holidays. */
  readonly holidays: Cache<readonly Holiday[]>
  /** Date → sessions of that day. */
  readonly timings: Cache<readonly Session[]>
}

/** What is kept of every exchange when nobody has changed it. The last moment is not traded in. */
export const usualHours: readonly Hours[] = [
  hours('NSE', '09:15', '15:30'),
  hours('BSE', '09:15', '15:30'),
  hours('NFO', '09:15', '15:40'),
  hours('BFO', '09:15', '15:40'),
  hours('CDS', '09:00', '17:00'),
  hours('BCD', '09:00', '17:00'),
  hours('MCX', '09:00', '23:55'),
  hours('NCO', '09:00', '23:55'),
]

const calendarTag = 'calendar'
const always = { exchange: 'CRYPTO', startTime: '00:00', endTime: '24:00' }
const dayMs = 86_400_000

/** When exchanges are open: usual hours, weekends, holidays, special sessions; each changeable at any time. */
export class MarketCalendar {
  readonly #parts: MarketCalendarParts

  constructor(parts: MarketCalendarParts) {
    this.#parts = parts
  }

  /** The year's days that differ, the earliest first. */
  async holidays(year: number): Promise<readonly Holiday[]> {
    const load = (): Promise<Holiday[]> => this.#readHolidays(String(year))
    return (await this.#parts.holidays.getOrLoad(year, load, { tags: [calendarTag] })) ?? []
  }

  /** Who is open when on a day (`YYYY-MM-DD`). */
  async timings(date: string): Promise<readonly Session[]> {
    const load = (): Promise<Session[]> => this.#readTimings(date)
    return (await this.#parts.timings.getOrLoad(date, load, { tags: [calendarTag] })) ?? []
  }

  async isOpen(exchange: string, wallMs: number): Promise<boolean> {
    const sessions = await this.timings(kolkataDate(wallMs))
    return sessions.some((one) => one.exchange === exchange && one.startMs <= wallMs && wallMs < one.endMs)
  }

  /** Adds a day, or takes the place of what was known of it. */
  setHoliday(holiday: Holiday): Promise<void> {
    return this.setHolidays([holiday])
  }

  /** As `setHoliday` for many, all of them or none. */
  async setHolidays(holidays: readonly Holiday[]): Promise<void> {
    await this.#parts.database.transaction().execute(async (change) => {
      for (const holiday of holidays) await putHoliday(change, holiday)
    })
    await this.#changed()
  }

  /** `false` when nothing was known of the day. */
  async removeHoliday(date: string): Promise<boolean> {
    const { numDeletedRows } = await this.#parts.database
      .deleteFrom('market_holidays')
      .where('date', '=', date)
      .executeTakeFirst()
    await this.#changed()
    return numDeletedRows > 0n
  }

  async setHours({ exchange, startTime, endTime }: Hours): Promise<void> {
    const times = { start_time: startTime, end_time: endTime }
    await this.#parts.database
      .insertInto('market_timings')
      .values({ exchange, ...times })
      .onConflict((conflict) => conflict.column('exchange').doUpdateSet(times))
      .execute()
    await this.#changed()
  }

  async #changed(): Promise<void> {
    await Promise.all([
      this.#parts.holidays.invalidateTags([calendarTag]),
      this.#parts.timings.invalidateTags([calendarTag]),
    ])
  }

  async #readTimings(date: string): Promise<Session[]> {
    const [holiday] = await this.#readHolidays(date)
    const isWeekend = weekday(date) === 0 || weekday(date) === 6
    const open = (await this.hours()).flatMap((usual) => hoursOn(usual, holiday, isWeekend))
    return [...open, always].map(({ exchange, startTime, endTime }) => ({
      exchange,
      startMs: kolkataMs(date, startTime),
      endMs: endTime === '24:00' ? kolkataMs(date, '00:00') + dayMs : kolkataMs(date, endTime),
    }))
  }

  /** On an ordinary day, of each exchange. */
  async hours(): Promise<readonly Hours[]> {
    const rows = await this.#parts.database.selectFrom('market_timings').selectAll().execute()
    const changed = rows.map((row) => hours(row.exchange, row.start_time, row.end_time))
    const names = new Set(changed.map(({ exchange }) => exchange))
    return [...usualHours.filter(({ exchange }) => !names.has(exchange)), ...changed]
  }

  /** Days whose date begins so. */
  async #readHolidays(from: string): Promise<Holiday[]> {
    const rows = await this.#parts.database
      .selectFrom('market_holidays')
      .leftJoin('market_holiday_exchanges', 'holiday_id', 'id')
      .select(['date', 'description', 'holiday_type', 'exchange', 'is_open', 'start_time', 'end_time'])
      .where('date', 'like', `${from}%`)
      .orderBy('date')
      .orderBy('exchange')
      .execute()
    return [...Map.groupBy(rows, ({ date }) => date).values()].flatMap((ofDay) => {
      const [first] = ofDay
      if (first === undefined) return []
      const { date, description, holiday_type: type } = first
      return [{ date, description, type, closed: closedIn(ofDay), open: ofDay.flatMap(openIn) }]
    })
  }
}

async function putHoliday(change: Transaction<Schema>, holiday: Holiday): Promise<void> {
  const { date, description, type, closed, open } = holiday
  const closedOnly = closed.filter((exchange) => !open.some((one) => one.exchange === exchange))
  await change.deleteFrom('market_holidays').where('date', '=', date).execute()
  const { id } = await change
    .insertInto('market_holidays')
    .values({ date, description, holiday_type: type })
    .returning('id')
    .executeTakeFirstOrThrow()
  const rows = [
    ...closedOnly.map((exchange) => ({ exchange, is_open: 0, start_time: null, end_time: null })),
    ...open.map(({ exchange, startTime, endTime }) => ({
      exchange,
      is_open: 1,
      start_time: startTime,
      end_time: endTime,
    })),
  ].map((row) => Object.assign(row, { holiday_id: id }))
  if (rows.length > 0) await change.insertInto('market_holiday_exchanges').values(rows).execute()
}

interface ExchangeRow {
  readonly exchange: string | null
  readonly is_open: number | null
  readonly start_time: string | null
  readonly end_time: string | null
}

function closedIn(rows: readonly ExchangeRow[]): string[] {
  return rows.flatMap(({ exchange, is_open }) => (exchange !== null && is_open === 0 ? [exchange] : []))
}

function openIn({ exchange, is_open, start_time, end_time }: ExchangeRow): Hours[] {
  if (exchange === null || is_open !== 1 || start_time === null || end_time === null) return []
  return [hours(exchange, start_time, end_time)]
}

/** The day's own hours win, also on a weekend; then whether it is closed; then the weekend; then what is usual. */
function hoursOn(usual: Hours, holiday: Holiday | undefined, isWeekend: boolean): Hours[] {
  const special = holiday?.open.find(({ exchange }) => exchange === usual.exchange)
  if (special !== undefined) return [special]
  if (holiday?.type === 'TRADING_HOLIDAY' && holiday.closed.includes(usual.exchange)) return []
  return isWeekend ? [] : [usual]
}

function hours(exchange: string, startTime: string, endTime: string): Hours {
  return { exchange, startTime, endTime }
}
