import { onTestFinished } from 'vitest'
import { ManualClock, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { createCaches, type Caches, type CachesOptions } from '../../src/index.ts'

/** Caches over the memory backend, closed when the test ends. */
export async function openCaches(options: Partial<CachesOptions> = {}): Promise<Caches> {
  const caches = await createCaches({ backend: memory(), ...options })
  onTestFinished(() => caches.close())
  return caches
}

/** The same with time that moves only when it is told to. */
export async function openCachesInTime(
  options: Partial<CachesOptions> = {},
): Promise<{ caches: Caches; clock: ManualClock }> {
  const clock = new ManualClock()
  const caches = await openCaches({ environment: { clock, random: () => 0.5 }, ...options })
  return { caches, clock }
}

/** A promise and its ends, to hold a loader where a test wants it. */
export function gate<T = void>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>()
}

/** Lets everything that can run without timers or I/O run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Over a store in this process, and over one that takes payloads alone, with L1 in front. */
export const placesOfValues: readonly (readonly [string, () => Promise<Caches>])[] = [
  ['memory', () => openCaches()],
  ['encoded payloads', () => openCaches({ backend: referenceBackend(), l1: memory() })],
]
