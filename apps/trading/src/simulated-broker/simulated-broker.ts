import type { Clock } from '@cache/core'
import type SqliteDatabase from 'better-sqlite3'

import {
  BrokerError,
  type BrokerGrant,
  type BrokerInstrument,
  type Candle,
  type CandleQuery,
  type Depth,
  type Funds,
  type Holding,
  type OrderChange,
  type Placement,
  type Quote,
  type Trade,
} from '../broker/broker-adapter.ts'
import { openSqliteFile } from '../database/sqlite-file.ts'
import type { Order, OrderTicket, Position } from '../orders/order.ts'
import { Access } from './access.ts'
import { AccountBook } from './account-book.ts'
import { type BookedOrder, Ledger } from './ledger.ts'
import { prepareLedger } from './ledger-schema.ts'
import { Matching } from './matching.ts'
import { candles } from './candles.ts'
import type { Market } from './market.ts'
import { depthOf } from './order-depth.ts'
import { rejection } from './risk-check.ts'

export interface SimulatedBrokerOptions {
  /** The broker's own database; nobody else opens it. */
  readonly path: string
  readonly clock: Clock
  /** Milliseconds from a moment to the end of a token given then. */
  readonly tokenLifetimeMs: (wallMs: number) => number
  readonly market: Market
  readonly onError: (error: unknown) => void
  /** Told of each order that is new or has changed, and whose it is. */
  readonly onOrder?: ((account: string, order: Order) => void) | undefined
}

/** The books and the market of an invented broker, for whoever holds a token. */
export class SimulatedBroker {
  readonly #database: SqliteDatabase.Database
  readonly #clock: Clock
  readonly #access: Access
  readonly #ledger: Ledger
  readonly #market: Market
  readonly #book: AccountBook
  readonly #matching: Matching

  constructor({ path, clock, tokenLifetimeMs, market, onError, onOrder }: SimulatedBrokerOptions) {
    const database = openSqliteFile(path)
    prepareLedger(database)
    this.#database = database
    this.#clock = clock
    this.#access = new Access({ database, clock, tokenLifetimeMs })
    this.#ledger = new Ledger(database, (order) => onOrder?.(order.account, shown(order)))
    this.#market = market
    this.#book = new AccountBook(this.#ledger, market)
    this.#matching = new Matching({ ledger: this.#ledger, prices: market, clock, onError })
  }

  /** Goes on with orders that an earlier run left waiting. Prices are known from here on. */
  start(): void {
    this.#matching.wake()
  }

  /** Whether an order waits for a price. */
  get hasWork(): boolean {
    return this.#ledger.working().length > 0
  }

  /** What the broker's own page does once a person has agreed. */
  authorize(account: string): string {
    return this.#access.code(account)
  }

  async grant(code: string): Promise<BrokerGrant> {
    return this.#access.grant(code)
  }

  async revoke(token: string): Promise<void> {
    this.#access.revoke(token)
  }

  /**
   * The account that a token stands for.
   *
   * @throws BrokerError `TOKEN_INVALID`
   */
  account(token: string): string {
    return this.#access.account(token)
  }

  async quotes(token: string, instruments: readonly BrokerInstrument[]): Promise<(Quote | undefined)[]> {
    this.#access.account(token)
    const atMs = this.#clock.wallMs()
    return instruments.map((instrument) => this.#market.quote(instrument, atMs))
  }

  async depth(token: string, instrument: BrokerInstrument): Promise<Depth> {
    this.#access.account(token)
    return this.depthNow(instrument)
  }

  quoteNow(instrument: BrokerInstrument): Quote {
    return this.#market.quote(instrument, this.#clock.wallMs())
  }

  depthNow(instrument: BrokerInstrument): Depth {
    return depthOf(instrument, this.quoteNow(instrument))
  }

  async candles(token: string, instrument: BrokerInstrument, query: CandleQuery): Promise<Candle[]> {
    this.#access.account(token)
    return candles(this.#market, instrument, query, this.#clock.wallMs())
  }

  async placeOrder(token: string, ticket: OrderTicket, instrument: BrokerInstrument): Promise<Placement> {
    const account = this.#access.account(token)
    const atMs = this.#clock.wallMs()
    const ltp = this.#market.price(instrument, atMs)
    const reason = rejection({ account, ticket, instrument, ltp, wallMs: atMs }, this.#book)
    const waits = ticket.triggerPrice > 0 ? 'trigger pending' : 'open'
    const status = reason === undefined ? waits : 'rejected'
    const orderId = this.#ledger.add({ account, ticket, instrument, status, reason: reason ?? '', atMs })
    this.#matching.wake()
    return reason === undefined ? { orderId, accepted: true } : { orderId, accepted: false, reason }
  }

  async modifyOrder(token: string, orderId: string, change: OrderChange): Promise<void> {
    const order = this.#ledger.order(this.#access.account(token), orderId)
    if (order === undefined) throw new BrokerError('NO_SUCH_ORDER', `There is no order ${orderId}`)
    if (this.#ledger.modify(order, change, this.#clock.wallMs())) return this.#matching.wake()
    const open = order.status === 'open' || order.status === 'trigger pending'
    const why = open ? `has ${order.filledQuantity} filled already` : `is ${order.status}`
    throw new BrokerError('ORDER_NOT_OPEN', `Order ${orderId} ${why} and can't be changed so`)
  }

  async cancelOrder(token: string, orderId: string): Promise<void> {
    const order = this.#ledger.order(this.#access.account(token), orderId)
    if (order === undefined) throw new BrokerError('NO_SUCH_ORDER', `There is no order ${orderId}`)
    if (this.#ledger.setStatus(orderId, 'cancelled', this.#clock.wallMs())) return
    throw new BrokerError('ORDER_NOT_OPEN', `Order ${orderId} is ${order.status} and can't be cancelled`)
  }

  async orders(token: string): Promise<Order[]> {
    return this.#ledger.orders(this.#access.account(token)).map(shown)
  }

  async order(token: string, orderId: string): Promise<Order | undefined> {
    const order = this.#ledger.order(this.#access.account(token), orderId)
    return order && shown(order)
  }

  async trades(token: string): Promise<Trade[]> {
    return this.#ledger.trades(this.#access.account(token))
  }

  async holdings(token: string): Promise<Holding[]> {
    return this.#book.holdings(this.#access.account(token), this.#clock.wallMs())
  }

  async positions(token: string): Promise<Position[]> {
    return this.#book.positions(this.#access.account(token), this.#clock.wallMs())
  }

  async funds(token: string): Promise<Funds> {
    return this.#book.funds(this.#access.account(token), this.#clock.wallMs())
  }

  async close(): Promise<void> {
    this.#matching.close()
    this.#database.close()
  }
}

function shown({ account: _account, instrument: _instrument, ...order }: BookedOrder): Order {
  return order
}
