import { createCaches } from '@cache/core'
import { pubSub } from '@cache/invalidation/pubsub'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { boundMs, ttlMs, type Place, type TieredContender, type Versioned } from '../../tiered/contender.ts'

/** Foreign writers are noticed as well: each change of our own has an echo. */
export async function open({ redisUrl }: Place): Promise<TieredContender> {
  const backend = redis({ url: redisUrl })
  const caches = await createCaches({
    backend,
    l1: memory(),
    transport: pubSub({ backend, tracking: true }),
    within: boundMs,
  })
  const cache = caches.define<Versioned>('quotes', { ttl: ttlMs })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    counts: () => {
      const { storeHits, misses, syncs } = cache.stats()
      return { past: storeHits + misses, syncs }
    },
    close: () => caches.close(),
  }
}
