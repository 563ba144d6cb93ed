import { TTLCache } from '@isaacs/ttlcache'
import { ttlMs, type Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const cache = new TTLCache<string, Quote>({ ttl: ttlMs })
  return { set: (key, value) => cache.set(key, value), peek: (key) => cache.get(key) }
}
