import type { Caches } from '@cache/core'
import { ttlMs, type TieredContender, type Versioned } from './contender.ts'

/** One of our caches as a contender, however its tiers meet. */
export function ourContender(caches: Caches): TieredContender {
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
