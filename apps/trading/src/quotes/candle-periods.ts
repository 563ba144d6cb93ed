import type { Candle, Interval } from '../broker/broker-adapter.ts'
import { kolkataOffsetMs } from '../calendar/kolkata.ts'

const dayMs = 86_400_000
/** Candles within a day count from the open of the market. */
const openMs = 9.25 * 3_600_000
const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const

/** How long candles of an interval within a day are; `undefined` for days and more. */
export function withinDayMs(interval: Interval): number | undefined {
  const match = /^(\d+)([smh])$/.exec(interval)
  return match === null ? undefined : Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]
}

/** The period in which a moment lies, named so that equal periods have equal names. */
export function periodOf(interval: Interval, wallMs: number): string {
  const localMs = wallMs + kolkataOffsetMs
  const date = new Date(localMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const day = Math.floor(localMs / dayMs)
  const lengthMs = withinDayMs(interval)
  if (lengthMs !== undefined) return `${day}/${Math.floor(((localMs % dayMs) - openMs) / lengthMs)}`
  switch (interval) {
    case 'W':
      return String(Math.floor((localMs / dayMs + 3) / 7))
    case 'M':
      return `${year}/${month}`
    case 'Q':
      return `${year}/${Math.floor(month / 3)}`
    case 'Y':
      return String(year)
    default:
      return String(day)
  }
}

/** Candles put together to those of a longer interval; oldest first, as they come. */
export function merged(candles: readonly Candle[], interval: Interval): Candle[] {
  const periods = Map.groupBy(candles, ({ startMs }) => periodOf(interval, startMs))
  return [...periods.values()].map((parts) => parts.reduce(join))
}

function join(first: Candle, next: Candle): Candle {
  return {
    startMs: first.startMs,
    open: first.open,
    high: Math.max(first.high, next.high),
    low: Math.min(first.low, next.low),
    close: next.close,
    volume: first.volume + next.volume,
    oi: next.oi,
  }
}
