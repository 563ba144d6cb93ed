import type { ServerKind } from '@cache/tooling-servers'
import type { Metrics, Parameters } from '../row.ts'
import { operationRates, samplePlan, type Batch, type RunBatch } from '../timing.ts'
import type { Quote } from '../values.ts'
import { batch, batchSize, inFlight, StoredQuotes } from './stored-quotes.ts'

/** Where the server is that all contenders use. */
export interface ServerAddress {
  readonly kind: ServerKind
  readonly url: string
}

/** A cache on a server, with nothing in memory. A contender without a batch operation does it as its users must. */
export interface ServerContender {
  readonly get: (key: string) => Promise<unknown>
  readonly set: (key: string, value: Quote) => Promise<unknown>
  readonly setMany: (entries: readonly (readonly [key: string, value: Quote])[]) => Promise<unknown>
  readonly getMany: (keys: readonly string[]) => Promise<readonly unknown[]>
  readonly getOrLoad?: (key: string, load?: () => Promise<Quote>) => Promise<unknown>
  /** How many commands it has sent; only where it can tell. */
  readonly commandsSent?: () => number
  readonly close: () => Promise<unknown>
}

export type OpenServer = (address: ServerAddress) => ServerContender | Promise<ServerContender>

/** Fills a contender and does each operation, timed by the clock: most of it is waiting. */
export async function measure(open: OpenServer, parameters: Parameters): Promise<Metrics> {
  const contender = await open({ kind: parameters['kind'] as ServerKind, url: String(parameters['url']) })
  const work = new ServerWork(contender)
  await work.fill()
  const rates = await operationRates(work.operations(), samplePlan(parameters['quick'] === 1))
  const commands = await work.commands()
  await contender.close()
  return { ...rates, ...commands }
}

class ServerWork {
  readonly #contender: ServerContender
  readonly #quotes = new StoredQuotes()

  constructor(contender: ServerContender) {
    this.#contender = contender
  }

  async fill(): Promise<void> {
    await this.#quotes.fill((pairs) => this.#contender.setMany(pairs))
  }

  operations(): Readonly<Record<string, RunBatch>> {
    const { getOrLoad } = this.#contender
    return {
      get: (from) => this.#gets(from),
      get64: (from) => this.#gets64(from),
      getMany: (from) => this.#getMany(from),
      set: (from) => this.#sets(from),
      setMany: (from) => this.#setMany(from),
      ...(getOrLoad && { getOrLoad: (from: number) => this.#loads(getOrLoad, from) }),
    }
  }

  /** Commands of one hit and of one miss with its fill. */
  async commands(): Promise<Metrics> {
    const { commandsSent, get, getOrLoad } = this.#contender
    if (!commandsSent || !getOrLoad) return {}
    const start = commandsSent()
    for (let index = 0; index < batchSize; index++) await get(this.#quotes.key(index))
    const hits = commandsSent()
    for (let index = 0; index < batchSize; index++)
      await getOrLoad(`missing-${process.pid}-${index}`, async () => this.#quotes.value(index))
    return {
      commandsPerHit: (hits - start) / batchSize,
      commandsPerMiss: (commandsSent() - hits) / batchSize,
    }
  }

  async #gets(from: number): Promise<Batch> {
    const { get } = this.#contender
    let missing = 0
    const startedMs = performance.now()
    for (let index = from; index < from + batchSize; index++)
      if (!(await get(this.#quotes.key(index)))) missing++
    return batch(performance.now() - startedMs, batchSize, missing)
  }

  /** 64 callers, each with its next read as soon as it has the last one's answer. */
  async #gets64(from: number): Promise<Batch> {
    const { get } = this.#contender
    const each = 16
    let missing = 0
    const reader = async (start: number): Promise<void> => {
      for (let index = start; index < start + each; index++)
        if (!(await get(this.#quotes.key(index)))) missing++
    }
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: inFlight }, (_, caller) => reader(from + caller * each)))
    return batch(performance.now() - startedMs, inFlight * each, missing)
  }

  async #loads(getOrLoad: (key: string) => Promise<unknown>, from: number): Promise<Batch> {
    let missing = 0
    const startedMs = performance.now()
    for (let index = from; index < from + batchSize; index++)
      if (!(await getOrLoad(this.#quotes.key(index)))) missing++
    return batch(performance.now() - startedMs, batchSize, missing)
  }

  async #sets(from: number): Promise<Batch> {
    const { set } = this.#contender
    const startedMs = performance.now()
    for (let index = from; index < from + batchSize; index++)
      await set(this.#quotes.key(index), this.#quotes.value(index))
    return batch(performance.now() - startedMs, batchSize, 0)
  }

  async #setMany(from: number): Promise<Batch> {
    const pairs = this.#quotes.pairs(from)
    const startedMs = performance.now()
    await this.#contender.setMany(pairs)
    return batch(performance.now() - startedMs, batchSize, 0)
  }

  async #getMany(from: number): Promise<Batch> {
    const keys = this.#quotes.someKeys(from)
    const startedMs = performance.now()
    const values = await this.#contender.getMany(keys)
    return batch(performance.now() - startedMs, batchSize, batchSize - values.filter(Boolean).length)
  }
}
