import type { Metrics, Parameters } from '../row.ts'
import { computingMs, operationRates, samplePlan, type Batch, type RunBatch } from '../timing.ts'

export const cryptoParts = ['sealing', 'entries', 'audit', 'mutations'] as const
export type CryptoPart = (typeof cryptoParts)[number]

/** One operation: many times without waiting, or calls that are awaited one after another. */
export type CryptoOperation =
  | { readonly kind: 'computed'; readonly run: () => unknown }
  | { readonly kind: 'awaited'; readonly run: (index: number) => Promise<unknown> }

/** What belongs to a part: operations to time, or what was counted. */
export interface CryptoWork {
  readonly operations?: Readonly<Record<string, CryptoOperation>>
  readonly counts?: Metrics
  readonly close: () => Promise<void>
}

export type OpenCrypto = (part: CryptoPart, quick: boolean) => Promise<CryptoWork>

const computedBatch = 200
const awaitedBatch = 1000

/** Operations per second of each operation of a part; they take turns in one process. */
export async function measure(open: OpenCrypto, parameters: Parameters): Promise<Metrics> {
  const quick = parameters['quick'] === 1
  const work = await open(parameters['part'] as CryptoPart, quick)
  try {
    const batches = Object.entries(work.operations ?? {}).map(([name, operation]) => [
      name,
      batchOf(operation),
    ])
    const rates = await operationRates(
      Object.fromEntries(batches) as Record<string, RunBatch>,
      samplePlan(quick),
    )
    return { ...rates, ...work.counts }
  } finally {
    await work.close()
  }
}

function batchOf(operation: CryptoOperation): RunBatch {
  return operation.kind === 'computed'
    ? () => computed(operation.run)
    : (from) => awaited(operation.run, from)
}

function computed(run: () => unknown): Batch {
  const startedMs = computingMs()
  for (let index = 0; index < computedBatch; index++) run()
  return { operations: computedBatch, tookMs: computingMs() - startedMs }
}

/** With a turn of the event loop, in which what was left for later is done. */
async function awaited(run: (index: number) => Promise<unknown>, from: number): Promise<Batch> {
  const startedMs = computingMs()
  for (let index = from; index < from + awaitedBatch; index++) {
    if ((await run(index)) === undefined) throw new Error('A value that was stored is missing')
  }
  await new Promise((resolve) => setImmediate(resolve))
  return { operations: awaitedBatch, tookMs: computingMs() - startedMs }
}
