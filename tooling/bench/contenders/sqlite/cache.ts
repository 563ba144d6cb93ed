import { createCaches } from '@cache/core'
import { sqlite } from '@cache/sqlite'
import { neverLoaded, type Quote } from '../../values.ts'
import type { SqliteContender } from '../../workloads/sqlite.ts'

/** The whole engine, without a tier in memory. */
export async function open(directory: string): Promise<SqliteContender> {
  const caches = await createCaches({ backend: sqlite({ directory }) })
  const cache = caches.define<Quote>('quotes', { ttl: '1h' })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries),
    getMany: (keys) => cache.getMany(keys),
    delete: (key) => cache.delete(key),
    getOrLoad: (key) => cache.getOrLoad(key, neverLoaded),
    close: () => caches.close(),
  }
}
