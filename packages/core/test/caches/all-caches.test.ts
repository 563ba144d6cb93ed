import { describe, expect, it, vi } from 'vitest'
import {
  faultyBackend,
  forwardingBackend,
  forwardingStore,
  onlyFor,
  referenceBackend,
  referenceStorage,
  type Fault,
} from '../../../conformance/src/index.ts'
import { encryption } from '../../../crypto/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { createCaches, type ResealProgress } from '../../src/index.ts'
import { openCaches, openCachesInTime } from '../support/open-caches.ts'
import { TestTransport } from '../support/test-transport.ts'

const unreachable: Fault = { kind: 'fail', code: 'BACKEND_UNREACHABLE' }

describe('names of caches', () => {
  it.each([
    ['cache-health', "'cache-health' is a name of the library's own"],
    ['cache-installation', "'cache-installation' is a name of the library's own"],
    ['state', "Names that begin with 'state' are those of what is no cache"],
    ['State:locks', "Names that begin with 'state' are those of what is no cache"],
  ])('are not %s', async (name, message) => {
    const caches = await openCaches()
    expect(() => caches.define(name)).toThrow(
      expect.objectContaining({ code: 'CACHE_CONFLICT', message }) as Error,
    )
  })

  it('that are not defined cannot be opened', async () => {
    const caches = await openCaches()
    caches.define('quotes')
    expect(() => caches.open('quote', {})).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: "open: the cache 'quote' is not defined",
      }) as Error,
    )
  })
})

describe('what is asked of closed caches', () => {
  it('is refused, whatever it is', async () => {
    const caches = await openCaches()
    caches.define('quotes')
    await caches.close()
    const closed = expect.objectContaining({ code: 'CLOSED', message: 'The caches were closed' }) as Error
    expect(() => caches.define('other')).toThrow(closed)
    expect(() => caches.defineState('other')).toThrow(closed)
    expect(() => caches.state('other')).toThrow(closed)
    expect(() => caches.open('quotes', {})).toThrow(closed)
    await expect(caches.clear()).rejects.toThrow(closed)
    await expect(caches.invalidateTags(['t'])).rejects.toThrow(closed)
    await expect(caches.reseal()).rejects.toThrow(closed)
  })
})

describe('what is done to all caches', () => {
  it('reaches those that this process has not defined, and keeps what is no cache', async () => {
    const storage = referenceStorage()
    const theirs = await openCaches({ backend: referenceBackend({ storage }) })
    const [quotes, profiles] = [theirs.define<number>('quotes'), theirs.define<number>('profiles')]
    const sessions = theirs.defineState<number>('sessions')
    for (const cache of [quotes, profiles, sessions])
      await cache.setMany(
        [
          ['a', 1],
          ['b', 2],
        ],
        { tags: ['t'] },
      )
    const caches = await openCaches({ backend: referenceBackend({ storage }) })
    caches.define('quotes')
    await caches.invalidateTags([])
    expect([await quotes.get('a'), await profiles.get('a')]).toEqual([1, 1])
    await caches.invalidateTags(['t'])
    expect([await quotes.get('a'), await profiles.get('a'), await sessions.get('a')]).toEqual([
      undefined,
      undefined,
      1,
    ])
    await profiles.set('c', 3)
    await quotes.set('c', 3)
    await caches.clear()
    expect([await quotes.get('c'), await profiles.get('c'), await sessions.get('b')]).toEqual([
      undefined,
      undefined,
      2,
    ])
  })

  it('rejects with what failed, after all was tried', async () => {
    const storage = referenceStorage()
    let down = false
    const backend = faultyBackend(
      referenceBackend({ storage }),
      onlyFor(['change'], ({ cache }) => (down && cache === 'quotes' ? unreachable : undefined)),
    )
    const caches = await openCaches({ backend })
    const [quotes, profiles] = [caches.define<number>('quotes'), caches.define<number>('profiles')]
    await quotes.set('a', 1)
    await profiles.set('a', 1)
    down = true
    await expect(caches.clear()).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect(await profiles.get('a')).toBeUndefined()
  })
})

describe('the sizes of all caches', () => {
  it('leave out those whose backend does not answer', async () => {
    const backend = faultyBackend(
      referenceBackend(),
      onlyFor(['count'], ({ cache }) => (cache === 'profiles' ? unreachable : undefined)),
    )
    const caches = await openCaches({ backend })
    await caches.define<number>('quotes').set('a', 1)
    caches.define('empty')
    await caches.define<number>('profiles').set('a', 1)
    expect(await caches.sizes()).toEqual({ quotes: 1, empty: 0 })
  })
})

