import { join } from 'node:path'

import { ManualClock } from '@cache/conformance'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { BrokerInstrument, Quote } from '../src/broker/broker-adapter.ts'
import { openDatabase } from '../src/database/database.ts'
import { AddressGuard } from '../src/limits/address-guard.ts'
import { QuoteBatch } from '../src/quotes/quote-batch.ts'
import { AppSettings } from '../src/settings/app-settings.ts'
import { MovingWindow } from '../src/simulated-broker/moving-window.ts'
import { openMemoryCaches } from './support/memory-caches.ts'
import { temporaryDirectory } from './support/running-server.ts'

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

describe('a ban', () => {
  /** What an instance has, on a database that others may have too. */
  async function guardOn(path: string) {
    const database = await openDatabase({ file: path })
    const caches = await openMemoryCaches()
    const close = (): Promise<unknown> => Promise.all([database.destroy(), caches.close()])
    const settings = new AppSettings(database, caches.define('settings'))
    const clock = new ManualClock({ wallMs: Date.UTC(2026, 0, 1) })
    const parts = { database, caches, bans: caches.define<number>('bans') }
    return { guard: new AddressGuard({ ...parts, settings, clock }), settings, clock, close }
  }

  it('comes with too many wrong keys, survives a restart, and ends in its time or when it is lifted', async () => {
    const path = join(await temporaryDirectory(), 'app.db')
    const [address, other] = ['203.0.113.9', '203.0.113.10']
    const before = await guardOn(path)
    await before.settings.change({ api_key_attempts: 3, ban_minutes: 30 })
    for (let count = 0; count < 3; count++) {
      await before.guard.check(address)
      await before.guard.countWrongKey(address)
      await before.guard.countWrongKey('127.0.0.1')
    }
    await expect(before.guard.check(address)).rejects.toMatchObject({
      status: 403,
      details: { code: 'BANNED' },
    })
    await before.close()

    const after = await guardOn(path)
    onTestFinished(() => void after.close())
    await expect(after.guard.check(address)).rejects.toMatchObject({
      status: 403,
      details: { code: 'BANNED', retryAfterSeconds: 1800 },
    })
    for (const free of [other, '127.0.0.1']) expect(await after.guard.check(free)).toBeUndefined()
    expect(await after.guard.list()).toMatchObject([{ address, reason: 'wrong API keys' }])
    await after.guard.ban(other, 'by hand', 60_000)
    await after.guard.lift(other)
    expect(await after.guard.check(other)).toBeUndefined()
    after.clock.advance(30 * 60_000)
    expect(await after.guard.check(address)).toBeUndefined()
    expect(await after.guard.list()).toEqual([])
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
