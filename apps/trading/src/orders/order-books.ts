import type { Cache } from '@cache/core'

import type { BrokerAccess } from '../broker/broker-access.ts'
import type { BrokerAdapter, Funds, Holding, Trade } from '../broker/broker-adapter.ts'
import type { Order, Position } from './order.ts'

/** What a broker tells of an account. */
export interface Books {
  readonly orders: readonly Order[]
  readonly trades: readonly Trade[]
  readonly positions: readonly Position[]
  readonly holdings: readonly Holding[]
  readonly funds: Funds
}

export interface OrderBookParts {
  readonly broker: BrokerAdapter
  readonly access: BrokerAccess
  readonly cache: Cache<Books[keyof Books]>
}

/**
 * The books of each user's account. Callers at the same time make one call to the broker; what it answers is good for
 * a second, or until an order of the user changes.
 */
export class OrderBooks {
  readonly #parts: OrderBookParts

  constructor(parts: OrderBookParts) {
    this.#parts = parts
  }

  /** Newest first. */
  orders(userId: number): Promise<readonly Order[]> {
    return this.#book(userId, 'orders', (token) => this.#parts.broker.orders(token))
  }

  /** Newest first. */
  trades(userId: number): Promise<readonly Trade[]> {
    return this.#book(userId, 'trades', (token) => this.#parts.broker.trades(token))
  }

  positions(userId: number): Promise<readonly Position[]> {
    return this.#book(userId, 'positions', (token) => this.#parts.broker.positions(token))
  }

  holdings(userId: number): Promise<readonly Holding[]> {
    return this.#book(userId, 'holdings', (token) => this.#parts.broker.holdings(token))
  }

  funds(userId: number): Promise<Funds> {
    return this.#book(userId, 'funds', (token) => this.#parts.broker.funds(token))
  }

  /** The books as they are after this: what is being read meanwhile is not kept. */
  async changed(userId: number): Promise<void> {
    await this.#parts.cache.invalidateTags([booksTag(userId)])
  }

  async #book<Name extends keyof Books>(
    userId: number,
    name: Name,
    read: (token: string) => Promise<Books[Name]>,
  ): Promise<Books[Name]> {
    const { cache, access } = this.#parts
    const token = await access.token(userId)
    const book = await cache.getOrLoad([userId, name], () => read(token), {
      tags: [`user:${userId}`, booksTag(userId)],
    })
    return (book ?? (await read(token))) as Books[Name]
  }
}

function booksTag(userId: number): string {
  return `books:${userId}`
}
