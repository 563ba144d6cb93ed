import { Keyv } from 'keyv'
import { ttlMs } from '../../values.ts'
import type { SqliteContender } from '../../workloads/sqlite.ts'
import { keyvSqlite } from '../keyv-sqlite.ts'

export function open(directory: string): SqliteContender {
  const cache = new Keyv({ store: keyvSqlite(directory), ttl: ttlMs })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => cache.getMany([...keys]),
    delete: (key) => cache.delete(key),
    close: () => cache.disconnect(),
  }
}
