import type { Clock } from '@cache/core'

import type { Candle, CandleQuery, Interval } from '../broker/broker-adapter.ts'
import type { AppDatabase } from '../database/database.ts'
import { merged, withinDayMs } from './candle-periods.ts'

/** Whose candles they are. */
export interface CandlePlace {
  readonly exchange: string
  readonly symbol: string
}

type Kept = '1m' | 'D'

const lengthMs: Readonly<Record<Kept, number>> = { '1m': 60_000, D: 86_400_000 }
const rowsPerInsert = 500
const maxRows = 1_000_000
const maxCandles = 10_000

/**
 * Candles of a minute and of a day that the broker told and that will not change any more, for whoever asks the
 * database and not the broker. Longer ones are made from them. Of more than a million the first that came go.
 */
export class CandleStore {
  readonly #database: AppDatabase
  readonly #clock: Clock

  constructor(database: AppDatabase, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** Keeps those that are over, where their interval is one that is kept. */
  async keep(
    { exchange, symbol }: CandlePlace,
    interval: Interval,
    candles: readonly Candle[],
  ): Promise<void> {
    if (interval !== '1m' && interval !== 'D') return
    const overMs = this.#clock.wallMs() - lengthMs[interval]
    const over = candles.filter(({ startMs }) => startMs <= overMs)
    for (let from = 0; from < over.length; from += rowsPerInsert) {
      const part = over.slice(from, from + rowsPerInsert)
      const rows = part.map(({ startMs, open, high, low, close, volume, oi }) => {
        return { exchange, symbol, interval, start_ms: startMs, open, high, low, close, volume, oi }
      })
      await this.#database
        .insertInto('candles')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
    if (over.length > 0) await this.#bound()
  }

  /** Oldest first; `undefined` for an interval that can't be made from what is kept. */
  async read(place: CandlePlace, { interval, fromMs, toMs }: CandleQuery): Promise<Candle[] | undefined> {
    const kept = keptFor(interval)
    if (kept === undefined) return undefined
    const rows = await this.#database
      .selectFrom('candles')
      .select(['start_ms', 'open', 'high', 'low', 'close', 'volume', 'oi'])
      .where('exchange', '=', place.exchange)
      .where('symbol', '=', place.symbol)
      .where('interval', '=', kept)
      .where('start_ms', '>=', fromMs)
      .where('start_ms', '<', toMs)
      .orderBy('start_ms')
      .limit(maxCandles)
      .execute()
    const candles = rows.map(({ start_ms: startMs, open, high, low, close, volume, oi }) => {
      return { startMs, open, high, low, close, volume, oi }
    })
    return kept === interval ? candles : merged(candles, interval)
  }

  async #bound(): Promise<void> {
    const newest = await this.#database
      .selectFrom('candles')
      .select(({ fn }) => fn.max('id').as('id'))
      .executeTakeFirst()
    if (newest?.id == null || newest.id <= maxRows) return
    await this.#database
      .deleteFrom('candles')
      .where('id', '<=', newest.id - maxRows)
      .execute()
  }
}

function keptFor(interval: Interval): Kept | undefined {
  const insideMs = withinDayMs(interval)
  if (insideMs === undefined) return 'D'
  return insideMs < lengthMs['1m'] ? undefined : '1m'
}
