import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv-5'
import { neverLoaded, ttlMs } from '../../values.ts'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'

export function open({ url }: ServerAddress): ServerContender {
  const store = new Keyv({ store: new KeyvRedis(url), namespace: 'cache-manager', ttl: ttlMs })
  const cache = createCache({ stores: [store], ttl: ttlMs })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.mset(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => cache.mget([...keys]),
    getOrLoad: (key) => cache.wrap(key, neverLoaded),
    close: () => cache.disconnect(),
  }
}
