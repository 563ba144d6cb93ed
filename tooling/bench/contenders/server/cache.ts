import { createCaches } from '@cache/core'
import { redis } from '@cache/redis'
import { valkey } from '@cache/valkey'
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { neverLoaded, type Quote } from '../../values.ts'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'

/** The whole engine with coherence, and without a tier in memory. The client is ours only to count what it sends. */
export async function open({ kind, url }: ServerAddress): Promise<ServerContender> {
  const client = kind === 'redis' ? new Redis(url) : new Valkey(url)
  let sent = 0
  const send = client.sendCommand.bind(client) as (...args: unknown[]) => unknown
  client.sendCommand = (...args: unknown[]) => {
    sent++
    return send(...args)
  }
  const backend = kind === 'redis' ? redis({ client: client as Redis }) : valkey({ client: client as Valkey })
  const caches = await createCaches({ backend, prefix: 'bench' })
  const cache = caches.define<Quote>('quotes', { ttl: '1h' })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries),
    getMany: (keys) => cache.getMany(keys),
    getOrLoad: (key, load = neverLoaded) => cache.getOrLoad(key, load),
    commandsSent: () => sent,
    close: async () => {
      await caches.close()
      client.disconnect()
    },
  }
}
