import { CacheError, durationMs, refuseUnknown } from '@cache/ports'
import type { CacheEngine } from '../engine/cache-engine.ts'
import type { ResealCounts, ResealPace } from '../engine/resealing.ts'
import type { ResealOptions, ResealProgress } from './caches.ts'

const nothing: ResealCounts = { scanned: 0, resealed: 0, unreadable: 0 }

/**
 * Seals the entries of caches anew, one cache after another.
 *
 * @throws CacheError `INVALID_OPTION`, `ABORTED`; when the backend fails
 */
export async function resealCaches(
  engines: readonly CacheEngine<unknown>[],
  options: ResealOptions,
): Promise<ResealProgress> {
  const pace = paceOf(options)
  let total = nothing
  for (const [cachesDone, engine] of engines.entries()) {
    const before = total
    const counts = await engine.reseal(pace, (step) => {
      const progress = { cache: engine.name, cachesDone, cachesToDo: engines.length }
      options.onProgress?.({ ...sum(before, step), ...progress })
    })
    total = sum(before, counts)
  }
  return { ...total, cache: undefined, cachesDone: engines.length, cachesToDo: engines.length }
}

function paceOf(options: ResealOptions): ResealPace {
  refuseUnknown(options, ['batchSize', 'pause', 'signal', 'onProgress'], 'reseal')
  const { batchSize = 100, pause = '10ms', signal } = options
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw new CacheError('INVALID_OPTION', 'reseal: batchSize must be a whole number from 1')
  return { batchSize, pauseMs: durationMs(pause, 'pause'), signal }
}

function sum(one: ResealCounts, other: ResealCounts): ResealCounts {
  return {
    scanned: one.scanned + other.scanned,
    resealed: one.resealed + other.resealed,
    unreadable: one.unreadable + other.unreadable,
  }
}
