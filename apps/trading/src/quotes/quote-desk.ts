import type { Cache } from '@cache/core'
import type { Instrument } from '@cache/symbol-index'

import type { BrokerAdapter, Quote } from '../broker/broker-adapter.ts'
import type { BrokerAccess } from '../broker/broker-access.ts'
import { QuoteBatch } from './quote-batch.ts'

/** Last prices: from the cache while they are fresh, else from the broker, one call for all that are missing. */
export class QuoteDesk {
  readonly #cache: Cache<Quote>
  readonly #batch: QuoteBatch

  constructor(broker: BrokerAdapter, access: BrokerAccess, cache: Cache<Quote>) {
    this.#cache = cache
    this.#batch = new QuoteBatch(async (userId, instruments) =>
      broker.quotes(await access.token(userId), instruments),
    )
  }

  /** Whoever asks at the same time waits for the same call. */
  quote(userId: number, instrument: Instrument): Promise<Quote | undefined> {
    const { exchange, symbol } = instrument
    return this.#cache.getOrLoad([exchange, symbol], () => this.#batch.load(userId, instrument.toJSON()))
  }

  quotes(userId: number, instruments: readonly Instrument[]): Promise<(Quote | undefined)[]> {
    return Promise.all(instruments.map((instrument) => this.quote(userId, instrument)))
  }
}
