import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Metrics, Parameters } from '../row.ts'
import { computingMs, operationRates, samplePlan, type Batch, type RunBatch } from '../timing.ts'
import type { Quote } from '../values.ts'
import { batch, batchSize, inFlight, StoredQuotes } from './stored-quotes.ts'

/** A cache in a SQLite file, in WAL mode. A contender without a batch operation does it as its users must. */
export interface SqliteContender {
  readonly get: (key: string) => unknown
  readonly set: (key: string, value: Quote) => unknown
  readonly setMany: (entries: readonly (readonly [key: string, value: Quote])[]) => unknown
  readonly getMany: (keys: readonly string[]) => unknown
  readonly delete: (key: string) => unknown
  readonly getOrLoad?: (key: string) => Promise<unknown>
  readonly close: () => unknown
}

export type OpenSqlite = (directory: string) => SqliteContender | Promise<SqliteContender>

/** Reads and writes are measured apart, so that what reads leave to be written later does not slow the writes. */
export type SqlitePart = 'reads' | 'writes'

/** Fills a contender and does each operation of a part. */
export async function measure(open: OpenSqlite, parameters: Parameters): Promise<Metrics> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-bench-'))
  try {
    const contender = await open(directory)
    const work = new SqliteWork(contender)
    await work.fill()
    const rates = await operationRates(
      work[parameters['part'] as SqlitePart](),
      samplePlan(parameters['quick'] === 1),
    )
    await contender.close()
    return rates
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/**
 * The operations. Reads are in a seeded order; writes are of neighbours, which were stored together, and also in that
 * order, where each write touches a page of its own. Writes wait for the disk, so that they are timed by the clock, and
 * reads by the processor time that they take. Synchronous contenders are not made to wait for a promise.
 */
class SqliteWork {
  readonly #contender: SqliteContender
  readonly #quotes = new StoredQuotes()

  constructor(contender: SqliteContender) {
    this.#contender = contender
  }

  async fill(): Promise<void> {
    await this.#quotes.fill((pairs) => this.#contender.setMany(pairs))
  }

  reads(): Readonly<Record<string, RunBatch>> {
    const { getOrLoad } = this.#contender
    return {
      get: (from) => this.#gets(from),
      getMany: (from) => this.#getMany(from),
      ...(getOrLoad && { getOrLoad: (from: number) => this.#loads(getOrLoad, from) }),
    }
  }

  writes(): Readonly<Record<string, RunBatch>> {
    return {
      set: (from) => this.#sets(this.#quotes.keys, from),
      setScattered: (from) => this.#sets(this.#quotes.order, from),
      concurrentSet: (from) => this.#concurrentSets(this.#quotes.keys, from),
      concurrentSetScattered: (from) => this.#concurrentSets(this.#quotes.order, from),
      setMany: (from) => this.#setMany(from),
      delete: (from) => this.#deletes(from),
    }
  }

  async #gets(from: number): Promise<Batch> {
    const { get } = this.#contender
    let missing = 0
    const startedMs = computingMs()
    for (let index = from; index < from + batchSize; index++) {
      const reply = get(this.#quotes.key(index))
      if (!(reply instanceof Promise ? await reply : reply)) missing++
    }
    return batch(computingMs() - startedMs, batchSize, missing)
  }

  async #loads(getOrLoad: (key: string) => Promise<unknown>, from: number): Promise<Batch> {
    let missing = 0
    const startedMs = computingMs()
    for (let index = from; index < from + batchSize; index++) {
      if (!(await getOrLoad(this.#quotes.key(index)))) missing++
    }
    return batch(computingMs() - startedMs, batchSize, missing)
  }

  async #sets(keys: readonly string[], from: number): Promise<Batch> {
    const { set } = this.#contender
    const startedMs = performance.now()
    for (let index = from; index < from + batchSize; index++) {
      const reply = set(keys[index % keys.length] ?? '', this.#quotes.value(index))
      if (reply instanceof Promise) await reply
    }
    return batch(performance.now() - startedMs, batchSize, 0)
  }

  async #concurrentSets(keys: readonly string[], from: number): Promise<Batch> {
    const { set } = this.#contender
    const startedMs = performance.now()
    const sets: unknown[] = []
    for (let index = from; index < from + inFlight; index++)
      sets.push(set(keys[index % keys.length] ?? '', this.#quotes.value(index)))
    await Promise.all(sets)
    return batch(performance.now() - startedMs, inFlight, 0)
  }

  async #setMany(from: number): Promise<Batch> {
    const pairs = this.#quotes.pairs(from)
    const startedMs = performance.now()
    await this.#contender.setMany(pairs)
    return batch(performance.now() - startedMs, batchSize, 0)
  }

  async #getMany(from: number): Promise<Batch> {
    const keys = this.#quotes.someKeys(from)
    const startedMs = computingMs()
    const values = (await this.#contender.getMany(keys)) as readonly unknown[]
    return batch(computingMs() - startedMs, batchSize, batchSize - values.filter(Boolean).length)
  }

  /** Of entries that exist; they are put back outside the measured time. */
  async #deletes(from: number): Promise<Batch> {
    const pairs = this.#quotes.pairs(from)
    const startedMs = performance.now()
    for (const [key] of pairs) {
      const reply = this.#contender.delete(key)
      if (reply instanceof Promise) await reply
    }
    const measured = batch(performance.now() - startedMs, batchSize, 0)
    await this.#contender.setMany(pairs)
    return measured
  }
}
