import { createCaches } from '@cache/core'
import { zeromq } from '@cache/invalidation/zeromq'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { boundMs, ttlMs, type Place, type TieredContender, type Versioned } from '../../tiered/contender.ts'

export async function open({ directory }: Place): Promise<TieredContender> {
  const caches = await createCaches({
    backend: sqlite({ directory }),
    l1: memory(),
    transport: zeromq({ directory: `${directory}/bus` }),
    within: boundMs,
  })
  const cache = caches.define<Versioned>('quotes', { ttl: ttlMs })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    questions: () => cache.stats().storeHits + cache.stats().misses + cache.stats().syncs,
    close: () => caches.close(),
  }
}
