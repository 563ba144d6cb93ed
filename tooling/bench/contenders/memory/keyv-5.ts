import { Keyv } from 'keyv-5'
import { ttlMs } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const cache = new Keyv({ ttl: ttlMs })
  return { set: (key, value) => cache.set(key, value), get: (key) => cache.get(key) }
}
