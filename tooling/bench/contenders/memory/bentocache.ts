import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import type { MemoryContender } from '../../workloads/memory.ts'
import { bentoContender } from '../bento-contender.ts'

/** Its default settings: each value is kept serialized. */
export function open(): MemoryContender {
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: 100_000 }))
  return bentoContender(new BentoCache({ default: 'memory', stores: { memory } }))
}
