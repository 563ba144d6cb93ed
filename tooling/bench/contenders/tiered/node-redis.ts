import { BasicClientSideCache, createClient } from 'redis'
import { entries, ttlMs, type Place, type TieredContender } from '../../tiered/contender.ts'

/** The client-side cache of node-redis, which the server tells of changes. */
export async function open({ redisUrl }: Place): Promise<TieredContender> {
  const clientSideCache = new BasicClientSideCache({
    ttl: ttlMs,
    maxEntries: 2 * entries,
    evictPolicy: 'LRU',
  })
  const client = createClient({ url: redisUrl, RESP: 3, clientSideCache })
  await client.connect()
  return {
    get: async (key) => {
      const text = await client.get(key)
      return text === null ? undefined : (JSON.parse(text) as unknown)
    },
    set: (key, value) => client.set(key, JSON.stringify(value), { PX: ttlMs }),
    close: async () => client.destroy(),
  }
}
