import { describe, expect, it, vi } from 'vitest'
import { referenceBackend } from '../../../conformance/src/index.ts'
import {
  createCaches,
  type CachesOptions,
  type DebugOptions,
  type EntryStore,
  type StoreOptions,
} from '../../src/index.ts'
import { channels } from '../../src/events/channels.ts'
import { openCaches, openCachesInTime } from '../support/open-caches.ts'

async function cacheWith(debug: DebugOptions, more: Partial<CachesOptions> = {}) {
  const caches = await openCaches({ debug, ...more })
  return caches.define<number>('values')
}

describe('bypass', () => {
  it('makes every read miss and every load run its loader and store nothing', async () => {
    const cache = await cacheWith({ bypass: true })
    expect(await cache.set('a', 1)).toBe(true)
    expect([await cache.get('a'), cache.peek('a'), await cache.has('a'), await cache.ttl('a')]).toEqual([
      undefined,
      undefined,
      false,
      undefined,
    ])
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(await cache.getWithMeta('a')).toBeUndefined()
    const loader = vi.fn<() => number>(() => 2)
    expect(await cache.getOrLoad('new', loader)).toBe(2)
    expect(await cache.getOrLoad('new', loader)).toBe(2)
    expect(loader).toHaveBeenCalledTimes(2)
    expect(await cache.size()).toBe(1)
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 9, loads: 2 })
  })

  it('lets writes, invalidations and atomic operations reach the backend', async () => {
    const backend = referenceBackend()
    const caches = await createCaches({ backend, debug: { bypass: true } })
    const cache = caches.define<number>('values')
    await cache.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    expect(await cache.increment('a', 4)).toBe(5)
    expect(await cache.update('b', (value) => (value ?? 0) * 10)).toBe(20)
    expect(await cache.add('b', 1)).toBe(false)
    expect(await cache.delete('c')).toBe(true)
    expect(await cache.deleteMany(['c'])).toBe(0)
    expect(await cache.expire('b', '1m')).toBe(true)
    expect(await Array.fromAsync(cache.keys())).toEqual(['a', 'b'])
    expect(await cache.deleteMatching('a*')).toBe(1)
    await cache.invalidateTags(['x'])
    await cache.clear()
    expect(await cache.size()).toBe(0)
    const lists = caches.define<number[]>('lists')
    expect(await lists.append('l', [1, 2])).toBe(2)
    expect(await Array.fromAsync(lists.keysWithTag('none'))).toEqual([])
    expect(await lists.compareAndSet('l', 'no', [])).toBe(false)
    expect(await lists.deleteIf('l', 'no')).toBe(false)
    expect(await lists.expireIf('l', 'no')).toBe(false)
    lists.resetStats()
    expect(lists.stats().misses).toBe(0)
    await caches.close()
  })

  it('ends a load at its hard timeout, and when its caller aborts', async () => {
    const { caches, clock } = await openCachesInTime({ debug: { bypass: true } })
    const cache = caches.define<number>('values', { loading: { hardTimeout: '1s' } })
    let seen: AbortSignal | undefined
    const late = cache.getOrLoad('a', ({ signal }) => {
      seen = signal
      return new Promise<number>(() => undefined)
    })
    const failure = late.catch((error: unknown) => error)
    clock.advance(1001)
    expect(await failure).toMatchObject({
      code: 'LOADER_TIMEOUT',
      message: 'The loader took longer than 1000 ms',
    })
    expect(cache.stats()).toMatchObject({ loads: 1, loadErrors: 1 })
    expect(seen?.aborted).toBe(true)
    const controller = new AbortController()
    const aborted = cache.getOrLoad('a', () => new Promise<number>(() => undefined), {
      signal: controller.signal,
    })
    controller.abort('enough')
    await expect(aborted).rejects.toMatchObject({
      code: 'ABORTED',
      message: 'The caller aborted the call',
      cause: 'enough',
    })
    await expect(cache.getOrLoad('a', () => 1, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    await expect(cache.getOrLoad('a', () => Promise.reject(new RangeError('no')))).rejects.toThrow('no')
  })
})

