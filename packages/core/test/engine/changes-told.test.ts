import { describe, expect, it } from 'vitest'
import { during, faultyBackend, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache } from '../../src/index.ts'
import { eventsOf, fleet } from '../support/fleet.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'

describe('a change', () => {
  it('is told of by its kind and what it names, and counted', async () => {
    const cache = (await openCaches()).define<number>('values')
    const events = eventsOf('cache:change')
    await cache.set('a', 1, { tags: ['t'] })
    await cache.setMany([
      [['b', 1], 1],
      ['c', 2],
    ])
    await cache.expire('a', '1h')
    await cache.delete('none')
    await cache.deleteMany(['a', 'c'])
    await cache.invalidateTags(['t', 'u'])
    await cache.invalidateTags([])
    await cache.deleteMatching('b:*')
    await cache.clear()
    expect(events.map(({ change, names }) => [change, names])).toEqual([
      ['set', ['a']],
      ['set', ['b:1']],
      ['set', ['c']],
      ['expire', ['a']],
      ['delete', ['none']],
      ['delete', ['a']],
      ['delete', ['c']],
      ['tags', ['t', 'u']],
      ['delete', ['b:1']],
      ['pattern', ['b:*']],
      ['clear', []],
    ])
    expect(events[0]).toMatchObject({ prefix: 'cache', cache: 'values' })
    expect(cache.stats()).toMatchObject({
      writes: 3,
      deletes: 4,
      keysDeleted: 3,
      tagInvalidations: 1,
      clears: 1,
    })
  })

  it('that the store did not acknowledge is neither told of nor counted, and empties L1', async () => {
    const { open } = fleet()
    let isAway = false
    const fault = during(() => isAway, { kind: 'fail', code: 'BACKEND_UNREACHABLE' })
    const cache = (
      await open({ backend: faultyBackend(referenceBackend(), fault), l1: memory() })
    ).define<number>('values')
    await cache.set('a', 1)
    expect(cache.peek('a')).toBe(1)
    const events = eventsOf('cache:change')
    isAway = true
    await expect(cache.delete('b')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect(cache.peek('a')).toBeUndefined()
    expect(events).toEqual([])
    expect(cache.stats()).toMatchObject({ writes: 1, deletes: 0 })
  })

  it.each(['set', 'delete', 'tags', 'clear'] as const)(
    'of kind %s lets nobody join the load that it overtook',
    async (kind) => {
      const cache = (await openCaches()).define<string>('values')
      const held = gate()
      const load = cache.getOrLoad('k', () => held.promise.then(() => 'old'), { tags: ['t'] })
      const other = cache.getOrLoad('other', () => held.promise.then(() => 'other'))
      await settle()
      if (kind === 'set') await cache.set('k', 'set')
      else if (kind === 'delete') await cache.delete('k')
      else if (kind === 'tags') await cache.invalidateTags(['t'])
      else await cache.clear()
      const late = cache.getOrLoad('k', () => 'new')
      const joining = cache.getOrLoad('other', () => 'new other')
      await settle()
      held.resolve()
      expect(await load).toBe('old')
      expect(await late).toBe(kind === 'set' ? 'set' : 'new')
      await other
      // A change of one key leaves the loads of others alone.
      const isOfAll = kind === 'tags' || kind === 'clear'
      if (!isOfAll) expect(await joining).toBe('other')
      else expect(['other', 'new other']).toContain(await joining)
      expect(cache.stats().joins).toBe(isOfAll ? 0 : 1)
    },
  )
})

describe('a write', () => {
  /** A cache with L1 over a shared store, and the same in another process. */
  async function pair(
    options = {},
  ): Promise<{ here: Cache<string>; there: Cache<string>; clock: { advance(ms: number): void } }> {
    const { open, clock } = fleet()
    const here = (await open({ l1: memory() })).define<string>('values', { ttl: '1m', ...options })
    const there = (await open({ l1: memory() })).define<string>('values', { ttl: '1m', ...options })
    await here.get('warm')
    await there.get('warm')
    return { here, there, clock }
  }

  it('is kept in L1 of the process that made it, with its own time', async () => {
    const { here, clock } = await pair({ l1: { within: '1h', ttl: '1h' } })
    await here.set('k', 'v', { ttl: '10s' })
    clock.advance(9999)
    expect(here.peek('k')).toBe('v')
    clock.advance(1)
    expect(here.peek('k')).toBeUndefined()
  })

  it('that a condition refused is not', async () => {
    const { here, there } = await pair()
    await there.set('k', 'theirs')
    expect(await here.add('k', 'ours')).toBe(false)
    expect(here.peek('k')).toBeUndefined()
    expect(await here.get('k')).toBe('theirs')
  })

  it('that an older version lost is not', async () => {
    const { here, there } = await pair()
    await there.set('k', 'newer', { version: 5 })
    await here.set('k', 'older', { version: 4 })
    expect(here.peek('k')).toBeUndefined()
    expect(await here.get('k')).toBe('newer')
  })

  it('with a TTL of 0 removes the entry from every tier, under its condition', async () => {
    const { here } = await pair()
    await here.set('k', 'v')
    const revision = (await here.getWithMeta('k'))?.revision ?? ''
    expect(await here.compareAndSet('k', 'another', 'x', { ttl: 0 })).toBe(false)
    expect(await here.get('k')).toBe('v')
    expect(await here.compareAndSet('k', revision, 'x', { ttl: 0 })).toBe(true)
    expect(here.peek('k')).toBeUndefined()
    expect(await here.get('k')).toBeUndefined()
    expect(here.stats()).toMatchObject({ keysDeleted: 1 })
  })

  it('can be stale for as long as the options say, and as a later expiry says', async () => {
    const { here, clock } = await pair({ loading: { staleFor: '20s' } })
    await here.set('k', 'v')
    clock.advance(60_000)
    expect(await here.getWithMeta('k')).toMatchObject({ stale: true, freshForMs: 0 })
    clock.advance(20_000)
    expect(await here.getWithMeta('k')).toBeUndefined()
    await here.set('k', 'v')
    await here.expire('k', '5s')
    clock.advance(24_999)
    expect(await here.getWithMeta('k')).toMatchObject({ stale: true })
    clock.advance(1)
    expect(await here.getWithMeta('k')).toBeUndefined()
  })

  it('does not say that it was made where the backend is away, and passes on every other failure', async () => {
    const { open } = fleet()
    let code: 'BACKEND_UNREACHABLE' | 'INVALID_VALUE' = 'BACKEND_UNREACHABLE'
    const backend = faultyBackend(referenceBackend(), ({ operation }) =>
      operation === 'change' ? { kind: 'fail', code } : undefined,
    )
    const cache = (await open({ backend })).define<string>('values')
    expect(await cache.set('k', 'v')).toBe(false)
    expect(await cache.setMany([['k', 'v']])).toBe(false)
    code = 'INVALID_VALUE'
    await expect(cache.set('k', 'v')).rejects.toMatchObject({ code })
  })
})
