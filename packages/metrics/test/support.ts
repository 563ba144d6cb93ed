import { onTestFinished } from 'vitest'
import { createCaches, type Caches, type CachesOptions } from '@cache/core'
import { ManualClock, referenceBackend } from '@cache/conformance'
import { memory } from '@cache/memory'

/** Caches of two tiers, in time that moves only when it is told to. */
export async function openCaches(
  options: Partial<CachesOptions> = {},
): Promise<{ caches: Caches; clock: ManualClock }> {
  const clock = new ManualClock()
  const caches = await createCaches({
    backend: referenceBackend(),
    l1: memory(),
    environment: { clock },
    ...options,
  })
  onTestFinished(() => caches.close())
  return { caches, clock }
}
