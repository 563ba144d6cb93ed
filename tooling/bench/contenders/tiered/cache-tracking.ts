import { createCaches } from '@cache/core'
import { pubSub } from '@cache/invalidation/pubsub'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { boundMs, type Place, type TieredContender } from '../../tiered/contender.ts'
import { ourContender } from '../../tiered/our-contender.ts'

/** Foreign writers are noticed as well: each change of our own has an echo. */
export async function open({ redisUrl }: Place): Promise<TieredContender> {
  const backend = redis({ url: redisUrl })
  const transport = pubSub({ backend, tracking: true })
  return ourContender(await createCaches({ backend, l1: memory(), transport, within: boundMs }))
}
