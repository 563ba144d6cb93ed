import { createCaches, type CacheBackend } from '@cache/core'
import { createLocks } from '@cache/lock'
import { memory } from '@cache/memory'
import { rateLimiter } from '@cache/rate-limit'
import { redis } from '@cache/redis'
import { Redis } from 'ioredis'
import type { LimitAddress, LimitContender } from '../../workloads/rate-limit.ts'

/** Ours, in this process or on a server. The client is ours only to count what it sends. */
export async function open({ url, algorithm, limit, perMs }: LimitAddress): Promise<LimitContender> {
  const client = url === undefined ? undefined : new Redis(url)
  let sent = 0
  if (client) {
    const send = client.sendCommand.bind(client) as (...args: unknown[]) => unknown
    client.sendCommand = (...args: unknown[]) => {
      sent++
      return send(...args)
    }
  }
  const backend: CacheBackend = client ? redis({ client }) : memory()
  const caches = await createCaches({ backend, prefix: 'bench', upkeep: { onStart: false } })
  const spread = algorithm === 'gcra' ? ({ algorithm, burst: Math.ceil(limit / 2) } as const) : {}
  const limiter = rateLimiter(caches, { name: 'bench', rules: { limit, per: perMs, ...spread } })
  const locks = createLocks(caches)
  return {
    consume: (key) => limiter.consume(key),
    lock: async (name) => (await locks.acquire(name)).release(),
    commandsSent: () => sent,
    close: async () => {
      await caches.close()
      client?.disconnect()
    },
  }
}
