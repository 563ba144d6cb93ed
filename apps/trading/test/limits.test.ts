import { ManualClock } from '@cache/conformance'
import { describe, expect, it } from 'vitest'

import type { BrokerInstrument, Quote } from '../src/broker/broker-adapter.ts'
import { MovingWindow } from '../src/simulated-broker/moving-window.ts'
import { QuoteBatch } from '../src/quotes/quote-batch.ts'

describe('a moving window', () => {
  it('lets so many through at any time, and no more', () => {
    const clock = new ManualClock({ wallMs: 0 })
    const window = new MovingWindow({ count: 3, windowMs: 1000 }, clock)
    const taken: number[] = []
    for (let atMs = 0; atMs < 10_000; atMs += 100) {
      if (window.take('k')) taken.push(atMs)
      clock.advance(100)
    }
    for (const atMs of taken) {
      expect(taken.filter((other) => other >= atMs && other < atMs + 1000).length).toBeLessThanOrEqual(3)
    }
    expect(taken).toHaveLength(30)
  })

  it('counts each key for itself, and forgets the idle ones', () => {
    const window = new MovingWindow({ count: 1, windowMs: 1000 }, new ManualClock({ wallMs: 0 }))
    expect([window.take('a'), window.take('a'), window.take('b')]).toEqual([true, false, true])
    for (let index = 0; index < 10_001; index++) window.take(`other/${index}`)
    expect(window.take('a')).toBe(true)
  })
})

describe('a batch of quotes', () => {
  it('asks the broker once for what is wanted at the same time', async () => {
    const asked: string[][] = []
    const batch = new QuoteBatch(async (userId, instruments) => {
      asked.push(instruments.map(({ symbol }) => `${userId}/${symbol}`))
      return instruments.map(({ symbol }) => ({ symbol }) as Quote)
    })
    const load = (userId: number, symbol: string): Promise<Quote | undefined> =>
      batch.load(userId, { symbol } as BrokerInstrument)
    const quotes = await Promise.all([load(1, 'A'), load(1, 'B'), load(2, 'A')])
    expect(quotes.map((quote) => quote?.symbol)).toEqual(['A', 'B', 'A'])
    expect(asked).toEqual([['1/A', '1/B'], ['2/A']])
  })

  it('tells everybody when that fails', async () => {
    const batch = new QuoteBatch(() => Promise.reject(new Error('away')))
    const both = [batch.load(1, {} as BrokerInstrument), batch.load(1, {} as BrokerInstrument)]
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
