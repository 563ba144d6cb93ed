import { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { LimitAddress, LimitContender } from '../../workloads/rate-limit.ts'

/** rate-limiter-flexible, which counts in fixed windows and rejects what it does not admit. */
export function open({ url, limit, perMs }: LimitAddress): LimitContender {
  const options = { points: limit, duration: perMs / 1000 }
  if (url === undefined) {
    const limiter = new RateLimiterMemory(options)
    return { consume: (key) => limiter.consume(key), close: async () => undefined }
  }
  const client = new Redis(url)
  const limiter = new RateLimiterRedis({ ...options, storeClient: client, keyPrefix: 'rlf' })
  return { consume: (key) => limiter.consume(key), close: async () => client.disconnect() }
}
