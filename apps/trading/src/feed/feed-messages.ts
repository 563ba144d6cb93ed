import { z } from 'zod'

import type { Tick } from '../broker/broker-adapter.ts'
import type { Order } from '../orders/order.ts'
import { orderForm } from '../api-v1/openalgo-forms.ts'

/** The messages of the feed, in OpenAlgo's form. */

export const modes = { LTP: 1, QUOTE: 2, DEPTH: 3 } as const

export type Mode = (typeof modes)[keyof typeof modes]

export const modeSchema = z
  .union([z.number(), z.string()])
  .default(modes.LTP)
  .transform((mode) => (typeof mode === 'string' ? modes[mode.toUpperCase() as keyof typeof modes] : mode))
  .pipe(z.union([z.literal(1), z.literal(2), z.literal(3)]))

/** When a subscription ends an entry may say in which mode. */
const symbol = z.object({
  symbol: z.string().min(1).max(64),
  exchange: z.string().min(1).max(32),
  mode: z.unknown().optional(),
})

/** One symbol, or a list of them. `instruments` is what OpenAlgo's documentation calls it. */
export const symbolsSchema = z
  .object({
    symbols: z.array(symbol).max(3000).optional(),
    instruments: z.array(symbol).max(3000).optional(),
    symbol: z.string().max(64).optional(),
    exchange: z.string().max(32).optional(),
  })
  .transform(({ symbols, instruments, symbol: name, exchange }) => {
    const listed = symbols ?? instruments
    return listed ?? (name !== undefined && exchange !== undefined ? [{ symbol: name, exchange }] : [])
  })

export const keySchema = z.object({
  api_key: z.string().max(256).optional(),
  apikey: z.string().max(256).optional(),
  /** Of the page, which has no key. */
  ticket: z.string().max(1024).optional(),
})

/**
 * Why a message was refused.
 *
 * - `NOT_AUTHENTICATED`: nothing before the key
 * - `AUTHENTICATION_ERROR`: the key is wrong
 * - `INVALID_JSON`, `INVALID_ACTION`, `INVALID_MODE`, `INVALID_PARAMETERS`: the message can't be right
 * - `SYMBOL_NOT_FOUND`, `SYMBOL_LIMIT`: not subscribed
 * - `BROKER_ERROR`: the broker is not connected, or gives no prices
 */
export type FeedErrorCode =
  | 'NOT_AUTHENTICATED'
  | 'AUTHENTICATION_ERROR'
  | 'INVALID_JSON'
  | 'INVALID_ACTION'
  | 'INVALID_MODE'
  | 'INVALID_PARAMETERS'
  | 'SYMBOL_NOT_FOUND'
  | 'SYMBOL_LIMIT'
  | 'BROKER_ERROR'

export function errorMessage(code: FeedErrorCode, message: string, requestId?: unknown) {
  return { type: 'error', status: 'error', code, message, ...withId(requestId) }
}

/** What a request carried, to be found in its answer. */
export function withId(requestId: unknown): { readonly request_id?: unknown } {
  const isGiven = typeof requestId === 'string' || typeof requestId === 'number'
  return isGiven ? { request_id: requestId } : {}
}

const frames = new WeakMap<Tick, Map<Mode, Buffer>>()

/** A tick as it goes to every client that has it in this mode: made once. */
export function tickFrame(tick: Tick, mode: Mode, broker: string): Buffer {
  let byMode = frames.get(tick)
  if (byMode === undefined) frames.set(tick, (byMode = new Map<Mode, Buffer>()))
  let frame = byMode.get(mode)
  if (frame === undefined) {
    const { symbol: name, exchange } = tick
    const text = JSON.stringify({
      type: 'market_data',
      symbol: name,
      exchange,
      mode,
      broker,
      data: tickData(tick, mode),
    })
    byMode.set(mode, (frame = Buffer.from(text)))
  }
  return frame
}

function tickData(tick: Tick, mode: Mode) {
  const { ltp, open, high, low, prevClose, bid, ask, volume, oi, atMs, depth } = tick
  if (mode === modes.LTP) return { ltp, ltt: atMs, timestamp: atMs }
  const { bidQuantity, askQuantity } = tick
  const change = ltp - prevClose
  const quote = {
    ltp,
    open,
    high,
    low,
    close: prevClose,
    prev_close: prevClose,
    change: Number(change.toFixed(4)),
    change_percent: prevClose === 0 ? 0 : Number(((change / prevClose) * 100).toFixed(4)),
    bid,
    ask,
    bid_qty: bidQuantity,
    ask_qty: askQuantity,
    volume,
    oi,
    ltt: atMs,
    timestamp: atMs,
  }
  if (mode === modes.QUOTE || depth === undefined) return quote
  return {
    ...quote,
    ltq: depth.ltq,
    total_buy_quantity: depth.totalBuyQuantity,
    total_sell_quantity: depth.totalSellQuantity,
    depth: { buy: depth.bids, sell: depth.asks },
  }
}

export function orderMessage(order: Order, broker: string) {
  const { quantity, filledQuantity, averagePrice, reason } = order
  return {
    type: 'order_update',
    broker,
    ...orderForm(order),
    filled_quantity: filledQuantity,
    pending_quantity: quantity - filledQuantity,
    average_price: Number(averagePrice.toFixed(2)),
    rejection_reason: reason,
  }
}
