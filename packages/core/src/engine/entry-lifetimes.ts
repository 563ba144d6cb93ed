import type { Clock } from '@cache/ports'

/** What was seen this long ago counts half. */
const halfLifeMs = 60_000

/** L1 serves an entry for this share of the time that entries live before they are invalidated. */
const servedShare = 0.1

export interface TtlRange {
  readonly shortestMs: number
  readonly longestMs: number
}

/**
 * How long the entries of a tier live until they are invalidated: the time that all of them were kept over the number
 * that were invalidated, which is the maximum likelihood estimate for lifetimes of which many have not ended yet. Both
 * fade alike. The share of it that is served is that of HTTP's heuristic freshness (RFC 9111, section 4.2.2): where
 * lifetimes are exponential, one entry in ten is invalidated within it. `O(1)` for each event.
 */
export class EntryLifetimes {
  readonly #clock: Clock
  readonly #tier: { readonly size: number }
  readonly #range: TtlRange
  #atMs: number
  #invalidated = 0
  #keptMs = 0

  constructor(clock: Clock, tier: { readonly size: number }, range: TtlRange) {
    this.#clock = clock
    this.#tier = tier
    this.#range = range
    this.#atMs = clock.monotonicMs()
  }

  /** Takes that entries were invalidated; to be told before they leave the tier. */
  noteInvalidated(count: number): void {
    this.#pass()
    this.#invalidated += count
  }

  /** How long an entry that is kept now may be served. */
  ttlMs(): number {
    this.#pass()
    const { shortestMs, longestMs } = this.#range
    if (this.#invalidated === 0) return longestMs
    const lifetimeMs = this.#keptMs / this.#invalidated
    return Math.min(longestMs, Math.max(shortestMs, servedShare * lifetimeMs))
  }

  #pass(): void {
    const nowMs = this.#clock.monotonicMs()
    const remaining = 0.5 ** ((nowMs - this.#atMs) / halfLifeMs)
    this.#invalidated *= remaining
    this.#keptMs = this.#keptMs * remaining + this.#tier.size * (halfLifeMs / Math.LN2) * (1 - remaining)
    this.#atMs = nowMs
  }
}
