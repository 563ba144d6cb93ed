import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import type { MemoryContender } from '../../workloads/memory.ts'
import { bentoContender } from '../bento-contender.ts'

/** Values are handed out by reference, and can be changed by a caller. */
export function open(): MemoryContender {
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: 100_000, serialize: false }))
  return bentoContender(new BentoCache({ default: 'memory', stores: { memory } }))
}
