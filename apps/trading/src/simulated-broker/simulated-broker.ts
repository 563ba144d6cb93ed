import type { Clock } from '@cache/core'
import type SqliteDatabase from 'better-sqlite3'

import {
  type BrokerAdapter,
  BrokerError,
  type BrokerGrant,
  type BrokerInstrument,
  type BrokerMaster,
  type Funds,
  type Placement,
  type Quote,
} from '../broker/broker-adapter.ts'
import { openSqliteFile } from '../database/sqlite-file.ts'
import type { Order, OrderTicket, Position } from '../orders/order.ts'
import { Access } from './access.ts'
import { AccountBook } from './account-book.ts'
import { type BookedOrder, Ledger } from './ledger.ts'
import { prepareLedger } from './ledger-schema.ts'
import { Matching } from './matching.ts'
import { type PriceAnchor, PriceModel } from './price-model.ts'
import { rejection } from './risk-check.ts'

export interface SimulatedBrokerOptions {
  /** The broker's own database; nobody else opens it. */
  readonly path: string
  readonly clock: Clock
  /** Milliseconds from a moment to the end of a token given then. */
  readonly tokenLifetimeMs: (wallMs: number) => number
  readonly anchor: PriceAnchor
  readonly master: () => BrokerMaster
  readonly onError: (error: unknown) => void
}

/** The path of the page on which people sign in to the broker. */
export const loginPath = '/simulated-broker/login'

/** A broker with an invented market, its own books and its own sign-in. */
export class SimulatedBroker implements BrokerAdapter {
  readonly id = 'simulated'
  readonly name = 'Simulated Broker'
  readonly #database: SqliteDatabase.Database
  readonly #clock: Clock
  readonly #master: () => BrokerMaster
  readonly #access: Access
  readonly #ledger: Ledger
  readonly #prices: PriceModel
  readonly #book: AccountBook
  readonly #matching: Matching

  constructor({ path, clock, tokenLifetimeMs, anchor, master, onError }: SimulatedBrokerOptions) {
    const database = openSqliteFile(path)
    prepareLedger(database)
    this.#database = database
    this.#clock = clock
    this.#master = master
    this.#access = new Access({ database, clock, tokenLifetimeMs })
    this.#ledger = new Ledger(database)
    this.#prices = new PriceModel(anchor)
    this.#book = new AccountBook(this.#ledger, this.#prices)
    this.#matching = new Matching({ ledger: this.#ledger, prices: this.#prices, clock, onError })
    this.#matching.wake()
  }

  loginUrl({ state, callbackUrl }: { readonly state: string; readonly callbackUrl: string }): string {
    return `${loginPath}?${new URLSearchParams({ state, redirect_uri: callbackUrl }).toString()}`
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

  async master(token: string): Promise<BrokerMaster> {
    this.#access.account(token)
    return this.#master()
  }

  async quotes(token: string, instruments: readonly BrokerInstrument[]): Promise<(Quote | undefined)[]> {
    this.#access.account(token)
    const atMs = this.#clock.wallMs()
    return instruments.map((instrument) => this.#prices.quote(instrument, atMs))
  }

  async placeOrder(token: string, ticket: OrderTicket, instrument: BrokerInstrument): Promise<Placement> {
    const account = this.#access.account(token)
    const atMs = this.#clock.wallMs()
    const ltp = this.#prices.price(instrument, atMs)
    const reason = rejection({ account, ticket, instrument, ltp, wallMs: atMs }, this.#book)
    const waits = ticket.triggerPrice > 0 ? 'trigger pending' : 'open'
    const status = reason === undefined ? waits : 'rejected'
    const orderId = this.#ledger.add({ account, ticket, instrument, status, reason: reason ?? '', atMs })
    this.#matching.wake()
    return reason === undefined ? { orderId, accepted: true } : { orderId, accepted: false, reason }
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
