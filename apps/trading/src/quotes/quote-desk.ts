import type { Cache } from '@cache/core'
import type { Instrument } from '@cache/symbol-index'

import type { BrokerAdapter, Candle, CandleQuery, Depth, Quote } from '../broker/broker-adapter.ts'
import type { BrokerAccess } from '../broker/broker-access.ts'
import type { CandleStore } from './candle-store.ts'
import { QuoteBatch } from './quote-batch.ts'

export interface QuoteDeskParts {
  readonly broker: BrokerAdapter
  readonly access: BrokerAccess
  readonly quotes: Cache<Quote>
  readonly depths: Cache<Depth>
  readonly candles: Cache<readonly Candle[]>
  readonly store: CandleStore
  /** Told when candles could not be kept; whoever asked has them nevertheless. */
  readonly onError: (error: unknown) => void
}

/**
 * Prices: from the cache while they are fresh, else from the broker, one call for all that are missing. Whoever asks at
 * the same time waits for the same call.
 */
export class QuoteDesk {
  readonly #parts: QuoteDeskParts
  readonly #batch: QuoteBatch

  constructor(parts: QuoteDeskParts) {
    this.#parts = parts
    this.#batch = new QuoteBatch(async (userId, instruments) =>
      parts.broker.quotes(await parts.access.token(userId), instruments),
    )
  }

  quote(userId: number, instrument: Instrument): Promise<Quote | undefined> {
    const { exchange, symbol } = instrument
    return this.#parts.quotes.getOrLoad([exchange, symbol], () =>
      this.#batch.load(userId, instrument.toJSON()),
    )
  }

  quotes(userId: number, instruments: readonly Instrument[]): Promise<(Quote | undefined)[]> {
    return Promise.all(instruments.map((instrument) => this.quote(userId, instrument)))
  }

  depth(userId: number, instrument: Instrument): Promise<Depth | undefined> {
    const { broker, access, depths } = this.#parts
    const { exchange, symbol } = instrument
    return depths.getOrLoad([exchange, symbol], async () =>
      broker.depth(await access.token(userId), instrument.toJSON()),
    )
  }

  async candles(userId: number, instrument: Instrument, query: CandleQuery): Promise<readonly Candle[]> {
    const { candles } = this.#parts
    const { exchange, symbol } = instrument
    const key = [exchange, symbol, query.interval, query.fromMs, query.toMs]
    return (await candles.getOrLoad(key, () => this.#askCandles(userId, instrument, query))) ?? []
  }

  /** What the database holds, without asking the broker; `undefined` for an interval that is not kept. */
  keptCandles(instrument: Instrument, query: CandleQuery): Promise<readonly Candle[] | undefined> {
    return this.#parts.store.read(instrument, query)
  }

  async #askCandles(userId: number, instrument: Instrument, query: CandleQuery): Promise<readonly Candle[]> {
    const { broker, access, store, onError } = this.#parts
    const found = await broker.candles(await access.token(userId), instrument.toJSON(), query)
    await store.keep(instrument, query.interval, found).catch(onError)
    return found
  }
}
