import { createCache } from 'async-cache-dedupe'
import { neverLoaded, type Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

/** Its entries come from its loader alone, so filling it means to load them. */
export function open(): MemoryContender {
  let loaded: Quote | undefined
  const cache = createCache({ ttl: 3600, storage: { type: 'memory', options: { size: 100_000 } } })
  const quotes = cache.define('quote', async (_key: string) => loaded ?? neverLoaded())
  return {
    set: async (key, value) => {
      loaded = value
      await quotes.quote(key)
      loaded = undefined
    },
    getOrLoad: (key) => quotes.quote(key),
  }
}
