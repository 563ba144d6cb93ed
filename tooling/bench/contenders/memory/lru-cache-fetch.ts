import { LRUCache } from 'lru-cache'
import { neverLoaded, ttlMs, type Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const cache = new LRUCache<string, Quote>({ max: 100_000, ttl: ttlMs, fetchMethod: neverLoaded })
  return {
    set: (key, value) => cache.set(key, value),
    getOrLoad: (key) => cache.fetch(key),
  }
}
