import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { dailyAt, type LoadContext, type Ttl } from '../../src/index.ts'
import { eventsOf, fleet } from '../support/fleet.ts'
import { openCaches, openCachesInTime, settle } from '../support/open-caches.ts'

const staleFor = { ttl: '1m', loading: { staleFor: '30s', hardTimeout: '1h', leaseTime: '1h' } } as const

describe('a value that was loaded', () => {
  it('is fresh and then stale for as long as the options say, from the start of its load', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', staleFor)
    await cache.getOrLoad('k', () => {
      clock.advance(1000)
      return 'v'
    })
    clock.advance(58_999)
    expect(await cache.get('k')).toBe('v')
    clock.advance(1)
    expect(await cache.getWithMeta('k')).toMatchObject({
      value: 'v',
      stale: true,
      freshForMs: 0,
      ageMs: 60_000,
    })
    expect(await cache.ttl('k')).toBeUndefined()
    expect(await cache.has('k')).toBe(false)
    clock.advance(29_999)
    expect(await cache.getWithMeta('k')).toMatchObject({ value: 'v', stale: true })
    clock.advance(1)
    expect(await cache.getWithMeta('k')).toBeUndefined()
  })

  it('is never stale where there is none', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { staleFor: '1h', negativeTtl: '5s' } as const
    const cache = caches.define<string>('values', { ttl: '1m', loading })
    const load = vi.fn<() => undefined>()
    await cache.getOrLoad('k', load)
    clock.advance(4999)
    await cache.getOrLoad('k', load)
    expect(load).toHaveBeenCalledTimes(1)
    clock.advance(1)
    expect(await cache.getWithMeta('k')).toBeUndefined()
    expect(await cache.getOrLoad('k', () => 'found')).toBe('found')
  })

  it.each([
    ['by the call', { ttl: 0 }, () => undefined],
    ['by the loader', {}, ({ setTtl }: LoadContext<string>) => setTtl(0)],
    ['by a function', { ttl: () => 0 }, () => undefined],
  ] as const)(
    'is not stored with a TTL of 0 that is given %s, however long it may be stale',
    async (_by, options, decide) => {
      const { caches } = await openCachesInTime()
      const cache = caches.define<string>('values', staleFor)
      const loads = eventsOf('cache:load')
      const load = (context: LoadContext<string>): string => {
        decide(context)
        return 'v'
      }
      expect(await cache.getOrLoad('k', load, options)).toBe('v')
      expect(await cache.getWithMeta('k')).toBeUndefined()
      expect(await cache.size()).toBe(0)
      expect(loads).toMatchObject([{ cache: 'values', key: 'k', outcome: 'not-stored', durationMs: 0 }])
    },
  )

  it('is stale from the beginning where its load took longer than its TTL', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', staleFor)
    const loads = eventsOf('cache:load')
    const slow = (): string => {
      clock.advance(70_000)
      return 'v'
    }
    expect(await cache.getOrLoad('k', slow)).toBe('v')
    expect(await cache.getWithMeta('k')).toMatchObject({ value: 'v', stale: true, freshForMs: -10_000 })
    expect(loads).toMatchObject([{ outcome: 'stored', durationMs: 70_000 }])
    clock.advance(20_000)
    expect(await cache.getWithMeta('k')).toBeUndefined()
  })

  it('is handed out and not stored where its load took as long as it could be kept', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', staleFor)
    const loads = eventsOf('cache:load')
    const slow = (): string => {
      clock.advance(90_000)
      return 'v'
    }
    expect(await cache.getOrLoad('k', slow)).toBe('v')
    expect(await cache.size()).toBe(0)
    expect(loads).toMatchObject([{ outcome: 'not-stored', durationMs: 90_000 }])
  })

  it('has the time that a function makes of it and of the wall clock when its load began', async () => {
    const { caches, clock } = await openCachesInTime()
    const ttl = vi.fn<(wallMs: number, value: { lasts: number }) => number>((_wallMs, { lasts }) => lasts)
    const cache = caches.define<{ lasts: number }>('values', { ttl })
    const startMs = clock.wallMs()
    await cache.getOrLoad('k', () => {
      clock.advance(300)
      return { lasts: 5000 }
    })
    expect(ttl.mock.calls).toEqual([[startMs, { lasts: 5000 }]])
    expect(await cache.ttl('k')).toBe(4700)
  })

  it('that was asked for before the end of a day ends with that day', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', { ttl: dailyAt('00:01', 'UTC') as Ttl<string> })
    clock.advance(59_500)
    const load = vi.fn<() => string>(() => {
      clock.advance(1000)
      return 'of yesterday'
    })
    expect(await cache.getOrLoad('k', load)).toBe('of yesterday')
    expect(await cache.get('k')).toBeUndefined()
  })

  it('has its time shortened by chance, and never one without end', async () => {
    let chance = 0
    const environment = { clock: new ManualClock(), random: () => chance }
    const cache = (await openCaches({ environment })).define<string>('values', {
      ttl: '10s',
      loading: { jitter: 0.2 },
    })
    for (const [random, ttlMs] of [
      [0, 10_000],
      [0.25, 9500],
      [0.999_999, 8000.002],
    ] as const) {
      chance = random
      await cache.getOrLoad(`loaded ${random}`, () => 'v')
      await cache.set(`set ${random}`, 'v')
      expect(await cache.ttl(`loaded ${random}`)).toBeCloseTo(ttlMs, -2)
      expect(await cache.ttl(`set ${random}`)).toBeCloseTo(ttlMs, -2)
    }
    await cache.getOrLoad('for ever', () => 'v', { ttl: Number.POSITIVE_INFINITY })
    expect(await cache.ttl('for ever')).toBe(Number.POSITIVE_INFINITY)
  })

  it('has the tags of its call, unless its loader names others, and is found by them', async () => {
    const { caches } = await openCachesInTime()
    const cache = caches.define<string>('values')
    await cache.getOrLoad('a', () => 'v', { tags: ['t'] })
    await cache.getOrLoad('b', ({ setTags }) => (setTags(['u', 'w']), 'v'), { tags: ['t'] })
    await cache.getOrLoad('c', () => 'v')
    expect((await cache.getWithMeta('a'))?.tags).toEqual(['t'])
    expect((await cache.getWithMeta('b'))?.tags).toEqual(['u', 'w'])
    expect((await cache.getWithMeta('c'))?.tags).toEqual([])
    await expect(cache.getOrLoad('d', () => 'v', { tags: [''] })).rejects.toMatchObject({
      code: 'INVALID_KEY',
    })
  })

  it('is told of to its loader: the key as it was given, and no stale value', async () => {
    const cache = (await openCaches()).define<string>('values')
    const seen: unknown[] = []
    await cache.getOrLoad(['user', 7], ({ key, stale, signal }) => {
      seen.push(key, stale, signal.aborted)
      return 'v'
    })
    expect(seen).toEqual([['user', 7], undefined, false])
  })
})

