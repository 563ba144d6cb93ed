import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import type { TieredContender, TieredSettings } from '../../workloads/tiered-local.ts'

/** L1 that holds every key, over a file that others write to. */
export async function open(directory: string, settings: TieredSettings): Promise<TieredContender> {
  const { withinMs, l1TtlMs } = settings
  const caches = await createCaches({ backend: sqlite({ directory }), l1: memory() })
  const ttl = l1TtlMs === 0 ? undefined : l1TtlMs
  const cache = caches.define<number>('quotes', { ttl: '1h', l1: { within: withinMs, ttl } })
  return {
    get: (key) => cache.get(key),
    set: (key, version) => cache.set(key, version),
    localReads: () => cache.stats().localHits,
    close: () => caches.close(),
  }
}
