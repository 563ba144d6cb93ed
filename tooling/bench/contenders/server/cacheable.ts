import KeyvRedis from '@keyv/redis'
import { Cacheable } from 'cacheable'
import { Keyv } from 'keyv-5'
import { neverLoaded, ttlMs } from '../../values.ts'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'

/** The server as its primary store, so that nothing is answered from memory. */
export function open({ url }: ServerAddress): ServerContender {
  const primary = new Keyv({ store: new KeyvRedis(url), namespace: 'cacheable', ttl: ttlMs })
  const cache = new Cacheable({ primary, ttl: ttlMs })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => cache.getMany([...keys]),
    getOrLoad: (key) => cache.getOrSet(key, neverLoaded),
    close: () => cache.disconnect(),
  }
}
