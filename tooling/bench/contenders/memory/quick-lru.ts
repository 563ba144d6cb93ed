import QuickLRU from 'quick-lru'
import { ttlMs, type Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export function open(): MemoryContender {
  const cache = new QuickLRU<string, Quote>({ maxSize: 100_000, maxAge: ttlMs })
  return { set: (key, value) => cache.set(key, value), peek: (key) => cache.get(key) }
}
