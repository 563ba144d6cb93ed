import { LRUCache } from 'lru-cache'
import type { Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const cache = new LRUCache<string, Quote>({ max: 100_000 })
  return { set: (key, value) => cache.set(key, value), peek: (key) => cache.get(key) }
}
