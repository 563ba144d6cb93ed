import type SqliteDatabase from 'better-sqlite3'

import type { BrokerInstrument, OrderChange, Trade } from '../broker/broker-adapter.ts'
import { kolkataDate } from '../calendar/kolkata.ts'
import type { Order, OrderStatus, OrderTicket, Product } from '../orders/order.ts'
import { afterFill, type Holding } from './holding.ts'

/** An order as the broker keeps it. */
export interface BookedOrder extends Order {
  readonly account: string
  readonly instrument: BrokerInstrument
}

/** A position as the broker keeps it; what it is worth depends on the price. */
export interface BookedPosition extends Holding {
  readonly product: Product
  readonly instrument: BrokerInstrument
}

interface OrderRow {
  readonly order_id: string
  readonly account: string
  readonly ticket: string
  readonly instrument: string
  readonly status: OrderStatus
  readonly filled_quantity: number
  readonly average_price: number
  readonly reason: string
  readonly placed_at_ms: number
  readonly updated_at_ms: number
}

interface TradeRow {
  readonly id: number
  readonly order_id: string
  readonly ticket: string
  readonly quantity: number
  readonly price: number
  readonly at_ms: number
}

interface PositionRow {
  readonly product: Product
  readonly instrument: string
  readonly quantity: number
  readonly average_price: number
  readonly realised: number
}

export interface NewOrder {
  readonly account: string
  readonly ticket: OrderTicket
  readonly instrument: BrokerInstrument
  readonly status: OrderStatus
  readonly reason: string
  readonly atMs: number
}

const sequenceDigits = 9

/** The broker's books: orders, trades and positions of every account. */
export class Ledger {
  readonly #database: SqliteDatabase.Database
  readonly #onChange: (order: BookedOrder) => void

  /** `onChange` is told of each order that is new or has changed. */
  constructor(database: SqliteDatabase.Database, onChange: (order: BookedOrder) => void = () => undefined) {
    this.#database = database
    this.#onChange = onChange
  }

