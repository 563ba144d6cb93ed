import { createCaches, type Cache } from '@cache/core'
import { memory } from '@cache/memory'
import { neverLoaded, type Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

export async function open(): Promise<MemoryContender> {
  const caches = await createCaches({ backend: memory() })
  return contenderOf(caches.define<Quote>('quotes', { ttl: '1h' }))
}

/** All three ways to read one of our caches. */
export function contenderOf(cache: Cache<Quote>): MemoryContender {
  return {
    set: (key, value) => cache.set(key, value),
    get: (key) => cache.get(key),
    getOrLoad: (key) => cache.getOrLoad(key, neverLoaded),
    peek: (key) => cache.peek(key),
  }
}
