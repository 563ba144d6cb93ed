import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessOrder } from '../random.ts'
import type { Metrics, Parameters } from '../row.ts'
import { quantile } from '../statistics.ts'
import { operationRates, samplePlan, type Batch } from '../timing.ts'
import { keyOf, quoteOf, type Quote } from '../values.ts'

/** A cache on one backend. */
export interface BackendContender {
  readonly get: (key: string) => Promise<unknown>
  readonly set: (key: string, value: Quote) => Promise<unknown>
  readonly delete: (key: string) => Promise<unknown>
  readonly close: () => Promise<unknown>
}

export interface BackendPlace {
  readonly backend: string
  readonly directory: string
  readonly url: string
}

export type OpenBackend = (place: BackendPlace) => Promise<BackendContender>

const entries = 10_000
const orderLength = 2 ** 14
const inFlight = 64
const callsOfEach = 4

/** Reads a second that arrive whether the earlier ones are done or not. */
const arrivalsPerSecond = 2000

/** Operations, 64 in flight and by the clock, and the time that reads take from their intended arrival on. */
export async function measure(open: OpenBackend, parameters: Parameters): Promise<Metrics> {
  const quick = parameters['quick'] === 1
  const directory = await mkdtemp(join(tmpdir(), 'cache-bench-'))
  const place = { backend: String(parameters['backend']), url: String(parameters['url']), directory }
  try {
    const contender = await open(place)
    const work = new BackendWork(contender)
    await work.fill()
    const rates = await operationRates(work.operations, samplePlan(quick))
    await work.fill()
    const latencies = await work.openLoop(quick ? 0.3 : 3)
    await contender.close()
    return { ...rates, ...latencies }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

class BackendWork {
  readonly #contender: BackendContender
  readonly #keys = Array.from({ length: entries }, (_, index) => keyOf(index))
  readonly #order = accessOrder(this.#keys, 'uniform', orderLength)

  constructor(contender: BackendContender) {
    this.#contender = contender
  }

  get operations(): Readonly<Record<string, (from: number) => Promise<Batch>>> {
    const { get, set, delete: remove } = this.#contender
    return {
      get: (from) => timed(from, (index) => get(this.#key(index))),
      set: (from) => timed(from, (index) => set(this.#key(index), quoteOf(index % entries))),
      delete: async (from) => {
        const batch = await timed(from, (index) => remove(this.#key(index)))
        await this.#putBack(from, batch.operations)
        return batch
      },
    }
  }

  /** What was deleted, outside the measured time. */
  async #putBack(from: number, count: number): Promise<void> {
    const { set } = this.#contender
    const indexes = Array.from({ length: count }, (_, index) => from + index)
    await Promise.all(indexes.map((index) => set(this.#key(index), quoteOf(index % entries))))
  }

  async fill(): Promise<void> {
    const sets = this.#keys.map((key, index) => [key, quoteOf(index)] as const)
    for (const [key, value] of sets) await this.#contender.set(key, value)
  }

  /** Reads begin at their times of an even schedule, or as soon after as the event loop comes to them. */
  async openLoop(seconds: number): Promise<Metrics> {
    const count = Math.round(arrivalsPerSecond * seconds)
    const tookMs: number[] = []
    const reads: Promise<void>[] = []
    const startMs = performance.now()
    for (let index = 0; index < count;) {
      for (; index < count && startMs + (index * 1000) / arrivalsPerSecond <= performance.now(); index++)
        reads.push(this.#read(index, startMs + (index * 1000) / arrivalsPerSecond, tookMs))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(reads)
    const at = (share: number): number => quantile(tookMs, share) ?? Number.NaN
    return { openP50Ms: at(0.5), openP99Ms: at(0.99) }
  }

  async #read(index: number, dueMs: number, tookMs: number[]): Promise<void> {
    await this.#contender.get(this.#key(index))
    tookMs.push(performance.now() - dueMs)
  }

  #key(index: number): string {
    return this.#order[index % orderLength] ?? ''
  }
}

/** 64 callers, each with its next call as soon as it has the last one's answer. */
async function timed(from: number, call: (index: number) => Promise<unknown>): Promise<Batch> {
  const caller = async (start: number): Promise<void> => {
    for (let index = start; index < start + callsOfEach; index++) await call(index)
  }
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: inFlight }, (_, number) => caller(from + number * callsOfEach)))
  return { operations: inFlight * callsOfEach, tookMs: performance.now() - startedMs }
}
