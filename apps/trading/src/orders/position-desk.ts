import { RequestFault } from '../server/request-fault.ts'
import type { OrderTicket, Position } from './order.ts'
import type { OrderDesk } from './order-desk.ts'

/** What a smart order came to. */
export type SmartOutcome = { readonly orderId: string } | { readonly message: string }

/** Runs tasks of one key one after the other. */
export type InTurn = <T>(key: string, task: () => Promise<T>) => Promise<T>

/** Orders that depend on what is held: each reads the position and trades the difference, one at a time for an account. */
export class PositionDesk {
  readonly #orders: OrderDesk
  readonly #inTurn: InTurn

  constructor(orders: OrderDesk, inTurn: InTurn) {
    this.#orders = orders
    this.#inTurn = inTurn
  }

  /** Brings a position to a size: below 0 is short. Without a size to come to, trades as the ticket says. */
  smart(userId: number, ticket: OrderTicket, positionSize: number): Promise<SmartOutcome> {
    return this.#inTurn(`positions/${userId}`, async () => {
      const held = await this.#orders.heldSoon(userId, ticket)
      const step = smartStep(ticket, positionSize, held)
      if ('message' in step) return step
      const orderId = await this.#orders.place(userId, { ...ticket, ...step })
      return { orderId }
    })
  }

  /** Closes every position, or those of one place; the ids of the orders. */
  closeAll(userId: number, strategy: string, only?: Partly<Place>): Promise<readonly string[]> {
    return this.#inTurn(`positions/${userId}`, async () => {
      const open = (await this.#orders.positionsNow(userId)).filter(
        (one) => one.quantity !== 0 && isIn(one, only),
      )
      const orderIds: string[] = []
      const faults: string[] = []
      for (const position of open) {
        await this.#orders.place(userId, closing(position, strategy)).then(
          (orderId) => orderIds.push(orderId),
          (error: unknown) =>
            faults.push(`${position.symbol}: ${error instanceof Error ? error.message : String(error)}`),
        )
      }
      if (faults.length > 0)
        throw new RequestFault(400, `Not all positions were closed. ${faults.join('; ')}`)
      return orderIds
    })
  }
}

type Place = Pick<Position, 'symbol' | 'exchange' | 'product'>
type Partly<T> = { readonly [Name in keyof T]?: T[Name] | undefined }

function isIn(position: Position, { symbol, exchange, product }: Partly<Place> = {}): boolean {
  return (
    (symbol === undefined || position.symbol === symbol) &&
    (exchange === undefined || position.exchange === exchange) &&
    (product === undefined || position.product === product)
  )
}

/** What to trade so that `held` becomes `wanted`, in OpenAlgo's rules. */
export function smartStep(
  { action, quantity }: Pick<OrderTicket, 'action' | 'quantity'>,
  wanted: number,
  held: number,
): Pick<OrderTicket, 'action' | 'quantity'> | { readonly message: string } {
  if (wanted === 0 && held === 0) {
    if (quantity > 0) return { action, quantity }
    return { message: 'No OpenPosition Found. Not placing Exit order.' }
  }
  if (wanted === held) return { message: 'Positions Already Matched. No Action needed.' }
  return { action: wanted > held ? 'BUY' : 'SELL', quantity: Math.abs(wanted - held) }
}

function closing({ symbol, exchange, product, quantity }: Position, strategy: string): OrderTicket {
  return {
    symbol,
    exchange,
    product,
    strategy,
    action: quantity > 0 ? 'SELL' : 'BUY',
    quantity: Math.abs(quantity),
    priceType: 'MARKET',
    price: 0,
    triggerPrice: 0,
  }
}
