import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { entries, ttlMs, type Place, type TieredContender } from '../../tiered/contender.ts'

export async function open({ redisUrl }: Place): Promise<TieredContender> {
  const { hostname: host, port } = new URL(redisUrl)
  const connection = { host, port: Number(port) }
  const bento = new BentoCache({
    default: 'tiered',
    stores: {
      tiered: bentostore()
        .useL1Layer(memoryDriver({ maxItems: 2 * entries, maxSize: '100mb' }))
        .useL2Layer(redisDriver({ connection }))
        .useBus(redisBusDriver({ connection })),
    },
  })
  return {
    get: (key) => bento.get({ key }),
    set: (key, value) => bento.set({ key, value, ttl: ttlMs }),
    close: () => bento.disconnectAll(),
  }
}
