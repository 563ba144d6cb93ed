import { LRUCache } from 'lru-cache'
import { ttlMs, type Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

/** The floor of `peek`: a resolution of 0 reads the clock on each call, as exact expiry must. */
export function open(): MemoryContender {
  const cache = new LRUCache<string, Quote>({ max: 100_000, ttl: ttlMs, ttlResolution: 0 })
  return { set: (key, value) => cache.set(key, value), peek: (key) => cache.get(key) }
}
