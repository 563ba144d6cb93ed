import { createCache } from 'cache-manager'
import { neverLoaded, ttlMs } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const cache = createCache({ ttl: ttlMs })
  return {
    set: (key, value) => cache.set(key, value),
    get: (key) => cache.get(key),
    getOrLoad: (key) => cache.wrap(key, neverLoaded),
  }
}