describe('the end of caches', () => {
  it.each(['transport', 'backend', 'protection'] as const)(
    'closes every part, though the %s fails to, and says so',
    async (failing) => {
      const parts = {
        transport: new TestTransport(),
        backend: referenceBackend(),
        protection: encryption({ keys: () => new Uint8Array(32) }),
      }
      const caches = await createCaches(parts)
      const closes = Object.entries(parts).map(([name, part]) => {
        const close = vi.spyOn(part, 'close')
        return name === failing ? close.mockRejectedValue(new RangeError('no')) : close
      })
      await expect(caches.close()).rejects.toThrow('no')
      expect(closes.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1])
    },
  )
})

describe('upkeep', () => {
  it('leaves a store that fails for the next time, and counts what went of the others', async () => {
    let down = true
    const backend = faultyBackend(
      referenceBackend(),
      onlyFor(['purge'], ({ cache }) => (down && cache === 'quotes' ? unreachable : undefined)),
    )
    const { caches, clock } = await openCachesInTime({ backend, upkeep: { onStart: false } })
    for (const name of ['quotes', 'profiles'])
      await caches.define<number>(name, { ttl: '1s' }).setMany([
        ['a', 1],
        ['b', 2],
      ])
    clock.advance(1001)
    expect(await caches.purge()).toBe(2)
    down = false
    expect(await caches.purge()).toBe(2)
    expect(await caches.purge()).toBe(0)
  })

  it('never comes by itself where its interval has no end', async () => {
    const { caches, clock } = await openCachesInTime({
      upkeep: { interval: Number.POSITIVE_INFINITY, onStart: false },
    })
    expect(clock.pendingTimers).toBe(0)
    expect(await caches.purge()).toBe(0)
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([
    [true, [2000, 62_000, 122_000]],
    [false, [60_000, 120_000]],
  ])(
    'comes again and again, and two seconds after the start where that is asked for: %s',
    async (onStart, at) => {
      const purgedAtMs: number[] = []
      const backend = forwardingBackend(referenceBackend(), (store) => ({
        ...forwardingStore(store),
        purge: (limit) => {
          purgedAtMs.push(clock.monotonicMs() - startedAtMs)
          return store.purge(limit)
        },
      }))
      const { caches, clock } = await openCachesInTime({ backend, upkeep: { interval: '1m', onStart } })
      const startedAtMs = clock.monotonicMs()
      caches.define('values')
      await clock.advanceAsync(130_000)
      expect(purgedAtMs).toEqual(at)
      await caches.close()
      await clock.advanceAsync(130_000)
      expect(purgedAtMs).toEqual(at)
    },
  )
})

describe('sealing anew', () => {
  it.each([
    [{ batchSize: 0 }, 'INVALID_OPTION', 'reseal: batchSize must be a whole number from 1'],
    [{ batchSize: 1.5 }, 'INVALID_OPTION', 'reseal: batchSize must be a whole number from 1'],
    [{ pause: 'x' }, 'INVALID_TTL', 'pause'],
    [{ size: 1 }, 'INVALID_OPTION', "reseal has no option 'size'"],
  ])('refuses %o', async (options, code, message) => {
    const caches = await openCaches()
    await expect(caches.reseal(options as never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    })
  })

  it('tells of its progress over all sealed caches, and of no other', async () => {
    const protection = encryption({ keys: () => new Uint8Array(32).fill(3) })
    const caches = await openCaches({ backend: memory(), protection })
    const [auth, tokens] = [caches.define<number>('auth'), caches.define<number>('tokens')]
    await caches.define<number>('quotes').set('a', 1)
    for (const cache of [auth, tokens])
      await cache.setMany([
        ['a', 1],
        ['b', 2],
      ])
    const told: ResealProgress[] = []
    const done = await caches.reseal({ batchSize: 100, pause: 0, onProgress: (each) => told.push(each) })
    expect(done).toEqual({
      scanned: 4,
      resealed: expect.any(Number) as number,
      unreadable: 0,
      cache: undefined,
      cachesDone: 2,
      cachesToDo: 2,
    })
    expect(
      told.map(({ cache, cachesDone, cachesToDo, scanned }) => [cache, cachesDone, cachesToDo, scanned]),
    ).toEqual([
      ['auth', 0, 2, 2],
      ['tokens', 1, 2, 4],
    ])
  })
})