describe('a load past the cache', () => {
  it('is aborted for its loader as well, and leaves neither a timer nor a listener', async () => {
    const { caches, clock } = await openCachesInTime({
      debug: { bypass: true },
      upkeep: { interval: Number.POSITIVE_INFINITY, onStart: false },
    })
    const cache = caches.define<number>('values')
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    expect(await cache.getOrLoad('a', () => 1, { signal })).toBe(1)
    const ours = add.mock.calls.filter(([, listener]) => typeof listener === 'function')
    expect(remove.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
      expect.arrayContaining(ours.map(([type, listener]) => [type, listener])),
    )
    expect(clock.pendingTimers).toBe(0)
    const controller = new AbortController()
    let seen: AbortSignal | undefined
    const load = cache.getOrLoad(
      'a',
      (context) => {
        seen = context.signal
        return new Promise<number>(() => undefined)
      },
      { signal: controller.signal },
    )
    await Promise.resolve()
    controller.abort()
    await expect(load).rejects.toMatchObject({ code: 'ABORTED' })
    expect(seen?.aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('fakeMissRate', () => {
  it('of 0 misses nothing, and of 1 everything', async () => {
    for (const [fakeMissRate, seen] of [
      [0, 1],
      [1, undefined],
    ] as const) {
      const cache = await cacheWith({ fakeMissRate }, { environment: { random: () => 0 } })
      await cache.set('a', 1)
      expect(await cache.get('a')).toBe(seen)
    }
  })

  it('leaves the others of a call where they are asked for', async () => {
    const chances = [0.9, 0.1, 0.9, 0.1]
    const cache = await cacheWith(
      { fakeMissRate: 0.3 },
      { environment: { random: () => chances.shift() ?? 1 } },
    )
    await cache.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    expect(await cache.getMany(['a', 'b', 'c', 'a'])).toEqual([1, undefined, 3, undefined])
    expect(await cache.getMany(['b', 'a'])).toEqual([2, 1])
  })

  it('makes that share of the reads miss', async () => {
    const chances = [0.1, 0.9, 0.29, 0.3]
    const random = () => chances.shift() ?? 1
    const cache = await cacheWith({ fakeMissRate: 0.3 }, { environment: { random } })
    await cache.set('a', 1)
    const reads = [await cache.get('a'), await cache.get('a'), await cache.get('a'), await cache.get('a')]
    expect(reads).toEqual([undefined, 1, undefined, 1])
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 2 })
  })

  it.each([-0.1, 1.1, Number.NaN])('refuses %d', async (fakeMissRate) => {
    await expect(cacheWith({ fakeMissRate })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'debug.fakeMissRate must be a number from 0 to 1',
    })
  })
})

describe('the log', () => {
  it('writes a line for each hit and miss of these caches, with a hash in place of the key', async () => {
    const lines: string[] = []
    const log = { hits: true, misses: true, keys: true, write: (line: string) => lines.push(line) }
    const cache = await cacheWith({ log })
    const others = (await openCaches({ prefix: 'other' })).define<number>('values')
    await cache.set('secret-key', 1)
    await cache.get('secret-key')
    await cache.get('nothing')
    await cache.get('secret-key')
    await others.get('nothing')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^cache l1-hit cache=values key=[0-9a-f]{16}$/)
    expect(lines[1]).toMatch(/^cache miss cache=values key=[0-9a-f]{16}$/)
    expect(lines[2]).toBe(lines[0])
    expect(lines.join()).not.toContain('secret')
  })

  it('writes only what it is asked for, and nothing after the end', async () => {
    const lines: string[] = []
    const caches = await openCaches({ debug: { log: { misses: true, write: (line) => lines.push(line) } } })
    const cache = caches.define<number>('values')
    await cache.set('a', 1)
    await cache.get('a')
    await cache.get('b')
    expect(lines).toEqual(['cache miss cache=values'])
    await caches.close()
    await cache.get('b').catch(() => undefined)
    expect(lines).toHaveLength(1)
  })

  it('keeps apart hits, misses and slow calls, and those of other caches', async () => {
    const linesOf = async (log: object): Promise<readonly string[]> => {
      const lines: string[] = []
      const { caches, clock } = await openCachesInTime({
        prefix: 'own',
        backend: slowBackend(() => clock.advance(80)),
        debug: { log: { ...log, write: (line: string) => lines.push(line) } },
      })
      const others = await openCachesInTime({ backend: slowBackend(() => others.clock.advance(80)) })
      for (const each of [caches, others.caches]) {
        const cache = each.define<number>('values')
        await cache.set('a', 1)
        await cache.get('a')
        await cache.get('b')
      }
      return lines
    }
    const [hit, miss] = ['cache l2-hit cache=values', 'cache miss cache=values']
    const slow = 'cache slow cache=values operation=read ms=80.0'
    expect(await linesOf({ hits: true })).toEqual([hit])
    expect(await linesOf({ misses: true })).toEqual([miss])
    expect(await linesOf({ slowOperations: true })).toEqual([slow, slow])
    expect(await linesOf({})).toEqual([])
  })

  it('listens for nothing that it does not write, and no longer than its caches live', async () => {
    const heard = (): boolean[] =>
      [channels['cache:read'], channels['cache:slow']].map((each) => each.hasSubscribers)
    for (const [log, listening] of [
      [{}, [false, false]],
      [{ keys: true }, [false, false]],
      [{ hits: true }, [true, false]],
      [{ misses: true }, [true, false]],
      [{ slowOperations: true }, [false, true]],
    ] as const) {
      const caches = await openCaches({ debug: { log } })
      expect(heard()).toEqual(listening)
      await caches.close()
      expect(heard()).toEqual([false, false])
    }
  })

  it('tells of slow calls to the backend', async () => {
    const lines: string[] = []
    const { caches, clock } = await openCachesInTime({
      backend: slowBackend(() => clock.advance(80)),
      debug: { log: { slowOperations: true, write: (line) => lines.push(line) } },
    })
    await caches.define<number>('values').get('a')
    expect(lines).toContain('cache slow cache=values operation=read ms=80.0')
  })

  it('goes to the standard error stream by default', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const cache = await cacheWith({ log: { misses: true } })
    await cache.get('a')
    expect(write).toHaveBeenCalledWith('cache miss cache=values\n')
  })
})

