import type { Clock, EntryStore, Timer } from '@cache/ports'

/** What an application does when it starts comes first: to look for expired entries opens each of its caches. */
const startDelayMs = 2000

export interface UpkeepPlan {
  readonly clock: Clock
  readonly intervalMs: number
  readonly batchSize: number
  readonly onStart: boolean
  readonly stores: () => readonly EntryStore[]
}

/** Removes expired entries at an interval, in small steps, one run at a time. */
export class Upkeep {
  readonly #plan: UpkeepPlan
  #timer: Timer | undefined
  #running: Promise<number> | undefined
  #stopped = false

  constructor(plan: UpkeepPlan) {
    this.#plan = plan
  }

  start(): void {
    this.#arm(this.#plan.onStart ? startDelayMs : this.#plan.intervalMs)
  }

  /** Joins a run in progress. Resolves with how many entries went; a store that fails is left for the next run. */
  run(): Promise<number> {
    this.#running ??= this.#purgeAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#running
  }

  #arm(delayMs: number): void {
    if (this.#stopped || delayMs === Number.POSITIVE_INFINITY) return
    this.#timer = this.#plan.clock.setTimer(delayMs, () => {
      void this.run().finally(() => this.#arm(this.#plan.intervalMs))
    })
  }

  async #purgeAll(): Promise<number> {
    let total = 0
    for (const store of this.#plan.stores()) total += await this.#purge(store).catch(() => 0)
    return total
  }

  async #purge(store: EntryStore): Promise<number> {
    const { batchSize, clock } = this.#plan
    let total = 0
    for (let purged = batchSize; purged >= batchSize && !this.#stopped; total += purged) {
      purged = await store.purge(batchSize)
      // Other work gets its turn between two steps.
      if (purged >= batchSize) await new Promise<void>((resolve) => void clock.setTimer(0, resolve))
    }
    return total
  }
}
