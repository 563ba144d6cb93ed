import { describe, expect, it, vi } from 'vitest'
import {
  during,
  faultyBackend,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import {
  createCaches,
  onCacheEvent,
  type Cache,
  type CacheBackend,
  type CacheEvents,
} from '../../src/index.ts'
import { openCaches, openCachesInTime, settle } from '../support/open-caches.ts'

describe('createCaches', () => {
  it.each([
    ['no backend', {}, 'backend'],
    ['a misspelt option', { backend: memory(), ttl: 5 }, `no option 'ttl'`],
    ['a bad prefix', { backend: memory(), prefix: 'a:b' }, 'prefix'],
    ['a bad share', { backend: memory(), resilience: { failureShare: 0 } }, 'resilience.failureShare'],
    ['a bad batch', { backend: memory(), upkeep: { batchSize: 0 } }, 'upkeep.batchSize'],
  ])('refuses %s, naming it', async (_name, options, message) => {
    await expect(createCaches(options as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message) as string,
    })
  })

  it('closes what it had started when the start fails', async () => {
    const backend = memory()
    const close = vi.spyOn(backend, 'close')
    vi.spyOn(backend, 'start').mockRejectedValue(new RangeError('no'))
    await expect(createCaches({ backend })).rejects.toThrow('no')
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('close', () => {
  it('ends loads under way, and everything after it rejects', async () => {
    let cache: Cache<number> | undefined
    let load: Promise<unknown> | undefined
    {
      await using caches = await createCaches({ backend: memory() })
      cache = caches.define<number>('values')
      await cache.set('k', 1)
      load = cache.getOrLoad('slow', () => new Promise(() => undefined)).catch((error: unknown) => error)
      await settle()
    }
    expect(await load).toMatchObject({ code: 'CLOSED' })
    for (const call of [
      () => cache.get('other'),
      () => cache.set('k', 2),
      () => cache.delete('k'),
      () => cache.getOrLoad('x', () => 1),
      () => cache.increment('n'),
      () => cache.size(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'CLOSED' })
    }
  })

  it('ends calls that wait for a backend without an answer, and their timers with them', async () => {
    const hanging = faultyBackend(
      referenceBackend(),
      during(() => true, { kind: 'hang' }),
    )
    const backend = { ...hanging, capabilities: { ...hanging.capabilities, blocking: false } }
    const clock = new ManualClock()
    const caches = await createCaches({ backend, environment: { clock } })
    const cache = caches.define<number>('values')
    const calls = Promise.allSettled([cache.get('a'), cache.getOrLoad('b', () => 1), cache.delete('c')])
    await settle()
    await caches.close()
    expect(clock.pendingTimers).toBe(0)
    expect(await calls).toMatchObject(Array.from({ length: 3 }, () => ({ reason: { code: 'CLOSED' } })))
  })

  it('may be called twice, leaves no timer, and defines nothing any more', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values')
    await cache.getOrLoad('k', () => 1)
    await Promise.all([caches.close(), caches.close()])
    expect(clock.pendingTimers).toBe(0)
    expect(() => caches.define('late')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    await expect(caches.invalidateTags(['t'])).rejects.toMatchObject({ code: 'CLOSED' })
    expect((await caches.health()).healthy).toBe(false)
  })
})

describe('upkeep', () => {
  it('removes expired entries at intervals and when asked', async () => {
    const clock = new ManualClock()
    const caches = await openCaches({ environment: { clock }, upkeep: { interval: '1m', batchSize: 10 } })
    const cache = caches.define<number>('values', { ttl: '30s' })
    await cache.setMany(Array.from({ length: 35 }, (_, index) => [`k${index}`, index]))
    expect(await cache.size()).toBe(35)
    await clock.advanceAsync(63_000)
    await settle()
    await clock.advanceAsync(1)
    await settle()
    expect(await cache.size()).toBe(0)
    expect(cache.stats().evictions.expired).toBe(35)
    await cache.set('k', 1)
    clock.advance(30_000)
    expect(await caches.purge()).toBe(1)
  })

  it('removes what an earlier run left, and not before the application has started', async () => {
    const clock = new ManualClock()
    const storage = referenceStorage()
    const backend = (): CacheBackend => referenceBackend({ storage })
    const before = await openCaches({ backend: backend(), environment: { clock } })
    await before.define<number>('values', { ttl: '30s' }).set('k', 1)
    await before.close()
    clock.advance(30_000)
    const caches = await openCaches({ backend: backend(), environment: { clock } })
    const cache = caches.define<number>('values', { ttl: '30s' })
    await clock.advanceAsync(1999)
    await settle()
    expect(cache.stats().evictions.expired).toBe(0)
    await clock.advanceAsync(1)
    await settle()
    expect(cache.stats().evictions.expired).toBe(1)
  })
})

describe('events', () => {
  it('tell of reads, loads, changes, evictions, slow calls and the breaker', async () => {
    const names = [
      'cache:read',
      'cache:load',
      'cache:change',
      'cache:evict',
      'cache:slow',
      'cache:breaker',
    ] as const
    const seen: (keyof CacheEvents)[] = []
    const details: unknown[] = []
    const stops = names.map((name) =>
      onCacheEvent(name, (event) => {
        seen.push(name)
        details.push(event)
      }),
    )
    const clock = new ManualClock()
    let down = false
    const backend = faultyBackend(
      referenceBackend(),
      during(() => down, { kind: 'fail', code: 'BACKEND_UNREACHABLE' }),
    )
    const caches = await openCaches({ backend, environment: { clock }, l1: memory() })
    const cache = caches.define<number>('values', { l1: { maxEntries: 1 } })
    await cache.getOrLoad('a', () => 1)
    await cache.get('a')
    await cache.set('b', 2)
    await cache.get('c')
    down = true
    for (let call = 0; call < 20; call++) await cache.get('d')
    for (const stop of stops) stop()
    expect(new Set(seen)).toEqual(
      new Set(['cache:read', 'cache:load', 'cache:change', 'cache:evict', 'cache:breaker']),
    )
    expect(details).toContainEqual({
      prefix: 'cache',
      cache: 'values',
      key: 'a',
      outcome: 'stored',
      durationMs: 0,
    })
    expect(details).toContainEqual({ prefix: 'cache', cache: 'values', key: 'a', outcome: 'l1-hit' })
    expect(details).toContainEqual({ prefix: 'cache', cache: 'values', change: 'set', names: ['b'] })
    const before = seen.length
    await cache.get('e')
    expect(seen).toHaveLength(before)
  })

  it('tell of slow calls to the backend', async () => {
    const clock = new ManualClock()
    const backend = faultyBackend(referenceBackend(), () => ({ kind: 'delay', ms: 80 }))
    const caches = await openCaches({ backend, environment: { clock }, upkeep: { onStart: false } })
    const cache = caches.define<number>('values')
    const slow: CacheEvents['cache:slow'][] = []
    const stop = onCacheEvent('cache:slow', (event) => slow.push(event))
    const call = cache.get('k')
    await settle()
    await clock.advanceAsync(80)
    await call
    stop()
    expect(slow).toEqual([{ prefix: 'cache', cache: 'values', operation: 'read', durationMs: 80 }])
    expect(cache.stats()).toMatchObject({ slowOperations: 1, storeLatency: { count: 1, maxMs: 80 } })
  })
})

describe('statistics', () => {
  it('count, and start anew', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values')
    await cache.getOrLoad('a', () => 1)
    await cache.getMany(['a', 'b', 'a'])
    clock.advance(500)
    expect(caches.stats()).toMatchObject({
      backend: 'memory',
      uptimeMs: 500,
      caches: [{ cache: 'values', hits: 2, misses: 2, hitRate: 0.5, loads: 1, localEntries: 1 }],
    })
    caches.resetStats()
    expect(caches.stats()).toMatchObject({
      uptimeMs: 0,
      caches: [{ hits: 0, misses: 0, loads: 0, localEntries: 1 }],
    })
  })
})

describe('health', () => {
  it('sets, gets and deletes, and reports the backend', async () => {
    const caches = await openCaches()
    expect(await caches.health()).toMatchObject({
      healthy: true,
      backend: 'memory',
      operations: { set: true, get: true, delete: true },
    })
  })

  it('leaves no entry behind, and its cache is reserved', async () => {
    const caches = await openCaches()
    await caches.health()
    expect(() => caches.define('cache-health')).toThrow(expect.objectContaining({ code: 'CACHE_CONFLICT' }))
    expect(caches.list()).toEqual([])
  })
})
