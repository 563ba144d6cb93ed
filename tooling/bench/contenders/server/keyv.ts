import KeyvRedis from '@keyv/redis'
import { Keyv } from 'keyv-5'
import { ttlMs } from '../../values.ts'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'

export function open({ url }: ServerAddress): ServerContender {
  const cache = new Keyv({ store: new KeyvRedis(url), namespace: 'keyv', ttl: ttlMs })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries.map(([key, value]) => ({ key, value }))),
    getMany: (keys) => cache.getMany([...keys]),
    close: () => cache.disconnect(),
  }
}
