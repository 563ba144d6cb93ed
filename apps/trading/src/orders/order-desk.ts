import type { Clock } from '@cache/core'

import type { BrokerAccess } from '../broker/broker-access.ts'
import type { BrokerAdapter } from '../broker/broker-adapter.ts'
import type { FreezeQuantities } from '../freeze/freeze-quantities.ts'
import type { InstrumentFinder } from '../instruments/instrument-finder.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { OrderModes } from '../settings/order-modes.ts'
import type { Order, OrderTicket, Position } from './order.ts'
import type { OrderBooks } from './order-books.ts'
import { orderFault } from './order-check.ts'

export interface OrderDeskParts {
  readonly broker: BrokerAdapter
  readonly access: BrokerAccess
  readonly finder: InstrumentFinder
  readonly freezes: FreezeQuantities
  readonly modes: OrderModes
  readonly books: OrderBooks
  readonly clock: Clock
}

/** What became of several orders. */
export interface ManyOrders {
  readonly done: readonly string[]
  readonly failed: readonly { readonly orderId: string; readonly reason: string }[]
}

const cancelledAtOnce = 5

/** Places orders with the broker and tells what became of them. */
export class OrderDesk {
  readonly #parts: OrderDeskParts
  /** User id → orders that were only checked, since the start. */
  readonly #analyzed = new Map<number, number>()

  constructor(parts: OrderDeskParts) {
    this.#parts = parts
  }

  /**
   * Gives the id of the accepted order.
   *
   * @throws RequestFault 404 for an unknown symbol; 400 when the order can't be right, or the broker rejects it.
   */
  async place(userId: number, asked: OrderTicket): Promise<string> {
    const { broker, access, finder, books, modes } = this.#parts
    const token = await access.token(userId)
    const instrument = await finder.require(asked.symbol, asked.exchange)
    const ticket = withoutUnusedPrices(asked)
    await this.#check(ticket)
    if ((await modes.of(userId)) === 'analyze') return this.#analyzedId(userId)
    const placement = await broker.placeOrder(token, ticket, instrument.toJSON())
    await books.changed(userId)
    if (placement.accepted) return placement.orderId
    throw new RequestFault(400, `Order rejected: ${placement.reason}`, {
      code: 'ORDER_REJECTED',
      orderId: placement.orderId,
    })
  }

  /** Changes an order that waits. What it is for can't be changed. */
  async modify(userId: number, orderId: string, asked: OrderTicket): Promise<void> {
    const { broker, access, books, modes } = this.#parts
    const token = await access.token(userId)
    const order = await this.order(userId, orderId)
    const { symbol, exchange, action, product } = asked
    const same = order.symbol === symbol && order.exchange === exchange && order.action === action
    if (!same || order.product !== product) {
      throw new RequestFault(
        400,
        `Order ${orderId} is for ${order.action} ${order.symbol} ${order.product}; cancel it and place another`,
      )
    }
    const ticket = withoutUnusedPrices(asked)
    await this.#check(ticket)
    if ((await modes.of(userId)) === 'analyze') return
    const { priceType, quantity, price, triggerPrice } = ticket
    await broker.modifyOrder(token, orderId, { priceType, quantity, price, triggerPrice })
    await books.changed(userId)
  }

  async cancel(userId: number, orderId: string): Promise<void> {
    const { broker, access, books, modes } = this.#parts
    const token = await access.token(userId)
    if ((await modes.of(userId)) === 'analyze') return
    try {
      await broker.cancelOrder(token, orderId)
    } finally {
      await books.changed(userId)
    }
  }

  async cancelAll(userId: number): Promise<ManyOrders> {
    const { broker, access, books, modes } = this.#parts
    const token = await access.token(userId)
    const waiting = (await broker.orders(token)).filter(isWaiting)
    if ((await modes.of(userId)) === 'analyze')
      return { done: waiting.map(({ orderId }) => orderId), failed: [] }
    const done: string[] = []
    const failed: { orderId: string; reason: string }[] = []
    const next = waiting.values()
    const worker = async (): Promise<void> => {
      for (const { orderId } of next) {
        await broker.cancelOrder(token, orderId).then(
          () => done.push(orderId),
          (error: unknown) =>
            failed.push({ orderId, reason: error instanceof Error ? error.message : String(error) }),
        )
      }
    }
    await Promise.all(Array.from({ length: cancelledAtOnce }, worker))
    await books.changed(userId)
    return { done, failed }
  }

  /** As the broker has it now. */
  async order(userId: number, orderId: string): Promise<Order> {
    const { broker, access } = this.#parts
    const order = await broker.order(await access.token(userId), orderId)
    if (order !== undefined) return order
    throw new RequestFault(404, `Order ${orderId} not found`)
  }

  /** As the broker has them now, for decisions that must not rest on a second ago. */
  async positionsNow(userId: number): Promise<readonly Position[]> {
    const { broker, access } = this.#parts
    return broker.positions(await access.token(userId))
  }

  /** What is held once orders at the market that are under way are filled, as the broker has it now. */
  async heldSoon(userId: number, place: Place): Promise<number> {
    const { broker, access } = this.#parts
    const token = await access.token(userId)
    for (;;) {
      const held = heldOf(await broker.positions(token), place)
      const underWay = waitingOf(await broker.orders(token), place)
      // A fill in between would be in neither or in both.
      if (heldOf(await broker.positions(token), place) === held) return held + underWay
    }
  }

  /** Orders of a user that were checked and not sent, since the start. */
  analyzedBy(userId: number): number {
    return this.#analyzed.get(userId) ?? 0
  }

  async #check(ticket: OrderTicket): Promise<void> {
    const { finder, freezes, clock } = this.#parts
    const instrument = await finder.require(ticket.symbol, ticket.exchange)
    const fault = orderFault(ticket, instrument, clock.wallMs())
    if (fault !== undefined) throw new RequestFault(400, fault)
    const freeze = await freezes.of(instrument)
    if (freeze > 1 && ticket.quantity > freeze) {
      throw new RequestFault(
        400,
        `Quantity ${ticket.quantity} is above the freeze quantity ${freeze}; split the order`,
      )
    }
  }

  #analyzedId(userId: number): string {
    const count = this.analyzedBy(userId) + 1
    this.#analyzed.set(userId, count)
    return `9${this.#parts.clock.wallMs()}${String(count % 1000).padStart(3, '0')}`
  }
}

type Place = Pick<Position, 'symbol' | 'exchange' | 'product'>

function isAt(one: Place, { symbol, exchange, product }: Place): boolean {
  return one.symbol === symbol && one.exchange === exchange && one.product === product
}

/** Units of an instrument and product; 0 when none. */
export function heldOf(positions: readonly Position[], place: Place): number {
  return positions.find((one) => isAt(one, place))?.quantity ?? 0
}

/** Units that orders at the market are still to bring. */
function waitingOf(orders: readonly Order[], place: Place): number {
  const waiting = orders.filter((one) => isWaiting(one) && one.priceType === 'MARKET' && isAt(one, place))
  return waiting.reduce((sum, { action, quantity, filledQuantity }) => {
    return sum + (action === 'BUY' ? 1 : -1) * (quantity - filledQuantity)
  }, 0)
}

function isWaiting({ status }: Order): boolean {
  return status === 'open' || status === 'trigger pending'
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
