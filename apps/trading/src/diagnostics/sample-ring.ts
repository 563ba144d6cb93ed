import type { CacheStats } from '@cache/core'

/** What is kept of a cache for each step of time. */
export interface Sample {
  readonly reads: number
  readonly hits: number
  readonly localHits: number
  readonly loads: number
  readonly errors: number
  readonly localBytes: number
  readonly storeP50Ms: number
  readonly storeP99Ms: number
  readonly loadP50Ms: number
  readonly loadP99Ms: number
}

const fields = [
  'reads',
  'hits',
  'localHits',
  'loads',
  'errors',
  'localBytes',
  'storeP50Ms',
  'storeP99Ms',
  'loadP50Ms',
  'loadP99Ms',
] as const satisfies readonly (keyof Sample)[]

/** Columns for a chart, the oldest first; `null` where nothing was measured. */
export type Samples = { readonly [Field in keyof Sample]: readonly (number | null)[] } & {
  readonly stepMs: number
  readonly timesMs: readonly number[]
}

/** All caches together. */
export const allCaches = '*'

type Counters = Pick<CacheStats, 'hits' | 'misses' | 'localHits' | 'loads' | 'errors' | 'localBytes'>

interface Series {
  readonly columns: Readonly<Record<keyof Sample, Float32Array>>
  readonly store: Durations
  readonly load: Durations
  last: Counters
}

const nothing: Counters = { hits: 0, misses: 0, localHits: 0, loads: 0, errors: 0, localBytes: 0 }

/**
 * The last steps of every cache, in memory that does not grow: 40 bytes for each cache and step. Counts are those of the
 * step; percentiles are of what was measured in it, exact up to 256 durations and of a sample of 256 beyond.
 */
export class SampleRing {
  readonly stepMs: number
  readonly #capacity: number
  readonly #random: () => number
  readonly #times: Float64Array
  readonly #series = new Map<string, Series>()
  #taken = 0

  constructor({ stepMs, capacity, random = Math.random }: SampleRingOptions) {
    this.stepMs = stepMs
    this.#capacity = capacity
    this.#random = random
    this.#times = new Float64Array(capacity)
  }

  /** A call to the store, or a load, took so long. */
  record(cache: string, kind: 'store' | 'load', durationMs: number): void {
    for (const name of [cache, allCaches]) this.#of(name)[kind].record(durationMs)
  }

  /** Ends a step. */
  take(wallMs: number, stats: readonly CacheStats[]): void {
    const at = this.#taken % this.#capacity
    this.#times[at] = wallMs
    for (const one of stats) this.#put(at, one.cache, one)
    this.#put(at, allCaches, sum(stats))
    this.#taken++
  }

  /** `undefined` for a cache of which nothing is kept. */
  read(cache: string): Samples | undefined {
    const series = this.#series.get(cache)
    if (series === undefined) return undefined
    const first = Math.max(0, this.#taken - this.#capacity)
    const places = Array.from({ length: this.#taken - first }, (_, step) => (first + step) % this.#capacity)
    const columns = fields.map((field) => [field, places.map((at) => shown(series.columns[field][at]))])
    return {
      stepMs: this.stepMs,
      timesMs: places.map((at) => this.#times[at] ?? 0),
      ...(Object.fromEntries(columns) as Record<keyof Sample, (number | null)[]>),
    }
  }

  #put(at: number, cache: string, now: Counters): void {
    const series = this.#of(cache)
    const { last, columns, store, load } = series
    // Counters that were reset begin anew.
    const wasReset = now.hits < last.hits || now.misses < last.misses || now.loads < last.loads
    const since = wasReset ? nothing : last
    const [storeP50Ms, storeP99Ms] = store.end()
    const [loadP50Ms, loadP99Ms] = load.end()
    const sample: Sample = {
      reads: now.hits + now.misses - since.hits - since.misses,
      hits: now.hits - since.hits,
      localHits: now.localHits - since.localHits,
      loads: now.loads - since.loads,
      errors: now.errors - since.errors,
      localBytes: now.localBytes,
      storeP50Ms,
      storeP99Ms,
      loadP50Ms,
      loadP99Ms,
    }
    for (const field of fields) columns[field][at] = sample[field]
    const { hits, misses, localHits, loads, errors, localBytes } = now
    series.last = { hits, misses, localHits, loads, errors, localBytes }
  }

  #of(cache: string): Series {
    let series = this.#series.get(cache)
    if (series === undefined) {
      const columns = Object.fromEntries(
        fields.map((field) => [field, new Float32Array(this.#capacity).fill(Number.NaN)]),
      ) as Record<keyof Sample, Float32Array>
      series = {
        columns,
        store: new Durations(this.#random),
        load: new Durations(this.#random),
        last: nothing,
      }
      this.#series.set(cache, series)
    }
    return series
  }
}

export interface SampleRingOptions {
  readonly stepMs: number
  /** How many steps are kept. */
  readonly capacity: number
  readonly random?: () => number
}

const keptDurations = 256

/** Durations of one step: all of the first 256, and of more a uniform sample (Vitter's algorithm R). */
class Durations {
  readonly #random: () => number
  readonly #kept = new Float32Array(keptDurations)
  #count = 0

  constructor(random: () => number) {
    this.#random = random
  }

  record(durationMs: number): void {
    const at = this.#count < keptDurations ? this.#count : Math.floor(this.#random() * (this.#count + 1))
    if (at < keptDurations) this.#kept[at] = durationMs
    this.#count++
  }

  /** Median and 99th percentile, `NaN` without any; the next step begins. */
  end(): readonly [p50Ms: number, p99Ms: number] {
    const sorted = this.#kept.slice(0, Math.min(this.#count, keptDurations)).sort()
    this.#count = 0
    return [percentile(sorted, 0.5), percentile(sorted, 0.99)]
  }
}

function percentile(sorted: Float32Array, share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN
}

function shown(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

function sum(stats: readonly Counters[]): Counters {
  const of = (name: keyof Counters): number => stats.reduce((total, one) => total + one[name], 0)
  return {
    hits: of('hits'),
    misses: of('misses'),
    localHits: of('localHits'),
    loads: of('loads'),
    errors: of('errors'),
    localBytes: of('localBytes'),
  }
}
