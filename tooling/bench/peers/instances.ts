import { createCaches } from '@cache/core'
import { pubSub } from '@cache/invalidation/pubsub'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'

/** A cache of one process, with its memory in front of a server that others use too. */
export interface Instance {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown, ttlMs?: number): Promise<unknown>
  getOrLoad(key: string, load: () => Promise<unknown>, ttlMs?: number): Promise<unknown>
  delete(key: string): Promise<unknown>
  clear(): Promise<unknown>
}

export type OpenInstance = (url: string) => Promise<Instance>

const longMs = 600_000

export async function ours(url: string): Promise<Instance> {
  const backend = redis({ url, commandTimeout: 500 })
  // Nothing but messages and repairs brings it in step in time.
  const options = { backend, l1: memory(), transport: pubSub({ backend }), within: '1h' } as const
  const caches = await createCaches({ ...options, resilience: { openFor: 50 } })
  const cache = caches.define<unknown>('values', { ttl: longMs })
  return {
    get: (key) => cache.get(key),
    set: (key, value, ttlMs = longMs) => cache.set(key, value, { ttl: ttlMs }),
    getOrLoad: (key, load, ttlMs = longMs) => cache.getOrLoad(key, load, { ttl: ttlMs }),
    delete: (key) => cache.delete(key),
    clear: () => cache.clear(),
  }
}

export async function openBento(url: string): ReturnType<typeof bentoOf> {
  return bentoOf(url)
}

/** Its types need more than these trials do. */
async function bentoOf(url: string) {
  const { BentoCache, bentostore } = await import('bentocache')
  const { memoryDriver } = await import('bentocache/drivers/memory')
  const { redisBusDriver, redisDriver } = await import('bentocache/drivers/redis')
  const { hostname: host, port } = new URL(url)
  const connection = { host, port: Number(port) }
  const tiered = bentostore()
    .useL1Layer(memoryDriver({ maxItems: 10_000 }))
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection }))
  return new BentoCache({ default: 'tiered', stores: { tiered } })
}

export async function bentocache(url: string): Promise<Instance> {
  const bento = await openBento(url)
  return {
    get: (key) => bento.get({ key }),
    set: (key, value, ttl = longMs) => bento.set({ key, value, ttl }),
    getOrLoad: (key, factory, ttl = longMs) => bento.getOrSet({ key, factory, ttl }),
    delete: (key) => bento.delete({ key }),
    clear: () => bento.clear(),
  }
}

/** Its bus ends the process when the server is gone; without it there is more to see. */
export async function cacheable(url: string, withBus = true): Promise<Instance> {
  const { default: KeyvRedis } = await import('@keyv/redis')
  const { RedisMessageProvider } = await import('@qified/redis')
  const { Cacheable, CacheableSync } = await import('cacheable')
  const { Keyv } = await import('keyv-5')
  const { Qified } = await import('qified')
  const bus = (): object => {
    const qified = new Qified({ messageProviders: [new RedisMessageProvider({ uri: url })] })
    return { sync: new CacheableSync({ qified }) }
  }
  const secondary = new Keyv({ store: new KeyvRedis(url) })
  const cache = new Cacheable({ secondary, nonBlocking: false, ...(withBus ? bus() : {}) })
  // As its documentation says to do.
  secondary.on('error', () => undefined)
  cache.on('error', () => undefined)
  return {
    get: (key) => cache.get(key),
    set: (key, value, ttlMs = longMs) => cache.set(key, value, ttlMs),
    getOrLoad: (key, load) => cache.getOrSet(key, load, { ttl: longMs }),
    delete: (key) => cache.delete(key),
    clear: () => cache.clear(),
  }
}

export async function cacheManager(url: string, nonBlocking = false): Promise<Instance> {
  const { default: KeyvRedis } = await import('@keyv/redis')
  const { createCache } = await import('cache-manager')
  const { Keyv } = await import('keyv-5')
  const stores = [new Keyv(), new Keyv({ store: new KeyvRedis(url) })]
  const cache = createCache({ stores, ttl: longMs, nonBlocking })
  return {
    get: (key) => cache.get(key),
    set: (key, value, ttlMs = longMs) => cache.set(key, value, ttlMs),
    getOrLoad: (key, load, ttlMs = longMs) => cache.wrap(key, load, ttlMs),
    delete: (key) => cache.del(key),
    clear: () => cache.clear(),
  }
}

export async function asyncCacheDedupe(url: string): Promise<Instance> {
  const { createCache } = await import('async-cache-dedupe')
  const { Redis } = await import('ioredis-5')
  let loader: () => Promise<unknown> = async () => undefined
  const storage = { type: 'redis', options: { client: new Redis(url) } }
  const cache = createCache({ ttl: longMs / 1000, storage: storage as never }) as unknown as DedupeCache
  cache.define('load', () => loader())
  return {
    get: (key) => cache.load(key),
    set: async () => undefined,
    getOrLoad: (key, load) => {
      loader = load
      return cache.load(key)
    },
    delete: (key) => cache.clear('load', key),
    clear: () => cache.clear(),
  }
}

interface DedupeCache {
  define(name: string, load: (key: string) => Promise<unknown>): void
  load(key: string): Promise<unknown>
  clear(name?: string, key?: string): Promise<unknown>
}

export async function layeredLoader(url: string): Promise<Instance> {
  const { Loader, RedisCache } = await import('layered-loader')
  const { Redis } = await import('ioredis-5')
  let loader: () => Promise<unknown> = async () => undefined
  const cache = new Loader<unknown>({
    inMemoryCache: { cacheType: 'lru-object', maxItems: 1000, ttlInMsecs: longMs },
    asyncCache: new RedisCache(new Redis(url), { ttlInMsecs: longMs, json: true }),
    dataSources: [{ name: 'source', get: () => loader(), getMany: async () => [] }],
  })
  return {
    get: (key) => cache.get(key),
    set: async () => undefined,
    getOrLoad: (key, load) => {
      loader = load
      return cache.get(key)
    },
    delete: (key) => cache.invalidateCacheFor(key),
    clear: () => cache.invalidateCache(),
  }
}

export async function cachified(url: string): Promise<Instance> {
  const { cachified: run } = await import('@epic-web/cachified')
  const { Redis } = await import('ioredis')
  const client = new Redis(url)
  const cache = {
    get: async (key: string) => JSON.parse((await client.get(key)) ?? 'null') as null,
    set: async (key: string, entry: unknown) => client.set(key, JSON.stringify(entry)),
    delete: async (key: string) => client.del(key),
  }
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getOrLoad: (key, getFreshValue) => run({ key, cache, ttl: longMs, getFreshValue }),
    delete: (key) => cache.delete(key),
    clear: () => client.flushall(),
  }
}
