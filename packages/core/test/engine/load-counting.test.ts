import { describe, expect, it } from 'vitest'
import { during, faultyBackend, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache } from '../../src/index.ts'
import { eventsOf, fleet } from '../support/fleet.ts'
import { gate, settle } from '../support/open-caches.ts'

const options = { ttl: '1m', loading: { staleFor: '1h', retryAfter: '5s' } } as const

function failing(): never {
  throw new RangeError('down')
}

describe('getOrLoad is counted', () => {
  it('as a miss, as a hit of the tier that answered, and as a stale hit, once each', async () => {
    const { open, clock } = fleet()
    const cache = (await open()).define<string>('values', options)
    const reads = eventsOf('cache:read')
    await cache.getOrLoad('k', () => 'old')
    await cache.getOrLoad('k', failing)
    clock.advance(60_000)
    await cache.getOrLoad('k', () => 'new')
    await settle()
    expect(reads).toEqual([
      { prefix: 'cache', cache: 'values', outcome: 'miss', key: 'k' },
      { prefix: 'cache', cache: 'values', outcome: 'l2-hit', key: 'k' },
      { prefix: 'cache', cache: 'values', outcome: 'stale-hit', key: 'k' },
    ])
    expect(cache.stats()).toMatchObject({
      misses: 1,
      hits: 2,
      storeHits: 2,
      staleHits: 1,
      localHits: 0,
      loads: 2,
      loadErrors: 0,
      joins: 0,
    })
  })

  it('as a hit of L1, with maxAge as without', async () => {
    const { open, clock } = fleet()
    const cache = (await open({ l1: memory() })).define<string>('values', options)
    await cache.getOrLoad('k', () => 'v')
    cache.resetStats()
    const reads = eventsOf('cache:read')
    clock.advance(100)
    expect(await cache.getOrLoad('k', failing)).toBe('v')
    expect(await cache.getOrLoad('k', failing, { maxAge: '100ms' })).toBe('v')
    expect(reads.map(({ outcome }) => outcome)).toEqual(['l1-hit', 'l1-hit'])
    expect(cache.stats()).toMatchObject({ localHits: 2, hits: 2, misses: 0, loads: 0 })
    clock.advance(1)
    expect(await cache.getOrLoad('k', () => 'new', { maxAge: '100ms' })).toBe('new')
    expect(cache.stats()).toMatchObject({ localHits: 2, loads: 1 })
  })

  it('as a load for all that wait, with its time, and as an error where it fails', async () => {
    const { open, clock } = fleet()
    const cache = (await open()).define<string>('values', options)
    const loads = eventsOf('cache:load')
    const held = gate<string>()
    const calls = [1, 2, 3].map(() => cache.getOrLoad('k', () => held.promise))
    await settle()
    clock.advance(40)
    held.resolve('v')
    await Promise.all(calls)
    await expect(cache.getOrLoad('broken', failing)).rejects.toThrow('down')
    expect(loads).toEqual([
      { prefix: 'cache', cache: 'values', key: 'k', outcome: 'stored', durationMs: 40 },
      { prefix: 'cache', cache: 'values', key: 'broken', outcome: 'failed', durationMs: 0 },
    ])
    const stats = cache.stats()
    expect(stats).toMatchObject({ loads: 2, loadErrors: 1, joins: 2, misses: 2 })
    expect(stats.loadLatency).toMatchObject({ count: 2, totalMs: 40, maxMs: 40 })
  })

  it('as a refusal where an invalidation of another process won, with the reason', async () => {
    const { open } = fleet()
    const here = (await open()).define<string>('values', options)
    const there = (await open()).define<string>('values', options)
    const loads = eventsOf('cache:load')
    const held = gate<string>()
    const call = here.getOrLoad('k', () => held.promise)
    await settle()
    await there.delete('k')
    held.resolve('old')
    expect(await call).toBe('old')
    const outcome = loads[0]?.outcome as 'lease' | 'invalidated'
    expect(['lease', 'invalidated']).toContain(outcome)
    expect(here.stats().refusals[outcome]).toBe(1)
    expect(await there.get('k')).toBeUndefined()
  })

  it('as a miss and a load in this process alone while the backend is away', async () => {
    const { open, storage } = fleet()
    let isAway = false
    const unreachable = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const
    const backend = faultyBackend(
      referenceBackend({ storage }),
      during(() => isAway, unreachable),
    )
    const cache: Cache<string> = (await open({ backend })).define('values', options)
    isAway = true
    const held = gate<string>()
    const calls = [1, 2].map(() => cache.getOrLoad('k', () => held.promise))
    await settle()
    held.resolve('v')
    expect(await Promise.all(calls)).toEqual(['v', 'v'])
    expect(cache.stats()).toMatchObject({ misses: 1, loads: 1, joins: 1, hits: 0 })
  })

  it('as an error of the refresh where a stale entry is served in its place', async () => {
    const { open, clock } = fleet()
    const cache = (await open()).define<string>('values', options)
    await cache.set('k', 'old')
    clock.advance(60_000)
    const failures = eventsOf('cache:failure')
    expect(await cache.getOrLoad('k', failing)).toBe('old')
    await settle()
    expect(failures).toMatchObject([{ cache: 'values', operation: 'refresh', code: 'UNKNOWN' }])
    expect(cache.stats()).toMatchObject({ errors: 1, loadErrors: 1, staleHits: 1 })
  })
})
