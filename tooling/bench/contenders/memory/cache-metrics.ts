import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { prometheus } from '@cache/metrics'
import { Registry } from 'prom-client'
import type { Quote } from '../../values.ts'
import type { MemoryContender } from '../../workloads/memory.ts'
import { contenderOf } from './cache.ts'

/** With metrics that are scraped each second, far more often than anyone does. */
export async function open(): Promise<MemoryContender> {
  const caches = await createCaches({ backend: memory() })
  const registry = new Registry()
  await prometheus(caches, { registry })
  setInterval(() => void registry.metrics(), 1000).unref()
  return contenderOf(caches.define<Quote>('quotes', { ttl: '1h' }))
}