describe('limits of an operator', () => {
  it('split calls for many keys into steps', async () => {
    const backend = referenceBackend()
    const open = backend.store.bind(backend)
    const sizes: number[] = []
    const store = (options: StoreOptions): EntryStore => {
      const counted = open(options)
      const { read, change, scan } = counted
      counted.read = (keys) => {
        sizes.push(keys.length)
        return read.call(counted, keys)
      }
      counted.change = (changes) => {
        sizes.push(changes.length)
        return change.call(counted, changes)
      }
      counted.scan = (request) => {
        sizes.push(request.limit)
        return scan.call(counted, request)
      }
      return counted
    }
    const upkeep = { pipelineSize: 4, scanCount: 6, onStart: false }
    const caches = await openCaches({ backend: Object.assign(backend, { store }), upkeep })
    const cache = caches.define<number>('values')
    const keys = Array.from({ length: 10 }, (_, index) => `k${index}`)
    await cache.setMany(keys.map((key, index) => [key, index]))
    expect(await cache.getMany(keys)).toEqual(keys.map((_, index) => index))
    expect(await cache.deleteMany(keys.slice(0, 5))).toBe(5)
    expect(await Array.fromAsync(cache.keys())).toHaveLength(5)
    expect(sizes).toEqual([4, 4, 2, 4, 4, 2, 4, 1, 6])
    expect(await cache.setMany([])).toBe(true)
  })

  it('cap how long stale entries are kept', async () => {
    const { caches, clock } = await openCachesInTime({ upkeep: { maxStale: '1m', onStart: false } })
    const cache = caches.define<number>('values', { ttl: '1s', loading: { staleFor: '1h' } })
    await cache.set('a', 1)
    clock.advance(30_000)
    expect(await cache.getWithMeta('a')).toMatchObject({ stale: true })
    clock.advance(32_000)
    expect(await cache.getWithMeta('a')).toBeUndefined()
  })

  it('make caches sensitive whatever their code says', async () => {
    const caches = await openCaches({ sensitiveCaches: ['auth'] })
    expect(() => caches.define('auth', { sensitive: false })).toThrow("give createCaches a 'protection'")
    caches.define('quotes')
  })
})

/** A backend whose reads take as long as `wait`. */
function slowBackend(wait: () => void) {
  const backend = referenceBackend()
  const open = backend.store.bind(backend)
  const store = (options: StoreOptions): EntryStore => {
    const slow = open(options)
    const read = slow.read.bind(slow)
    slow.read = async (keys) => {
      wait()
      return read(keys)
    }
    return slow
  }
  return Object.assign(backend, { store })
}
