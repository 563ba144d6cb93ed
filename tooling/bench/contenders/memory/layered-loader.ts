import { Loader } from 'layered-loader'
import { neverLoaded, ttlMs, type Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'

/** Its entries come from its loader alone, so filling it means to load them. */
export function open(): MemoryContender {
  let loaded: Quote | undefined
  const loader = new Loader<Quote>({
    inMemoryCache: { cacheType: 'lru-object', maxItems: 100_000, ttlInMsecs: ttlMs },
    dataSources: [{ name: 'quotes', get: async () => loaded ?? neverLoaded(), getMany: async () => [] }],
  })
  return {
    set: async (key, value) => {
      loaded = value
      await loader.get(key)
      loaded = undefined
    },
    getOrLoad: (key) => loader.get(key),
  }
}
