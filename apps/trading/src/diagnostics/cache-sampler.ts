import { type Caches, type Clock, onCacheEvent, type Timer } from '@cache/core'

import { SampleRing, type Samples } from './sample-ring.ts'

/** How far back a chart goes, and how fine it is. */
export const ranges = {
  '15m': { stepMs: 5000, capacity: 180 },
  '24h': { stepMs: 300_000, capacity: 288 },
} as const

export type Range = keyof typeof ranges

/** Keeps what the charts of the console show: every 5 s for a quarter of an hour, every 5 min for a day. */
export class CacheSampler {
  readonly #caches: Caches
  readonly #clock: Clock
  readonly #rings: ReadonlyMap<Range, SampleRing>
  readonly #stops: readonly (() => void)[]
  readonly #timers = new Map<Range, Timer>()

  constructor(caches: Caches, clock: Clock) {
    this.#caches = caches
    this.#clock = clock
    const names = Object.keys(ranges) as Range[]
    this.#rings = new Map(names.map((range) => [range, new SampleRing(ranges[range])]))
    const record = (kind: 'store' | 'load', cache: string, durationMs: number): void =>
      this.#rings.forEach((ring) => ring.record(cache, kind, durationMs))
    this.#stops = [
      onCacheEvent('cache:operation', ({ prefix, cache, durationMs }) => {
        if (prefix === caches.prefix) record('store', cache, durationMs)
      }),
      onCacheEvent('cache:load', ({ prefix, cache, durationMs }) => {
        if (prefix === caches.prefix) record('load', cache, durationMs)
      }),
    ]
    for (const range of names) this.#arm(range)
  }

  /** Of one cache, or of `'*'` for all together; `undefined` for one that is not there. */
  read(range: Range, cache: string): Samples | undefined {
    return this.#rings.get(range)?.read(cache)
  }

  close(): void {
    for (const stop of this.#stops) stop()
    for (const timer of this.#timers.values()) timer.cancel()
  }

  #arm(range: Range): void {
    const take = (): void => {
      this.#rings.get(range)?.take(this.#clock.wallMs(), this.#caches.stats().caches)
      this.#arm(range)
    }
    this.#timers.set(range, this.#clock.setTimer(ranges[range].stepMs, take))
  }
}
