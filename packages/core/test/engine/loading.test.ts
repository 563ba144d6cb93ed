import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { everyNth, faultyBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { gate, openCaches, openCachesInTime, settle } from '../support/open-caches.ts'

describe('getOrLoad', () => {
  it('loads once for any number of callers, and all share the result', async () => {
    const cache = (await openCaches()).define<{ n: number }>('values')
    let loads = 0
    const load = async (): Promise<{ n: number }> => {
      loads++
      await sleep(5)
      return { n: loads }
    }
    const values = await Promise.all(Array.from({ length: 1000 }, () => cache.getOrLoad('k', load)))
    expect(new Set(values).size).toBe(1)
    expect(loads).toBe(1)
    expect(await cache.get('k')).toBe(values[0])
    expect(cache.stats()).toMatchObject({ loads: 1, joins: 999 })
  })

  it('runs a failing loader once, and every caller gets the error', async () => {
    const cache = (await openCaches()).define<number>('values')
    let loads = 0
    const load = async (): Promise<number> => {
      loads++
      await sleep(2)
      throw new RangeError('down')
    }
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => cache.getOrLoad('k', load)))
    expect(loads).toBe(1)
    expect(
      results.every((result) => result.status === 'rejected' && result.reason instanceof RangeError),
    ).toBe(true)
    expect(await cache.getOrLoad('k', () => 7)).toBe(7)
  })

  it('gives an error of a loader that throws at once, or rejects with nothing', async () => {
    const cache = (await openCaches()).define<number>('values')
    await expect(
      cache.getOrLoad('a', () => {
        throw new RangeError('at once')
      }),
    ).rejects.toThrow('at once')
    // oxlint-disable-next-line prefer-promise-reject-errors -- what is tested
    await expect(cache.getOrLoad('b', () => Promise.reject(undefined))).rejects.toBeUndefined()
  })

  it.each(['delete', 'clear', 'tag', 'set'] as const)(
    'never stores a load that a %s overtook',
    async (kind) => {
      const caches = await openCaches()
      const cache = caches.define<string>('values')
      const held = gate()
      const load = cache.getOrLoad(
        'k',
        async () => {
          await held.promise
          return 'old'
        },
        { tags: ['t'] },
      )
      await settle()
      if (kind === 'delete') await cache.delete('k')
      else if (kind === 'clear') await cache.clear()
      else if (kind === 'tag') await caches.invalidateTags(['t'])
      else await cache.set('k', 'new')
      const late = cache.getOrLoad('k', () => 'new')
      held.resolve()
      expect(await load).toBe('old')
      expect(await late).toBe('new')
      expect(await cache.get('k')).toBe('new')
    },
  )

  it('lets callers that joined before an invalidation start over', async () => {
    const cache = (await openCaches()).define<string>('values')
    const held = gate()
    const first = cache.getOrLoad('k', async () => {
      await held.promise
      return 'old'
    })
    const joined = cache.getOrLoad('k', () => 'new')
    await settle()
    await cache.delete('k')
    held.resolve()
    expect(await first).toBe('old')
    expect(await joined).toBe('new')
  })

  it('refuses a loader that asks for its own key', async () => {
    const cache = (await openCaches()).define<number>('values')
    const load = (): Promise<number | undefined> => cache.getOrLoad('k', load)
    await expect(cache.getOrLoad('k', load)).rejects.toMatchObject({ code: 'LOADER_FAILED' })
    expect(await cache.getOrLoad('a', async () => ((await cache.getOrLoad('b', () => 1)) ?? 0) + 1)).toBe(2)
  })

  it('gives up a loader that never settles, aborts it, and lets the next call load', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { loading: { hardTimeout: '2s' } })
    let signal: AbortSignal | undefined
    const call = cache.getOrLoad('k', (context) => {
      signal = context.signal
      return new Promise(() => undefined)
    })
    const failure = call.catch((error: unknown) => error)
    await settle()
    await clock.advanceAsync(2000)
    expect(await failure).toMatchObject({ code: 'LOADER_TIMEOUT' })
    expect(signal?.aborted).toBe(true)
    expect(await cache.getOrLoad('k', () => 1)).toBe(1)
  })

  it('takes undefined for "there is none", and remembers it only when asked to', async () => {
    const { caches, clock } = await openCachesInTime()
    const forgetful = caches.define<number>('forgetful')
    const mindful = caches.define<number>('mindful', { loading: { negativeTtl: '5s' } })
    let loads = 0
    const load = (): undefined => {
      loads++
    }
    for (const cache of [forgetful, mindful]) {
      loads = 0
      await cache.getOrLoad('k', load)
      await cache.getOrLoad('k', load)
      expect(loads).toBe(cache === mindful ? 1 : 2)
      expect(await cache.get('k')).toBeUndefined()
      expect(await cache.has('k')).toBe(false)
    }
    clock.advance(5000)
    await mindful.getOrLoad('k', load)
    expect(loads).toBe(2)
  })

  it('lets the loader decide after seeing the data', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: '1h' })
    await cache.getOrLoad('k', (context) => {
      context.setTtl('1m')
      context.setTags(['t'])
      context.setVersion(3)
      return 1
    })
    expect(await cache.getWithMeta('k')).toMatchObject({
      value: 1,
      freshForMs: 60_000,
      tags: ['t'],
      version: 3,
    })
    await cache.getOrLoad('skipped', ({ skip }) => {
      skip()
      return 1
    })
    expect(await cache.get('skipped')).toBeUndefined()
    clock.advance(60_000)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('counts time from the start of the load', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: 1000 })
    await cache.getOrLoad('k', () => {
      clock.advance(400)
      return 1
    })
    expect(await cache.getWithMeta('k')).toMatchObject({ ageMs: 400, freshForMs: 600 })
  })

  it('returns a value that is too large to keep, and reports it', async () => {
    const cache = (await openCaches()).define<string>('values', { maxValueBytes: 10 })
    expect(await cache.getOrLoad('k', () => 'x'.repeat(100))).toHaveLength(100)
    expect(await cache.get('k')).toBeUndefined()
    expect(cache.stats().errors).toBe(1)
  })

  it('rejects a value that can never be stored', async () => {
    const cache = (await openCaches()).define<unknown>('values')
    await expect(cache.getOrLoad('k', () => () => 1)).rejects.toMatchObject({ code: 'INVALID_VALUE' })
  })

  it('ends the waiting of a caller that aborts, and the load when nobody else waits', async () => {
    const cache = (await openCaches()).define<number>('values')
    const held = gate<number>()
    const signals: AbortSignal[] = []
    const load = ({ signal }: { signal: AbortSignal }): Promise<number> => {
      signals.push(signal)
      return held.promise
    }
    const [one, two] = [new AbortController(), new AbortController()]
    const first = cache.getOrLoad('k', load, { signal: one.signal })
    const second = cache.getOrLoad('k', load, { signal: two.signal })
    await settle()
    one.abort()
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' })
    expect(signals[0]?.aborted).toBe(false)
    two.abort()
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
    expect(signals[0]?.aborted).toBe(true)
    expect(await cache.getOrLoad('k', () => 5)).toBe(5)
    await expect(cache.getOrLoad('k', load, { signal: AbortSignal.abort() })).resolves.toBe(5)
    await expect(cache.getOrLoad('new', load, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })

  it('takes an entry older than maxAge for stale, for that call only', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', { ttl: '1h' })
    await cache.set('k', 'old')
    clock.advance(10_000)
    expect(await cache.getOrLoad('k', () => 'new', { maxAge: '20s' })).toBe('old')
    expect(await cache.getOrLoad('k', () => 'new', { maxAge: '5s' })).toBe('new')
    expect(await cache.get('k')).toBe('new')
  })
})

