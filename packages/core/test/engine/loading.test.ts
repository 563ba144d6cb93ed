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

describe('stale entries', () => {
  it('are served at once while one caller loads anew', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', { ttl: '1m', loading: { staleFor: '1m' } })
    await cache.set('k', 'old')
    clock.advance(60_000)
    const held = gate<string>()
    let loads = 0
    const load = (): Promise<string> => {
      loads++
      return held.promise
    }
    expect(await Promise.all([cache.getOrLoad('k', load), cache.getOrLoad('k', load)])).toEqual([
      'old',
      'old',
    ])
    expect(await cache.getWithMeta('k')).toMatchObject({ value: 'old', stale: true })
    held.resolve('new')
    await settle()
    expect(loads).toBe(1)
    expect(await cache.get('k')).toBe('new')
  })

  it('are served after the soft timeout when the load is waited for', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { staleFor: '1m', staleWhileRevalidate: false, softTimeout: '200ms' } as const
    const cache = caches.define<string>('values', { ttl: '1m', loading })
    await cache.set('quick', 'old')
    await cache.set('slow', 'old')
    clock.advance(60_000)
    expect(await cache.getOrLoad('quick', () => 'new')).toBe('new')
    const held = gate<string>()
    const call = cache.getOrLoad('slow', () => held.promise)
    await settle()
    await clock.advanceAsync(200)
    expect(await call).toBe('old')
    held.resolve('new')
    await settle()
    expect(await cache.get('slow')).toBe('new')
  })

  it('are served when the load fails, which is not tried again for a while', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { staleFor: '10m', staleWhileRevalidate: false, retryAfter: '5s' } as const
    const cache = caches.define<string>('values', { ttl: '1m', loading })
    await cache.set('k', 'old')
    clock.advance(60_000)
    let loads = 0
    const load = (): string => {
      loads++
      throw new RangeError('down')
    }
    for (let call = 0; call < 5; call++) expect(await cache.getOrLoad('k', load)).toBe('old')
    expect(loads).toBe(1)
    clock.advance(5000)
    expect(await cache.getOrLoad('k', () => 'new')).toBe('new')
  })

  it('are never served once invalidated, and never past their time', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', { ttl: '1m', loading: { staleFor: '1m' } })
    await cache.set('deleted', 'old')
    await cache.set('gone', 'old')
    clock.advance(60_000)
    await cache.delete('deleted')
    const load = (): never => {
      throw new RangeError('down')
    }
    await expect(cache.getOrLoad('deleted', load)).rejects.toThrow('down')
    clock.advance(60_000)
    await expect(cache.getOrLoad('gone', load)).rejects.toThrow('down')
  })

  it('can be kept when the source says that nothing changed', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { staleFor: '1m', staleWhileRevalidate: false } as const
    const cache = caches.define<{ etag: string }>('values', { ttl: '1m', loading })
    await cache.set('k', { etag: 'a' })
    clock.advance(60_000)
    const value = await cache.getOrLoad('k', (context) => {
      expect(context.stale).toEqual({ etag: 'a' })
      context.notModified()
      return undefined
    })
    expect(value).toEqual({ etag: 'a' })
    expect(await cache.ttl('k')).toBe(60_000)
    await expect(
      cache.getOrLoad('new', (context) => {
        context.notModified()
        return undefined
      }),
    ).rejects.toMatchObject({
      code: 'LOADER_FAILED',
    })
  })

  it('are avoided by loading ahead of time, behind the lease', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: '10s', loading: { refreshAhead: true } })
    let loads = 0
    const load = (): number => {
      clock.advance(1000)
      return ++loads
    }
    await cache.getOrLoad('k', load)
    expect(await cache.getOrLoad('k', load)).toBe(1)
    clock.advance(8500)
    expect(await cache.getOrLoad('k', load)).toBe(1)
    await settle()
    expect(loads).toBe(2)
    expect(await cache.get('k')).toBe(2)
  })

  it.each([{}, { maxAge: '1m' }] as const)(
    'are avoided by loading in the last part of the time (%o)',
    async (options) => {
      const { caches, clock } = await openCachesInTime()
      const loading = { refreshAhead: '4s' } as const
      const cache = caches.define<number>('values', { ttl: '10s', loading })
      let loads = 0
      const load = (): number => ++loads
      await cache.getOrLoad('k', load, options)
      clock.advance(5999)
      expect(await cache.getOrLoad('k', load, options)).toBe(1)
      await settle()
      expect(loads).toBe(1)
      clock.advance(1)
      expect(await cache.getOrLoad('k', load, options)).toBe(1)
      await settle()
      expect(loads).toBe(2)
      clock.advance(5999)
      expect(await cache.getOrLoad('k', load, options)).toBe(2)
    },
  )

  it('that are to be avoided are tried once where the load fails, until retryAfter has passed', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { refreshAhead: '6s', retryAfter: '3s' } as const
    const cache = caches.define<number>('values', { ttl: '10s', loading })
    let loads = 0
    await cache.getOrLoad('k', () => ++loads)
    const fail = (): number => {
      loads++
      throw new Error('The source is down')
    }
    clock.advance(5000)
    for (let read = 0; read < 5; read++) {
      expect(await cache.getOrLoad('k', fail)).toBe(1)
      await settle()
    }
    expect(loads).toBe(2)
    clock.advance(3000)
    expect(await cache.getOrLoad('k', fail)).toBe(1)
    await settle()
    expect(loads).toBe(3)
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
