import type { Loader } from '@cache/core'
import type { SeedPlan } from './seed-plan.ts'
import { storedKeyAt, tagsOf } from './simulated-cache.ts'
import type { Truth } from './truth.ts'
import type { VirtualProcess } from './virtual-process.ts'

/** What a loader throws here, so that a caller's rejection can be told from one of the engine. */
export class SimulatedLoadFailure extends Error {
  override readonly name = 'SimulatedLoadFailure'
}

export interface LoaderOptions {
  readonly process: VirtualProcess
  readonly plan: SeedPlan
  readonly truth: Truth
  /** Whether the load that begins now does so with a lease. */
  readonly isLeased: (storedKey: string) => boolean
  readonly trace: ((line: string) => void) | undefined
}

/** Reads the truth at some moment of the time that it takes; now and then does what loaders are free to do. */
export function simulatedLoader(key: number, options: LoaderOptions): Loader<number> {
  const { process, plan, truth } = options
  const { time } = process
  const { workload, cache } = plan
  return async (context) => {
    const bornMs = time.nowMs
    const leased = options.isLeased(storedKeyAt(key))
    options.trace?.(`p${process.id} loads k${key}${leased ? '' : ' without a lease'}`)
    const tookMs = time.chance(0.1) ? workload.loaderMs : workload.loaderMs * 0.2 * time.random()
    const readAtMs = tookMs * time.random()
    await passed(process, readAtMs)
    const version = truth.version(key)
    const absent = truth.isAbsent(key)
    await passed(process, tookMs - readAtMs)
    const odd = time.chance(workload.oddLoadShare) ? time.below(4) : undefined
    if (odd === 0) throw new SimulatedLoadFailure('the source of truth is away')
    if (odd === 1) context.skip()
    if (odd === 2) context.setTags(tagsOf(key, plan.tags))
    if (key % 2 === 0) context.setVersion(version)
    if (absent) {
      if (!leased) truth.foundNothingAlone(process.id, { key, version, bornMs })
      return undefined
    }
    const stale = context.stale === undefined ? undefined : truth.records[context.stale]
    if (odd === 3 && context.stale !== undefined && stale?.version === version) {
      stale.bornMs = bornMs
      stale.endMs = time.nowMs
      context.notModified()
      return context.stale
    }
    return truth.record({
      key,
      version,
      origin: 'load',
      process: process.id,
      leased,
      bornMs,
      endMs: time.nowMs,
      ttlMs: cache.ttlMs,
      transitMs: 0,
    })
  }
}

function passed(process: VirtualProcess, ms: number): Promise<void> {
  return new Promise((resolve) => void process.after(ms, resolve))
}
