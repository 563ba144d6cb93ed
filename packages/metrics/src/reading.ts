import type { Caches, CachesStats } from '@cache/core'
import { EventCounters } from './event-counters.ts'

/** Everything that metrics are made of, at one moment. */
export interface Reading {
  readonly stats: CachesStats
  readonly sizes: Readonly<Record<string, number>>
  readonly events: EventCounters
}

/** Reads the counters of some caches when they are asked for: between two scrapes it costs nothing. */
export class Meter {
  readonly events: EventCounters
  readonly #caches: Caches
  #current: Promise<Reading> | undefined

  constructor(caches: Caches) {
    this.#caches = caches
    this.events = new EventCounters(caches.prefix)
  }

  /** One reading for all who ask at once, as the metrics of one scrape do. */
  read(): Promise<Reading> {
    this.#current ??= this.#read().finally(() => {
      this.#current = undefined
    })
    return this.#current
  }

  stop(): void {
    this.events.stop()
  }

  async #read(): Promise<Reading> {
    const sizes = await this.#caches.sizes()
    return { stats: this.#caches.stats(), sizes, events: this.events }
  }
}
