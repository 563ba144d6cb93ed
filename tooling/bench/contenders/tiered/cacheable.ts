import KeyvRedis from '@keyv/redis'
import { RedisMessageProvider } from '@qified/redis'
import { Cacheable, CacheableSync } from 'cacheable'
import { Keyv } from 'keyv-5'
import { Qified } from 'qified'
import { ttlMs, type Place, type TieredContender } from '../../tiered/contender.ts'

export async function open({ redisUrl }: Place): Promise<TieredContender> {
  const qified = new Qified({ messageProviders: [new RedisMessageProvider({ uri: redisUrl })] })
  const cache = new Cacheable({
    secondary: new Keyv({ store: new KeyvRedis(redisUrl), ttl: ttlMs }),
    ttl: ttlMs,
    nonBlocking: false,
    sync: new CacheableSync({ qified }),
  })
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    close: () => cache.disconnect(),
  }
}
