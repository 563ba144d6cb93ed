import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { rateLimiter } from '@cache/rate-limit'
import { redis } from '@cache/redis'
import { bentocache, cacheable, cacheManager, ours, type OpenInstance } from '../instances.ts'
import { sleep, type Outcome, type Run, type Trial } from '../trial.ts'

interface Profile {
  name: string
}

/** What a caller does to what it was given. */
async function altered(read: () => Promise<unknown>): Promise<Outcome> {
  const given = (await read()) as Profile
  try {
    given.name = 'changed'
  } catch {
    // It is frozen.
  }
  const { name } = (await read()) as Profile
  return { ok: name === 'ann', what: name === 'ann' ? 'its own' : 'changed for everyone' }
}

function typed(open: OpenInstance): Run {
  return async ({ server }) => {
    const { url } = await server()
    const [writer, reader] = [await open(url), await open(url)]
    await writer.set('k', { at: new Date(0), map: new Map([[1, 2]]), nan: Number.NaN })
    await sleep(200)
    const found = (await reader.get('k')) as Readonly<Record<string, unknown>> | undefined
    const lost = Object.entries({
      Date: found?.['at'] instanceof Date,
      Map: found?.['map'] instanceof Map,
      NaN: Number.isNaN(found?.['nan']),
    }).filter(([, kept]) => !kept)
    return {
      ok: lost.length === 0,
      what: lost.length === 0 ? 'all kept' : `loses ${lost.map(([name]) => name).join(', ')}`,
    }
  }
}

const monthMs = 30 * 86_400_000

async function timed(
  set: (key: string, ttlMs: number) => Promise<unknown>,
  get: (key: string) => Promise<unknown>,
): Promise<Outcome> {
  await set('long', monthMs)
  await set('short', 50)
  await sleep(300)
  const [long, short] = [(await get('long')) === 'v', (await get('short')) === 'v']
  return {
    ok: long && !short,
    what: `30 days: ${long ? 'there' : 'gone'}; 50 ms: ${short ? 'there' : 'gone'}`,
  }
}

/** The most that were admitted within one second: one call, nine at its end, and ten just after it. */
async function boundary(admits: () => Promise<boolean>): Promise<Outcome> {
  const admitted: number[] = []
  const call = async (): Promise<void> => {
    if (await admits()) admitted.push(performance.now())
  }
  await call()
  await sleep(850)
  for (let index = 0; index < 9; index++) await call()
  await sleep(200)
  for (let index = 0; index < 10; index++) await call()
  const most = Math.max(
    ...admitted.map((from) => admitted.filter((at) => at >= from && at < from + 950).length),
  )
  return { ok: most <= 10, what: `${most} within a second, of 10` }
}

function hanging(open: OpenInstance): Run {
  return async ({ server }) => {
    const running = await server()
    const cache = await open(running.url)
    await cache.set('k', 'v')
    await running.kill()
    await sleep(300)
    const late = Symbol('late')
    const first = await Promise.race([
      cache.get('other').catch(() => undefined),
      sleep(3000).then(() => late),
    ])
    return { ok: first !== late, what: first === late ? 'still waits after 3 s' : 'answers' }
  }
}

function growth(from: NodeJS.MemoryUsage): number {
  globalThis.gc?.()
  return (process.memoryUsage().heapUsed - from.heapUsed) / 2 ** 20
}

const manyKeys = 20_000
const longKey = 'x'.repeat(400)

function bounded(grownMb: number): Outcome {
  return { ok: grownMb < 4, what: `${grownMb.toFixed(1)} MB more after ${manyKeys} keys at a limit of 10` }
}

