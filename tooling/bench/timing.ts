import { median } from './statistics.ts'

/** A timed piece of an operation's work. */
export interface Batch {
  readonly operations: number
  readonly tookMs: number
}

/**
 * Processor time of this thread: what a busy machine does to a computation is not counted. For work that waits for
 * nothing.
 */
export function computingMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Does a batch, from this place in its order on, and times it. */
export type RunBatch = (from: number) => Batch | Promise<Batch>

export interface SamplePlan {
  readonly warmUpMs: number
  readonly sampleMs: number
  readonly samples: number
}

export function samplePlan(quick: boolean): SamplePlan {
  return quick ? { warmUpMs: 20, sampleMs: 20, samples: 1 } : { warmUpMs: 200, sampleMs: 80, samples: 5 }
}

/**
 * Operations per second of each operation: the median of its samples. The operations take turns, so that a slow
 * moment of the machine falls on all of them.
 */
export async function operationRates(
  operations: Readonly<Record<string, RunBatch>>,
  plan: SamplePlan,
): Promise<Record<string, number>> {
  const runs = Object.entries(operations).map(([name, runBatch]) => ({ name, run: sampler(runBatch) }))
  for (const { run } of runs) await run(plan.warmUpMs)
  const rates: Record<string, number[]> = {}
  for (let sample = 0; sample < plan.samples; sample++)
    for (const { name, run } of runs) (rates[name] ??= []).push(await run(plan.sampleMs))
  return Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, median(values) ?? 0]))
}

/** Runs batches, each where the last one ended, until they took this long. */
function sampler(runBatch: RunBatch): (ms: number) => Promise<number> {
  let from = 0
  return async (ms) => {
    let operations = 0
    let tookMs = 0
    while (tookMs < ms) {
      const batch = await runBatch(from)
      operations += batch.operations
      tookMs += batch.tookMs
      from += batch.operations
    }
    return (operations / tookMs) * 1000
  }
}
