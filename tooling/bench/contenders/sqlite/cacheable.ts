import { Cacheable } from 'cacheable'
import { Keyv } from 'keyv-5'
import { neverLoaded, ttlMs } from '../../values.ts'
import type { SqliteContender } from '../../workloads/sqlite.ts'
import { keyvSqliteFor5 } from '../keyv-sqlite.ts'

/** SQLite as its primary store, so that nothing is answered from memory. */
export function open(directory: string): SqliteContender {
  const cache = new Cacheable({
    primary: new Keyv({ store: keyvSqliteFor5(directory), ttl: ttlMs }),
    ttl: ttlMs,
  })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => cache.getMany([...keys]),
    delete: (key) => cache.delete(key),
    getOrLoad: (key) => cache.getOrSet(key, neverLoaded),
    close: () => cache.disconnect(),
  }
}
