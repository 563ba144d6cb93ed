import { onCacheEvent } from '@cache/core'
import type { Labels, Sample } from './definitions.ts'

/** Combinations of labels that are counted apart; what comes later is counted under `other`. */
const mostSeries = 1000

/** A counter by labels, bounded whatever the events hold. */
export class LabelledCounter {
  readonly #series = new Map<string, { readonly labels: Labels; value: number }>()

  count(labels: Labels): void {
    const id = JSON.stringify(labels)
    const known = this.#series.get(id)
    if (known) known.value++
    else if (this.#series.size < mostSeries) this.#series.set(id, { labels, value: 1 })
    else this.#countOther(labels)
  }

  get samples(): readonly Sample[] {
    return [...this.#series.values()]
  }

  #countOther(labels: Labels): void {
    const other = Object.fromEntries(Object.keys(labels).map((name) => [name, 'other']))
    const id = JSON.stringify(other)
    const known = this.#series.get(id)
    if (known) known.value++
    else this.#series.set(id, { labels: other, value: 1 })
  }
}

const states = { closed: 0, 'half-open': 1, open: 2 } as const

/** What is told by events alone: rare ones, so that listening costs no hit anything. */
export class EventCounters {
  readonly failures: LabelledCounter = new LabelledCounter()
  readonly openings: LabelledCounter = new LabelledCounter()
  readonly reports: LabelledCounter = new LabelledCounter()
  readonly #breakers = new Map<string, number>()
  readonly #stops: readonly (() => void)[]

  /** Counts the events of the caches with this prefix until {@link stop}. */
  constructor(prefix: string) {
    this.#stops = [
      onCacheEvent('cache:failure', (event) => {
        if (event.prefix !== prefix) return
        const { cache, operation, code } = event
        this.failures.count({ cache, operation, code })
      }),
      onCacheEvent('cache:breaker', ({ prefix: from, breaker, state }) => {
        if (from !== prefix) return
        this.#breakers.set(breaker, states[state])
        if (state === 'open') this.openings.count({ cache: breaker })
      }),
      onCacheEvent('cache:report', ({ prefix: from, source }) => {
        if (from === prefix) this.reports.count({ source })
      }),
    ]
  }

  /** 0 closed, 1 half-open, 2 open; closed until it says otherwise. */
  breakerState(cache: string): number {
    return this.#breakers.get(cache) ?? 0
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }
}