const unreachable = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const

describe('with the backend away', () => {
  it('reads are misses, loads run once and are kept for a moment, writes say so', async () => {
    const backend = faultyBackend(memory(), everyNth(1, unreachable))
    const caches = await openCaches({ backend })
    const cache = caches.define<number>('values')
    let loads = 0
    const load = async (): Promise<number> => {
      loads++
      await sleep(2)
      return 1
    }
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.has('k')).toBe(false)
    expect(await Promise.all(Array.from({ length: 20 }, () => cache.getOrLoad('k', load)))).toEqual(
      Array.from({ length: 20 }, () => 1),
    )
    expect(loads).toBe(1)
    expect(await cache.set('k', 1)).toBe(false)
    await expect(cache.delete('k')).rejects.toMatchObject({
      code: expect.stringMatching(/^BACKEND_/) as string,
    })
    await expect(cache.increment('n')).rejects.toMatchObject({
      code: expect.stringMatching(/^BACKEND_/) as string,
    })
    expect((await caches.health()).healthy).toBe(false)
  })

  it('nothing hangs when every second call fails', async () => {
    const caches = await openCaches({ backend: faultyBackend(memory(), everyNth(2, unreachable)) })
    const cache = caches.define<number>('values')
    for (let round = 0; round < 50; round++) {
      expect(await cache.getOrLoad(`k${round % 5}`, () => round)).toBeTypeOf('number')
      await cache.set(`k${round % 5}`, round)
    }
  })
})
