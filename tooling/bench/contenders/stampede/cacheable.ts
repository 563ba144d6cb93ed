import { Cacheable } from 'cacheable'
import { Keyv } from 'keyv-5'
import { ttlMs } from '../../values.ts'
import type { StampedeContender } from '../../workloads/stampede.ts'
import { keyvSqliteFor5 } from '../keyv-sqlite.ts'

export function open(directory: string): StampedeContender {
  const cache = new Cacheable({ primary: new Keyv({ store: keyvSqliteFor5(directory) }), ttl: ttlMs })
  return { getOrLoad: (key, load) => cache.getOrSet(key, load), close: () => cache.disconnect() }
}
