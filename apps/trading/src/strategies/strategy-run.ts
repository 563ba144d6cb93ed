import { z } from 'zod'

import { kolkataDate, kolkataMs } from '../calendar/kolkata.ts'
import { actions, type Order, type OrderTicket, products } from '../orders/order.ts'
import type { StrategyRules } from './strategy.ts'

const ticketSchema = z.object({
  symbol: z.string(),
  exchange: z.string(),
  action: z.enum(actions),
  product: z.enum(products),
  priceType: z.enum(['MARKET', 'LIMIT', 'SL', 'SL-M']),
  quantity: z.number(),
  price: z.number(),
  triggerPrice: z.number(),
  strategy: z.string(),
})

/**
 * What a strategy is doing. Each order is written down under a mark of its own before it is placed, so that whoever
 * goes on after a crash finds out from the broker's book whether it was.
 *
 * - `flat`: holds nothing
 * - `entering`, `exiting`: an order with this mark is, or is about to be, at the broker
 * - `holding`: has a position since a moment, at a price
 */
export const runStateSchema = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('flat'), lastExit: z.string().optional() }),
  z.object({ phase: z.literal('entering'), mark: z.string(), ticket: ticketSchema }),
  z.object({
    phase: z.literal('holding'),
    ticket: ticketSchema,
    quantity: z.number(),
    price: z.number(),
    sinceMs: z.number(),
  }),
  z.object({
    phase: z.literal('exiting'),
    mark: z.string(),
    reason: z.string(),
    ticket: ticketSchema,
    quantity: z.number(),
    price: z.number(),
    sinceMs: z.number(),
  }),
])

export type RunState = z.infer<typeof runStateSchema>
export type Holding = Extract<RunState, { phase: 'holding' }>
/** An order is, or is about to be, at the broker. */
export type Ordering = Extract<RunState, { mark: string }>

export const flat: RunState = { phase: 'flat' }

const dayMs = 86_400_000

/** Why a position is to be ended now; `undefined` while it is held. */
export function exitReason(
  { ticket, price, sinceMs }: Holding,
  rules: StrategyRules,
  ltp: number,
  wallMs: number,
): string | undefined {
  const gain = ((ltp - price) / price) * 100 * (ticket.action === 'BUY' ? 1 : -1)
  if (rules.stopLossPercent !== undefined && gain <= -rules.stopLossPercent) return 'stop loss'
  if (rules.targetPercent !== undefined && gain >= rules.targetPercent) return 'target'
  if (rules.exitAt !== undefined && wallMs >= exitMs(sinceMs, rules.exitAt, rules.exitAfterDays))
    return 'time'
  return undefined
}

/** A position that was entered after that time of day is held until the next. */
function exitMs(sinceMs: number, time: string, days: number): number {
  const endMs = kolkataMs(kolkataDate(sinceMs + days * dayMs), time)
  return endMs > sinceMs ? endMs : endMs + dayMs
}

/** What an order with this mark has come to at the broker; `undefined` when it was never placed. */
export function orderOf(orders: readonly Order[], mark: string): Order | undefined {
  return orders.find(({ strategy }) => strategy === mark)
}

/** The order that ends a position. */
export function exitTicket(
  { ticket, quantity }: Pick<Holding, 'ticket' | 'quantity'>,
  mark: string,
): OrderTicket {
  const action = ticket.action === 'BUY' ? 'SELL' : 'BUY'
  return { ...ticket, action, quantity, strategy: mark, priceType: 'MARKET', price: 0, triggerPrice: 0 }
}

export function isDone({ status }: Order): boolean {
  return status === 'complete' || status === 'rejected' || status === 'cancelled'
}
