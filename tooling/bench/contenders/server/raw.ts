import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { ttlMs } from '../../values.ts'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'

/** The floor: the client that our package uses, and JSON. */
export async function open({ kind, url }: ServerAddress): Promise<ServerContender> {
  const client = kind === 'redis' ? new Redis(url) : new Valkey(url)
  const parsed = (text: string | null | undefined): unknown => (text ? JSON.parse(text) : undefined)
  return {
    get: async (key) => parsed(await client.get(`raw:${key}`)),
    set: (key, value) => client.set(`raw:${key}`, JSON.stringify(value), 'PX', ttlMs),
    setMany: (entries) => {
      const pipeline = client.pipeline()
      for (const [key, value] of entries) pipeline.set(`raw:${key}`, JSON.stringify(value), 'PX', ttlMs)
      return pipeline.exec()
    },
    getMany: async (keys) => (await client.mget(keys.map((key) => `raw:${key}`))).map(parsed),
    close: async () => client.disconnect(),
  }
}
