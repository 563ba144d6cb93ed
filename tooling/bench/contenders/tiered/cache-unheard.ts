import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { boundMs, type Place, type TieredContender } from '../../tiered/contender.ts'
import { ourContender } from '../../tiered/our-contender.ts'

/** Without a transport: it lives by asking. */
export async function open({ redisUrl }: Place): Promise<TieredContender> {
  const backend = redis({ url: redisUrl })
  return ourContender(await createCaches({ backend, l1: memory(), within: boundMs }))
}
