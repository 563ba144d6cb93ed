import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { boundMs, ttlMs, type Place, type TieredContender, type Versioned } from '../../tiered/contender.ts'

/** Without a transport: it lives by asking. */
export async function open({ redisUrl }: Place): Promise<TieredContender> {
  const caches = await createCaches({ backend: redis({ url: redisUrl }), l1: memory(), within: boundMs })
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