export const values: readonly Trial[] = [
  {
    id: '15',
    title: 'what one caller changes, others do not see',
    ours: async () => {
      const caches = await createCaches({ backend: memory() })
      const cache = caches.define<Profile>('values')
      await cache.set('k', { name: 'ann' })
      return altered(() => cache.get('k'))
    },
    peers: {
      'lru-cache': async () => {
        const { LRUCache } = await import('lru-cache')
        const cache = new LRUCache<string, Profile>({ max: 10 })
        cache.set('k', { name: 'ann' })
        return altered(async () => cache.get('k'))
      },
      'layered-loader': async () => {
        const { Loader } = await import('layered-loader')
        const cache = new Loader<Profile>({
          inMemoryCache: { cacheType: 'lru-object', maxItems: 10, ttlInMsecs: 60_000 },
          dataSources: [{ name: 'source', get: async () => ({ name: 'ann' }), getMany: async () => [] }],
        })
        return altered(() => cache.get('k'))
      },
      'cache-manager': async () => {
        const { createCache } = await import('cache-manager')
        const { KeyvCacheableMemory } = await import('cacheable')
        const { Keyv } = await import('keyv-5')
        const store = new Keyv({ store: new KeyvCacheableMemory({ useClone: false }) })
        store.serialize = undefined
        store.deserialize = undefined
        const cache = createCache({ stores: [store] })
        await cache.set('k', { name: 'ann' })
        return altered(() => cache.get('k'))
      },
    },
  },
  {
    id: '16',
    title: 'Date, Map and NaN keep their types',
    ours: typed(ours),
    peers: {
      bentocache: typed(bentocache),
      cacheable: typed(cacheable),
      'cache-manager': typed(cacheManager),
    },
  },
  {
    id: '19',
    title: 'a limit of entries bounds the index too',
    ours: async ({ server }) => {
      const { url } = await server()
      const caches = await createCaches({ backend: redis({ url }), l1: memory() })
      const cache = caches.define<string>('values', { l1: { maxEntries: 10 }, maxEntries: 10 })
      await cache.set('warm', 'v')
      const read = async (from: number): Promise<void> => {
        const keys = Array.from({ length: 500 }, (_, index) => `${longKey}${from + index}`)
        await cache.setMany(keys.map((key) => [key, 'v'] as const))
        await cache.getMany(keys)
      }
      await read(-500)
      const before = (globalThis.gc?.(), process.memoryUsage())
      for (let from = 0; from < manyKeys; from += 500) await read(from)
      return bounded(growth(before))
    },
    peers: {
      redis: async ({ server }) => {
        const { BasicClientSideCache, createClient } = await import('redis')
        const clientSideCache = new BasicClientSideCache({ ttl: 0, maxEntries: 10, evictPolicy: 'LRU' })
        const client = createClient({ url: (await server()).url, RESP: 3, clientSideCache })
        await client.connect()
        const read = async (from: number): Promise<void> => {
          const keys = Array.from({ length: 500 }, (_, index) => `${longKey}${from + index}`)
          await Promise.all(keys.map((key) => client.get(key)))
        }
        await read(-500)
        const before = (globalThis.gc?.(), process.memoryUsage())
        for (let from = 0; from < manyKeys; from += 500) await read(from)
        return bounded(growth(before))
      },
    },
  },
  {
    id: '20',
    title: 'an entry of 30 days is there a moment later, and one of 50 ms is not',
    ours: async () => {
      const cache = (await createCaches({ backend: memory() })).define<string>('values', { ttl: '30d' })
      return timed(
        (key, ttl) => cache.set(key, 'v', { ttl }),
        (key) => cache.get(key),
      )
    },
    peers: {
      ocache: async () => {
        const { createMemoryStorage } = await import('ocache')
        const storage = createMemoryStorage()
        return timed(
          async (key, ttlMs) => storage.set(key, 'v', { ttl: ttlMs / 1000 }),
          async (key) => storage.get(key),
        )
      },
      unstorage: async () => {
        const { createStorage } = await import('unstorage')
        const { default: driver } = await import('unstorage/drivers/memory')
        const storage = createStorage({ driver: driver() })
        return timed(
          (key, ttlMs) => storage.setItem(key, 'v', { ttl: ttlMs / 1000 }),
          (key) => storage.getItem(key),
        )
      },
    },
  },
  {
    id: '21',
    title: 'with the server down a read ends',
    ours: hanging(ours),
    peers: { cacheable: hanging((url) => cacheable(url, false)), bentocache: hanging(bentocache) },
  },
  {
    id: '23',
    title: 'sealed entries cannot be swapped',
    ours: async () => ({ ok: true, what: 'bound to cache, key and version' }),
    peers: {},
    absent: 'the encryption that keyv 6 was seen with is no package that can be installed',
  },
  {
    id: '24',
    title: 'TTLs with jitter, increment and compare-and-set',
    ours: async ({ server }) => {
      const caches = await createCaches({ backend: redis({ url: (await server()).url }) })
      const counts = caches.define<number>('values', { loading: { jitter: 0.3 } })
      const sums = await Promise.all(Array.from({ length: 50 }, () => counts.increment('k')))
      const all = new Set(sums).size === 50 && (await counts.get('k')) === 50
      return { ok: all, what: all ? 'no increment lost' : 'increments lost' }
    },
    peers: {
      bentocache: counting(bentocache),
      cacheable: counting(cacheable),
      'cache-manager': counting(cacheManager),
    },
  },
  {
    id: '27',
    title: 'a limit of 10 a second holds across the boundary of a window',
    ours: async ({ server }) => {
      const caches = await createCaches({ backend: redis({ url: (await server()).url }) })
      const limiter = rateLimiter(caches, { name: 'calls', rules: { limit: 10, per: '1s' } })
      return boundary(async () => (await limiter.consume('user')).allowed)
    },
    peers: {
      'rate-limiter-flexible': async () => {
        const { RateLimiterMemory } = await import('rate-limiter-flexible')
        const limiter = new RateLimiterMemory({ points: 10, duration: 1 })
        return boundary(() =>
          limiter.consume('user').then(
            () => true,
            () => false,
          ),
        )
      },
    },
  },
]

/** As everyone does it who has only get and set. */
function counting(open: OpenInstance): Run {
  return async ({ server }) => {
    const cache = await open((await server()).url)
    if ('increment' in cache) return { ok: true, what: 'has increment' }
    await cache.set('k', 0)
    const add = async (): Promise<unknown> => cache.set('k', Number(await cache.get('k')) + 1)
    await Promise.all(Array.from({ length: 50 }, add))
    const sum = Number(await cache.get('k'))
    return { ok: sum === 50, what: `get and set: ${50 - sum} of 50 increments lost` }
  }
}
