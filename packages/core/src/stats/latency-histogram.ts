/** Buckets double every four steps from 1 µs, so a percentile is at most 19 % above the true value. */
const bucketCount = 128
const stepsPerDoubling = 4
const smallestMs = 0.001

/** A histogram of durations in fixed memory (512 bytes). */
export class LatencyHistogram {
  readonly #buckets = new Uint32Array(bucketCount)
  #count = 0
  #totalMs = 0
  #maxMs = 0

  /** `O(1)`, no allocation. */
  record(durationMs: number): void {
    const index = Math.ceil(Math.log2(Math.max(durationMs, smallestMs) / smallestMs) * stepsPerDoubling)
    const bucket = Math.min(index, bucketCount - 1)
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#count++
    this.#totalMs += durationMs
    if (durationMs > this.#maxMs) this.#maxMs = durationMs
  }

  snapshot(): LatencySnapshot {
    return {
      count: this.#count,
      averageMs: this.#count === 0 ? 0 : this.#totalMs / this.#count,
      p50Ms: this.#percentile(0.5),
      p99Ms: this.#percentile(0.99),
      maxMs: this.#maxMs,
    }
  }

  reset(): void {
    this.#buckets.fill(0)
    this.#count = 0
    this.#totalMs = 0
    this.#maxMs = 0
  }

  #percentile(share: number): number {
    let remaining = Math.ceil(this.#count * share)
    if (remaining === 0) return 0
    let bucket = -1
    while (remaining > 0) remaining -= this.#buckets[++bucket] ?? 0
    return Math.min(smallestMs * 2 ** (bucket / stepsPerDoubling), this.#maxMs)
  }
}

/** Durations in milliseconds; all 0 while nothing was recorded. */
export interface LatencySnapshot {
  readonly count: number
  readonly averageMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}
