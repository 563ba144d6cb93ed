import type { Clock } from '@cache/core'

import type { BrokerAccess } from '../broker/broker-access.ts'
import type { BrokerAdapter, Funds } from '../broker/broker-adapter.ts'
import type { InstrumentFinder } from '../instruments/instrument-finder.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { Order, OrderTicket, Position } from './order.ts'
import { orderFault } from './order-check.ts'

export interface OrderDeskParts {
  readonly broker: BrokerAdapter
  readonly access: BrokerAccess
  readonly finder: InstrumentFinder
  readonly clock: Clock
}

/** Places orders with the broker and tells what became of them. */
export class OrderDesk {
  readonly #parts: OrderDeskParts

  constructor(parts: OrderDeskParts) {
    this.#parts = parts
  }

  /**
   * Gives the id of the accepted order.
   *
   * @throws RequestFault 404 for an unknown symbol; 400 when the order can't be right, or the broker rejects it.
   */
  async place(userId: number, asked: OrderTicket): Promise<string> {
    const { broker, access, finder, clock } = this.#parts
    const token = await access.token(userId)
    const instrument = await finder.require(asked.symbol, asked.exchange)
    const ticket = withoutUnusedPrices(asked)
    const fault = orderFault(ticket, instrument, clock.wallMs())
    if (fault !== undefined) throw new RequestFault(400, fault)
    const placement = await broker.placeOrder(token, ticket, instrument.toJSON())
    if (placement.accepted) return placement.orderId
    throw new RequestFault(400, `Order rejected: ${placement.reason}`, {
      code: 'ORDER_REJECTED',
      orderId: placement.orderId,
    })
  }

  async cancel(userId: number, orderId: string): Promise<void> {
    const { broker, access } = this.#parts
    await broker.cancelOrder(await access.token(userId), orderId)
  }

  /** Newest first. */
  async orders(userId: number): Promise<Order[]> {
    const { broker, access } = this.#parts
    return broker.orders(await access.token(userId))
  }

  async order(userId: number, orderId: string): Promise<Order> {
    const { broker, access } = this.#parts
    const order = await broker.order(await access.token(userId), orderId)
    if (order !== undefined) return order
    throw new RequestFault(404, `Order ${orderId} not found`)
  }

  async positions(userId: number): Promise<Position[]> {
    const { broker, access } = this.#parts
    return broker.positions(await access.token(userId))
  }

  async funds(userId: number): Promise<Funds> {
    const { broker, access } = this.#parts
    return broker.funds(await access.token(userId))
  }
}

/** A price on an order that has none would otherwise limit it. */
function withoutUnusedPrices(ticket: OrderTicket): OrderTicket {
  const { priceType } = ticket
  return {
    ...ticket,
    price: priceType === 'LIMIT' || priceType === 'SL' ? ticket.price : 0,
    triggerPrice: priceType === 'SL' || priceType === 'SL-M' ? ticket.triggerPrice : 0,
  }
}
