import { createStorage } from 'unstorage'
import redisDriver from 'unstorage/drivers/redis'
import { ttlMs } from '../../values.ts'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'

export function open({ url }: ServerAddress): ServerContender {
  const storage = createStorage({ driver: redisDriver({ base: 'unstorage', url, ttl: ttlMs / 1000 }) })
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, { ...value }),
    setMany: (entries) => storage.setItems(entries.map(([key, value]) => ({ key, value: { ...value } }))),
    getMany: (keys) => storage.getItems([...keys]),
    close: () => storage.dispose(),
  }
}
