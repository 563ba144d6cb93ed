import type { Clock, Timer } from '@cache/core'

import type { BookedOrder, Ledger } from './ledger.ts'
import type { Market } from './market.ts'

const stepMs = 200
const latencyMs = 150
/** Of a large order, this many lots (or ten times as many single units) trade in one step. */
const lotsPerStep = 25

export interface MatchingParts {
  readonly ledger: Ledger
  readonly prices: Market
  readonly clock: Clock
  /** Told when an order could not be worked on. */
  readonly onError: (error: unknown) => void
}

/** Fills orders as prices reach them. Runs only while some order waits. */
export class Matching {
  readonly #parts: MatchingParts
  #timer: Timer | undefined
  #closed = false

  constructor(parts: MatchingParts) {
    this.#parts = parts
  }

  /** Looks at the waiting orders soon; to be called after a start and after each new order. */
  wake(): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = this.#parts.clock.setTimer(stepMs, () => this.#step())
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  #step(): void {
    this.#timer = undefined
    try {
      const waiting = this.#parts.ledger.working()
      for (const order of waiting) this.#work(order)
      if (waiting.length > 0) this.wake()
    } catch (error) {
      this.#parts.onError(error)
      this.wake()
    }
  }

  #work(order: BookedOrder): void {
    const { ledger, prices, clock } = this.#parts
    const atMs = clock.wallMs()
    if (atMs - order.placedAtMs < latencyMs) return
    const { ltp, bid, ask } = prices.quote(order.instrument, atMs)
    if (order.status === 'trigger pending') {
      if (triggered(order, ltp)) ledger.setStatus(order.orderId, 'open', atMs)
      return
    }
    const price = order.action === 'BUY' ? ask : bid
    if (!reached(order, price)) return
    ledger.fill(order, { quantity: portion(order), price, atMs })
  }
}

function triggered({ action, triggerPrice }: BookedOrder, ltp: number): boolean {
  return action === 'BUY' ? ltp >= triggerPrice : ltp <= triggerPrice
}

function reached({ priceType, action, price: limit }: BookedOrder, price: number): boolean {
  if (priceType === 'MARKET' || priceType === 'SL-M') return true
  return action === 'BUY' ? price <= limit : price >= limit
}

function portion({ quantity, filledQuantity, instrument }: BookedOrder): number {
  const lot = instrument.lotSize > 1 ? instrument.lotSize : 10
  return Math.min(quantity - filledQuantity, lotsPerStep * lot)
}
