import { createStorage } from 'async-cache-dedupe'
import { Redis } from 'ioredis-5'
import { ttlMs } from '../../values.ts'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'

/** Its storage, which its loaders use; it has no batch operations. */
export function open({ url }: ServerAddress): ServerContender {
  const client = new Redis(url)
  const storage = createStorage('redis', { client: client as never })
  const get = (key: string): Promise<unknown> => storage.get(`dedupe:${key}`)
  const set = (key: string, value: unknown): Promise<unknown> =>
    storage.set(`dedupe:${key}`, value, ttlMs / 1000)
  return {
    get,
    set,
    setMany: (entries) => Promise.all(entries.map(([key, value]) => set(key, value))),
    getMany: (keys) => Promise.all(keys.map(get)),
    close: async () => client.disconnect(),
  }
}
