import {
  BrokerError,
  type BrokerInstrument,
  type Candle,
  type CandleQuery,
  type Interval,
} from '../broker/broker-adapter.ts'
import { kolkataOffsetMs } from '../calendar/kolkata.ts'
import { periodOf, withinDayMs } from '../quotes/candle-periods.ts'
import { unit } from './price-maths.ts'
import type { Market } from './market.ts'
import { closeOfDayMs, dayMs, kolkataDayStartMs, openOfDayMs } from './clock-times.ts'

const maxCandles = 10_000
const samples = 6

/** A span of time that becomes one candle. */
interface Span {
  readonly startMs: number
  readonly endMs: number
}

/**
 * The past as candles: within 09:15 to 15:30 of working days, as an exchange would have it. The last one is of what has
 * happened so far.
 *
 * @throws BrokerError `BAD_REQUEST` for more than 10,000 candles
 */
export function candles(
  market: Market,
  instrument: BrokerInstrument,
  query: CandleQuery,
  nowMs: number,
): Candle[] {
  const found: Candle[] = []
  for (const span of spans(query, Math.min(query.toMs, nowMs))) {
    if (found.length === maxCandles) {
      throw new BrokerError('BAD_REQUEST', `More than ${maxCandles} candles; ask for a shorter time`)
    }
    found.push(candleOf(market, instrument, { ...span, endMs: Math.min(span.endMs, nowMs) }))
  }
  return found
}

function candleOf(market: Market, instrument: BrokerInstrument, { startMs, endMs }: Span): Candle {
  const lastMs = Math.max(startMs, endMs - 1)
  const prices = Array.from({ length: samples }, (_none, index) =>
    market.price(instrument, startMs + ((lastMs - startMs) * index) / (samples - 1)),
  )
  const [open = 0] = prices
  return {
    startMs,
    open,
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1) ?? open,
    ...activity(instrument, { startMs, endMs }),
  }
}

function activity({ symbol, instrumentType, lotSize }: BrokerInstrument, { startMs, endMs }: Span) {
  if (instrumentType === 'INDEX') return { volume: 0, oi: 0 }
  const lot = Math.max(1, lotSize)
  const perSecond = 0.2 + 40 * unit(`volume/${symbol}`) ** 4
  const share = 0.5 + unit(`${startMs}/${symbol}`)
  const traded = Math.floor(((endMs - startMs) / 1000) * perSecond * share) * lot
  const isDerivative = instrumentType !== 'EQ'
  return { volume: traded, oi: isDerivative ? Math.floor(200 + 90_000 * unit(`oi/${symbol}`) ** 3) * lot : 0 }
}

function* spans({ interval, fromMs }: CandleQuery, toMs: number): Generator<Span> {
  const lengthMs = withinDayMs(interval)
  if (lengthMs === undefined) yield* longSpans(interval, fromMs, toMs)
  else yield* shortSpans(lengthMs, fromMs, toMs)
}

function* shortSpans(lengthMs: number, fromMs: number, toMs: number): Generator<Span> {
  for (const { startMs, endMs } of workingDays(fromMs, toMs)) {
    for (let atMs = startMs; atMs < endMs && atMs < toMs; atMs += lengthMs) {
      if (atMs >= fromMs) yield { startMs: atMs, endMs: Math.min(atMs + lengthMs, endMs) }
    }
  }
}

/** Whole days, weeks, months, quarters, years; each begins with its first working day. */
function* longSpans(interval: Interval, fromMs: number, toMs: number): Generator<Span> {
  let span: Span | undefined
  let name = ''
  for (const day of workingDays(fromMs, toMs)) {
    const nextName = periodOf(interval, day.startMs)
    if (span !== undefined && nextName === name) {
      span = { startMs: span.startMs, endMs: day.endMs }
      continue
    }
    if (span !== undefined) yield span
    span = day
    name = nextName
  }
  if (span !== undefined) yield span
}

function* workingDays(fromMs: number, toMs: number): Generator<Span> {
  for (let day = kolkataDayStartMs(fromMs); day < toMs; day += dayMs) {
    const weekday = new Date(day + kolkataOffsetMs).getUTCDay()
    const span = { startMs: openOfDayMs(day), endMs: closeOfDayMs(day) }
    if (weekday !== 0 && weekday !== 6 && span.startMs < toMs) yield span
  }
}
