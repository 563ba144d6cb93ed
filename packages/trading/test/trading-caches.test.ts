import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCaches, type CacheBackend } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { tradingCaches } from '../src/index.ts'
import { openTrading } from './support.ts'

const owners = { userId: 'user-123', brokerId: 'alpaca', connectionId: 'conn-456' }
const quote = { symbol: 'AAPL', bid: 150.1, ask: 150.15, last: 150.12, timestamp: '2025-11-10T12:00:00Z' }

describe('the domain operations', () => {
  it('keep what they are given, by typed ids', async () => {
    const { trading } = await openTrading()
    await trading.user.profile.set('user-123', { userId: 'user-123', email: 'user@example.com' })
    await trading.auth.session.set('sess-456', { userId: 'user-123' }, { userId: 'user-123' })
    const health = { healthy: true, latencyMs: 50, lastCheck: '2025-11-10T12:00:00Z' }
    await trading.broker.health.set({ brokerId: 'alpaca', connectionId: 'conn-789' }, health)
    const accounts = [{ id: 'vb-1', name: 'Paper', balance: 100_000 }]
    await trading.vb.adapter.set({ userId: 'user-123', connectionId: 'conn-456' }, accounts)
    await trading.vb.balance.set('vb-1', { cash: 95_000, equity: 100_000 }, owners)
    await trading.trading.balance.set('acct-123', { cash: 1, equity: 2, buyingPower: 1 }, owners)
    const order = { orderId: 'ord-456', status: 'filled' }
    await trading.trading.order.set('ord-456', order, { accountId: 'acct-123', ...owners })
    await trading.trading.position.set('acct-123', [{ symbol: 'A', quantity: 1, averagePrice: 2 }], owners)
    await trading.market.quote.set('AAPL', quote)
    await trading.market.bar.set({ symbol: 'AAPL', interval: '1m' }, [])
    await trading.system.metrics.set('instance-1', { orders: 1 })

    expect(await trading.user.profile.get('user-123')).toMatchObject({ email: 'user@example.com' })
    expect(await trading.auth.session.has('sess-456')).toBe(true)
    expect(await trading.broker.health.get({ brokerId: 'alpaca', connectionId: 'conn-789' })).toEqual(health)
    expect(await trading.vb.adapter.get({ userId: 'user-123', connectionId: 'conn-456' })).toEqual(accounts)
    expect(await trading.vb.balance.get('vb-1')).toEqual({ cash: 95_000, equity: 100_000 })
    expect(await trading.trading.order.getMany(['ord-456', 'none'])).toEqual([order, undefined])
    expect(await trading.trading.position.get('acct-123')).toHaveLength(1)
    expect(await trading.market.quote.get('AAPL')).toEqual(quote)
    expect(await trading.market.bar.get({ symbol: 'AAPL', interval: '1m' })).toEqual([])
    expect(await trading.system.metrics.get('instance-1')).toEqual({ orders: 1 })
    expect(await trading.auth.session.delete('sess-456')).toBe(true)
    expect(await trading.auth.session.get('sess-456')).toBeUndefined()
  })

  it('load once what is missing', async () => {
    const { trading } = await openTrading()
    const load = vi.fn<() => typeof quote>(() => quote)
    const asked = [1, 2, 3].map(() => trading.market.quote.getOrLoad('AAPL', load))
    expect(await Promise.all(asked)).toEqual([quote, quote, quote])
    expect(load).toHaveBeenCalledOnce()
  })

  it('keep each type as long as the catalogue says, and a token as long as its broker does', async () => {
    const { trading, clock } = await openTrading({ ttls: { oauth: { slow: { access_token: '3h' } } } })
    await trading.market.quote.set('AAPL', quote)
    const own = { userId: 'u', kind: 'access_token' }
    await trading.auth.token.set({ ...own, brokerId: 'slow' }, { value: 'a' })
    await trading.auth.token.set({ ...own, brokerId: 'alpaca' }, { value: 'b' })
    await trading.trading.balance.set('a', { cash: 1, equity: 1 }, { ...owners, ttl: '10h' })
    clock.advance(4999)
    expect(await trading.market.quote.has('AAPL')).toBe(true)
    clock.advance(1)
    expect(await trading.market.quote.has('AAPL')).toBe(false)
    clock.advance(3_600_000)
    expect(await trading.auth.token.has({ ...own, brokerId: 'alpaca' })).toBe(false)
    expect(await trading.auth.token.has({ ...own, brokerId: 'slow' })).toBe(true)
    expect(await trading.trading.balance.getWithMeta('a')).toMatchObject({ value: { cash: 1 } })
  })

  it('write keys of the grammar {prefix}:{domain}:{type}:{identifiers}', async () => {
    const keys = await storedKeys(async (trading) => {
      await trading.vb.adapter.set({ userId: 'user-123', connectionId: 'conn-456' }, [])
      await trading.broker.health.set(
        { brokerId: 'alpaca', connectionId: 'a:b' },
        { healthy: true, latencyMs: 1, lastCheck: '' },
      )
    })
    expect(keys).toEqual(['broker:health:alpaca:a%3Ab', 'vb:adapter:u:user-123:c:conn-456'])
  })
})

/** `{domain}:{type}:{identifiers}` of what was written, as the store has them. */
async function storedKeys(
  write: (trading: Awaited<ReturnType<typeof openTrading>>['trading']) => Promise<void>,
): Promise<string[]> {
  const backend: CacheBackend = memory()
  const { trading } = await openTrading({}, { backend })
  await write(trading)
  const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
  const names = await backend.cacheNames()
  const pages = names.map(async (cache) => {
    const store = backend.store({ cache, version: 1, ...limits, onEvict: () => undefined })
    const { keys } = await store.scan({ limit: 100 })
    return keys.map((key) => `${cache}:${key}`)
  })
  return (await Promise.all(pages)).flat().sort()
}

describe('tradingCaches', () => {
  it('refuses options that there are none of', async () => {
    for (const options of [
      { ttl: {} },
      { clearOn: { disconnect: true } },
      { caches: { 'market:quotes': {} } },
      { ttls: { caches: { 'market:quotes': '1s' } } },
    ]) {
      await expect(openTrading(options as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    }
  })

  it('wants secrets sealed unless it is told otherwise', async () => {
    const caches = await createCaches({ backend: memory() })
    onTestFinished(() => caches.close())
    expect(() => tradingCaches(caches)).toThrow("The cache 'auth:session' is sensitive")
  })

  it('passes options on to single caches', async () => {
    const { trading } = await openTrading({ caches: { 'market:quote': { maxEntries: 1 } } })
    await trading.market.quote.set('A', quote)
    await trading.market.quote.set('B', quote)
    expect(await trading.market.quote.cache.size()).toBe(1)
  })

  it('keeps everything over a restart on SQLite', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'trading-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    for (const expected of [undefined, { cash: 1, equity: 2 }]) {
      const caches = await createCaches({ backend: sqlite({ directory }) })
      const { trading } = tradingCaches(caches, { encryptSecrets: false })
      expect(await trading.balance.get('acct-1')).toEqual(expected)
      await trading.balance.set('acct-1', { cash: 1, equity: 2 }, owners)
      await caches.close()
    }
  })
})
