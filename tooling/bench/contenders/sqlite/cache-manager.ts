import { createCache } from 'cache-manager'
import { Keyv } from 'keyv-5'
import { neverLoaded, ttlMs } from '../../values.ts'
import type { SqliteContender } from '../../workloads/sqlite.ts'
import { keyvSqliteFor5 } from '../keyv-sqlite.ts'

export function open(directory: string): SqliteContender {
  const cache = createCache({
    stores: [new Keyv({ store: keyvSqliteFor5(directory), ttl: ttlMs })],
    ttl: ttlMs,
  })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.mset(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => cache.mget([...keys]),
    delete: (key) => cache.del(key),
    getOrLoad: (key) => cache.wrap(key, neverLoaded),
    close: () => cache.disconnect(),
  }
}
