import { ManualClock } from '@cache/conformance'
import { beforeEach, describe, expect, it } from 'vitest'

import type { Order, OrderTicket } from '../src/orders/order.ts'
import { RequestFault } from '../src/server/request-fault.ts'
import { flat, type RunState } from '../src/strategies/strategy-run.ts'
import { StrategyRunner, type StrategyRunnerParts } from '../src/strategies/strategy-runner.ts'
import type { Strategy } from '../src/strategies/strategy.ts'
import { marketOrder } from './support/market-order.ts'

const strategy: Strategy = {
  id: 7,
  userId: 1,
  name: 'breakout',
  isActive: true,
  webhookId: 'w',
  createdAtMs: 0,
  symbols: [{ symbol: 'X', exchange: 'NSE', product: 'CNC', quantity: 10 }],
  rules: { stopLossPercent: 2, exitAfterDays: 0 },
}
const buy = marketOrder
const sell: OrderTicket = { ...buy, action: 'SELL' }
const away = new RequestFault(503, 'The broker is away', { code: 'BROKER_AWAY' })
const lock = { token: 1, signal: new AbortController().signal, assertHeld() {}, release: async () => true }

let state: RunState
let book: Order[]
/** What goes wrong at the broker: reading its book, or placing. */
let fault: { readonly at: 'orders' | 'place'; readonly error: Error } | undefined
let errors: unknown[]
let news: string[]
let clock: ManualClock

beforeEach(() => {
  state = flat
  book = []
  fault = undefined
  errors = []
  news = []
  clock = new ManualClock()
})

function failAt(at: 'orders' | 'place'): void {
  if (fault?.at === at) throw fault.error
}

/** A runner of one instance, which always gets its lock, at a broker that fills what it takes at 100. */
function runner(): StrategyRunner {
  const parts = {
    clock,
    strategies: { active: async () => [strategy] },
    runs: { read: async () => state, write: async (_id: number, next: RunState) => void (state = next) },
    locks: { tryAcquire: async () => lock },
    wanted: { get: async () => undefined },
    modes: { of: async () => 'live' },
    connections: { token: async () => 'token' },
    finder: { find: async () => ({}) },
    quotes: { quote: async () => ({ ltp: 100 }) },
    broker: {
      orders: async () => {
        failAt('orders')
        return book
      },
    },
    orders: {
      place: async (_userId: number, ticket: OrderTicket) => {
        failAt('place')
        book.push({
          ...ticket,
          status: 'complete',
          filledQuantity: ticket.quantity,
          averagePrice: 100,
        } as Order)
      },
    },
    onNews: (_userId: number, text: string) => news.push(text),
    onError: (error: unknown) => errors.push(error),
  }
  return new StrategyRunner(parts as unknown as StrategyRunnerParts)
}

async function looks(running: StrategyRunner, count: number): Promise<void> {
  running.start()
  for (let look = 0; look < count; look += 1) {
    clock.advance(1000)
    await new Promise(setImmediate)
  }
  await running.close()
}

describe('a signal to a strategy', () => {
  it.each(['orders', 'place'] as const)(
    'is taken while the broker is away (%s), and done once',
    async (at) => {
      const running = runner()
      fault = { at, error: away }
      expect(await running.signal(strategy, buy)).toBe('entering')
      expect(errors).toEqual([away])
      await expect(running.signal(strategy, buy)).rejects.toMatchObject({
        status: 409,
        details: { code: 'BUSY' },
      })
      fault = undefined
      await looks(running, 3)
      expect(state).toMatchObject({ phase: 'holding', quantity: 10 })
      expect(book).toHaveLength(1)
    },
  )

  it('to end a position is taken while the broker is away, and opens none when it is sent again', async () => {
    state = { phase: 'holding', ticket: buy, quantity: 10, price: 100, sinceMs: 0 }
    const running = runner()
    fault = { at: 'orders', error: away }
    expect(await running.signal(strategy, sell)).toBe('exiting')
    await expect(running.signal(strategy, sell)).rejects.toMatchObject({ status: 409 })
    fault = undefined
    await looks(running, 3)
    expect(state).toMatchObject({ phase: 'flat', lastExit: 'signal at 100' })
    expect(book.map(({ action }) => action)).toEqual(['SELL'])
  })

  it('that the broker refuses is refused, and leaves the strategy flat', async () => {
    const refusal = new RequestFault(400, 'The quantity is above the freeze limit', { code: 'FREEZE' })
    fault = { at: 'place', error: refusal }
    const running = runner()
    expect(await running.signal(strategy, buy)).toBe('entering')
    expect(state).toEqual(flat)
    expect(news).toEqual(['breakout: entering failed. The quantity is above the freeze limit'])
    state = { phase: 'holding', ticket: buy, quantity: 10, price: 100, sinceMs: 0 }
    await expect(running.signal(strategy, sell)).rejects.toBe(refusal)
  })
})
