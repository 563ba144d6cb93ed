/** Buckets double every four steps from 1 µs, so a percentile is at most 19 % above the true value. */
const bucketCount = 128
const stepsPerDoubling = 4
const smallestMs = 0.001

/** Every second doubling from 16 µs to 17 s: where {@link LatencySnapshot.upTo} counts. */
const countedBuckets = Array.from({ length: 11 }, (_, step) => stepsPerDoubling * (4 + 2 * step))

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
      totalMs: this.#totalMs,
      upTo: this.#upTo(),
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

  #upTo(): [ms: number, count: number][] {
    let bucket = -1
    let count = 0
    return countedBuckets.map((last) => {
      while (bucket < last) count += this.#buckets[++bucket] ?? 0
      return [smallestMs * 2 ** (last / stepsPerDoubling), count]
    })
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
  readonly totalMs: number
  /** How many took at most so long, at fixed bounds in ascending order. */
  readonly upTo: readonly (readonly [ms: number, count: number])[]
  readonly averageMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}