  /** Books an order and gives its id: the day and a count, as brokers do. */
  add({ account, ticket, instrument, status, reason, atMs }: NewOrder): string {
    const added = this.#database.transaction(() => {
      const { lastInsertRowid } = this.#database
        .prepare(
          `insert into orders (account, ticket, instrument, status, filled_quantity, average_price, reason,
             placed_at_ms, updated_at_ms) values (?, ?, ?, ?, 0, 0, ?, ?, ?)`,
        )
        .run(account, JSON.stringify(ticket), JSON.stringify(instrument), status, reason, atMs, atMs)
      const orderId = dayOf(atMs) + String(lastInsertRowid).padStart(sequenceDigits, '0')
      this.#database
        .prepare(`update orders set order_id = ? where sequence = ?`)
        .run(orderId, lastInsertRowid)
      return orderId
    })()
    this.#tell(added)
    return added
  }

  /** Newest first. */
  orders(account: string): BookedOrder[] {
    return this.#orders(`where account = ? order by sequence desc limit 1000`, account)
  }

  order(account: string, orderId: string): BookedOrder | undefined {
    return this.#orders(`where account = ? and order_id = ?`, account, orderId)[0]
  }

  /** Orders that wait for a price, oldest first; of one account or of all. */
  working(account?: string): BookedOrder[] {
    const open = `where status in ('open', 'trigger pending')`
    return account === undefined
      ? this.#orders(`${open} order by sequence`)
      : this.#orders(`${open} and account = ? order by sequence`, account)
  }

  /** `false` when the order is done already. */
  setStatus(orderId: string, status: OrderStatus, atMs: number): boolean {
    const { changes } = this.#database
      .prepare(
        `update orders set status = ?, updated_at_ms = ?
         where order_id = ? and status in ('open', 'trigger pending')`,
      )
      .run(status, atMs, orderId)
    if (changes === 1) this.#tell(orderId)
    return changes === 1
  }

  /** `false` when the order is done already, or as much is filled as it is to be. */
  modify(order: BookedOrder, change: OrderChange, atMs: number): boolean {
    const { strategy, symbol, exchange, action, product } = order
    const ticket: OrderTicket = { strategy, symbol, exchange, action, product, ...change }
    const status = change.triggerPrice > 0 ? 'trigger pending' : 'open'
    const { changes } = this.#database
      .prepare(
        `update orders set ticket = ?, status = ?, updated_at_ms = ?
         where order_id = ? and status in ('open', 'trigger pending') and filled_quantity < ?`,
      )
      .run(JSON.stringify(ticket), status, atMs, order.orderId, change.quantity)
    if (changes === 1) this.#tell(order.orderId)
    return changes === 1
  }

  /** Newest first. */
  trades(account: string): Trade[] {
    const rows = this.#database
      .prepare<[string], TradeRow>(
        `select t.id, t.order_id, o.ticket, t.quantity, t.price, t.at_ms from trades t
         join orders o on o.order_id = t.order_id where o.account = ? order by t.id desc limit 1000`,
      )
      .all(account)
    return rows.map(tradeOf)
  }

  /** Shares bought for keeps before a moment, by symbol and exchange. */
  settled(account: string, beforeMs: number): Map<string, number> {
    const rows = this.#database
      .prepare<[string, number], { readonly place: string; readonly quantity: number }>(
        `select o.ticket ->> 'exchange' || ':' || (o.ticket ->> 'symbol') as place,
           sum(case o.ticket ->> 'action' when 'BUY' then t.quantity else -t.quantity end) as quantity
         from trades t join orders o on o.order_id = t.order_id
         where o.account = ? and t.at_ms < ? and o.ticket ->> 'product' = 'CNC' group by 1`,
      )
      .all(account, beforeMs)
    return new Map(rows.map(({ place, quantity }) => [place, quantity]))
  }

  /** Books a trade, all of it or nothing: the order, the trade and the position. */
  fill(
    order: BookedOrder,
    fill: { readonly quantity: number; readonly price: number; readonly atMs: number },
  ): void {
    const booked = this.#database.transaction(() => {
      const filled = order.filledQuantity + fill.quantity
      const average = (order.averagePrice * order.filledQuantity + fill.price * fill.quantity) / filled
      const { changes } = this.#database
        .prepare(
          `update orders set filled_quantity = ?, average_price = ?, status = ?, updated_at_ms = ?
           where order_id = ? and filled_quantity = ? and status in ('open', 'trigger pending')`,
        )
        .run(
          filled,
          average,
          filled === order.quantity ? 'complete' : 'open',
          fill.atMs,
          order.orderId,
          order.filledQuantity,
        )
      if (changes === 0) return false
      this.#database
        .prepare(`insert into trades (order_id, quantity, price, at_ms) values (?, ?, ?, ?)`)
        .run(order.orderId, fill.quantity, fill.price, fill.atMs)
      const signed = order.action === 'BUY' ? fill.quantity : -fill.quantity
      this.#setPosition(order, afterFill(this.#holding(order), signed, fill.price))
      return true
    })()
    if (booked) this.#tell(order.orderId)
  }

  positions(account: string): BookedPosition[] {
    const rows = this.#database
      .prepare<[string], PositionRow>(
        `select product, instrument, quantity, average_price, realised from positions where account = ?
         order by quantity = 0, exchange, symbol`,
      )
      .all(account)
    return rows.map(({ product, instrument, quantity, average_price: averagePrice, realised }) => {
      return {
        product,
        quantity,
        averagePrice,
        realised,
        instrument: JSON.parse(instrument) as BrokerInstrument,
      }
    })
  }

  #tell(orderId: string): void {
    const [order] = this.#orders(`where order_id = ?`, orderId)
    if (order !== undefined) this.#onChange(order)
  }

  #orders(where: string, ...parameters: string[]): BookedOrder[] {
    const rows = this.#database
      .prepare<string[], OrderRow>(`select * from orders ${where}`)
      .all(...parameters)
    return rows.map(bookedOrder)
  }

  #holding({ account, exchange, symbol, product }: BookedOrder): Holding {
    const row = this.#database
      .prepare<string[], PositionRow>(
        `select * from positions where account = ? and exchange = ? and symbol = ? and product = ?`,
      )
      .get(account, exchange, symbol, product)
    if (row === undefined) return { quantity: 0, averagePrice: 0, realised: 0 }
    return { quantity: row.quantity, averagePrice: row.average_price, realised: row.realised }
  }

  #setPosition(order: BookedOrder, { quantity, averagePrice, realised }: Holding): void {
    const { account, exchange, symbol, product, instrument } = order
    this.#database
      .prepare(
        `insert into positions (account, exchange, symbol, product, instrument, quantity, average_price, realised)
         values (?, ?, ?, ?, ?, ?, ?, ?)
         on conflict do update set quantity = excluded.quantity, average_price = excluded.average_price,
           realised = excluded.realised`,
      )
      .run(account, exchange, symbol, product, JSON.stringify(instrument), quantity, averagePrice, realised)
  }
}

function bookedOrder(row: OrderRow): BookedOrder {
  return {
    ...(JSON.parse(row.ticket) as OrderTicket),
    account: row.account,
    instrument: JSON.parse(row.instrument) as BrokerInstrument,
    orderId: row.order_id,
    status: row.status,
    filledQuantity: row.filled_quantity,
    averagePrice: row.average_price,
    reason: row.reason,
    placedAtMs: row.placed_at_ms,
    updatedAtMs: row.updated_at_ms,
  }
}

function tradeOf({ id, order_id: orderId, ticket, quantity, price, at_ms: atMs }: TradeRow): Trade {
  const { symbol, exchange, product, action } = JSON.parse(ticket) as OrderTicket
  return { tradeId: String(id), orderId, symbol, exchange, product, action, quantity, price, atMs }
}

/** `YYMMDD` in Asia/Kolkata. */
function dayOf(wallMs: number): string {
  return kolkataDate(wallMs).slice(2).replaceAll('-', '')
}