describe('what the callers of a load get', () => {
  it.each(['freeze', 'clone', 'reference'] as const)(
    'with sharing: %s is theirs as later hits are',
    async (sharing) => {
      const processes = fleet()
      for (const l1 of [undefined, memory()]) {
        const cache = (await processes.open({ l1 })).define<{ list: number[] }>('values', {
          values: { sharing },
        })
        await cache.clear()
        const own = { list: [1] }
        const load = async (): Promise<{ list: number[] }> => {
          await settle()
          return own
        }
        const [one, other] = await Promise.all([cache.getOrLoad('k', load), cache.getOrLoad('k', load)])
        expect(one).toEqual(own)
        expect(one === other).toBe(sharing !== 'clone')
        expect(one === own).toBe(sharing === 'reference')
        expect(Object.isFrozen(one?.list)).toBe(sharing === 'freeze')
        expect(cache.stats()).toMatchObject({ loads: 1, joins: 1 })
      }
    },
  )

  it('is a copy for each where freezing does not protect it', async () => {
    const cache = (await openCaches()).define<Set<number>>('values')
    const own = new Set([1])
    const load = async (): Promise<Set<number>> => {
      await settle()
      return own
    }
    const [one, other] = await Promise.all([cache.getOrLoad('k', load), cache.getOrLoad('k', load)])
    expect([one, other]).toEqual([own, own])
    expect(new Set([one, other, own]).size).toBe(3)
  })
})
