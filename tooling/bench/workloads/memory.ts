import { accessOrder, type Popularity } from '../random.ts'
import type { Metrics, Parameters } from '../row.ts'
import { computingMs, operationRates, samplePlan, type Batch, type RunBatch } from '../timing.ts'
import { keyOf, quoteOf, type Quote } from '../values.ts'

/** A cache in this process. `peek` is its synchronous read; what a contender does not offer is absent. */
export interface MemoryContender {
  readonly set: (key: string, value: Quote) => unknown
  readonly get?: (key: string) => Promise<unknown>
  /** All hits: its loader fails. */
  readonly getOrLoad?: (key: string) => Promise<unknown>
  readonly peek?: (key: string) => unknown
}

export type OpenMemory = () => MemoryContender | Promise<MemoryContender>

const orderLength = 2 ** 17
const batchSize = 2048

/** Fills a contender, weighs it, and reads it in several orders. */
export async function measure(open: OpenMemory, parameters: Parameters): Promise<Metrics> {
  const entries = Number(parameters['entries'])
  const separator = String(parameters['separator'] ?? '-')
  const contender = await open()
  const beforeBytes = await usedBytes()
  const startedMs = performance.now()
  const keys = await fill(contender, entries, separator)
  const fillMs = performance.now() - startedMs
  const pointerBytes = 8
  await warm(contender, keys)
  const bytesPerEntry = ((await usedBytes()) - beforeBytes) / entries - pointerBytes
  const orders = String(parameters['orders']).split(',') as Popularity[]
  const operations = orders.flatMap((order) => readsOf(contender, keys, order))
  const rates = await operationRates(Object.fromEntries(operations), samplePlan(parameters['quick'] === 1))
  return { ...rates, bytesPerEntry, fill: (entries / fillMs) * 1000 }
}

async function fill(contender: MemoryContender, entries: number, separator: string): Promise<string[]> {
  const keys: string[] = []
  for (let index = 0; index < entries; index++) {
    const key = keyOf(index).replaceAll('-', separator)
    keys.push(key)
    await contender.set(key, quoteOf(index))
  }
  return keys
}

/** Reads each entry once: a tier in front of a store keeps what was read. */
async function warm({ get }: MemoryContender, keys: readonly string[]): Promise<void> {
  if (get) for (const key of keys) await get(key)
}

/** On the heap and outside it, where typed arrays are. Two collections, for what finalizers let go. */
async function usedBytes(): Promise<number> {
  for (let collection = 0; collection < 2; collection++) {
    await globalThis.gc?.({ execution: 'async', type: 'major' })
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function readsOf(
  { get, getOrLoad, peek }: MemoryContender,
  keys: readonly string[],
  popularity: Popularity,
): (readonly [string, RunBatch])[] {
  const order = accessOrder(keys, popularity, orderLength)
  const reads: (readonly [string, RunBatch])[] = []
  if (get) reads.push([`get_${popularity}`, (from) => timeGets(get, order, from)])
  if (getOrLoad) reads.push([`getOrLoad_${popularity}`, (from) => timeLoads(getOrLoad, order, from)])
  if (peek) reads.push([`peek_${popularity}`, (from) => timePeeks(peek, order, from)])
  return reads
}

// One loop for each operation: V8 optimises a loop for what it calls.

type Read = (key: string) => Promise<unknown>

async function timeGets(get: Read, order: readonly string[], from: number): Promise<Batch> {
  let missing = 0
  const startedMs = computingMs()
  for (let index = from; index < from + batchSize; index++) {
    if (!(await get(order[index & (orderLength - 1)] ?? ''))) missing++
  }
  return batch(startedMs, missing)
}

async function timeLoads(getOrLoad: Read, order: readonly string[], from: number): Promise<Batch> {
  let missing = 0
  const startedMs = computingMs()
  for (let index = from; index < from + batchSize; index++) {
    if (!(await getOrLoad(order[index & (orderLength - 1)] ?? ''))) missing++
  }
  return batch(startedMs, missing)
}

function timePeeks(peek: (key: string) => unknown, order: readonly string[], from: number): Batch {
  let missing = 0
  const startedMs = computingMs()
  for (let index = from; index < from + batchSize; index++) {
    if (!peek(order[index & (orderLength - 1)] ?? '')) missing++
  }
  return batch(startedMs, missing)
}

function batch(startedMs: number, missing: number): Batch {
  const tookMs = computingMs() - startedMs
  if (missing > 0) throw new Error(`${missing} of ${batchSize} stored values are missing`)
  return { operations: batchSize, tookMs }
}
