import { accessOrder } from '../random.ts'
import type { Batch } from '../timing.ts'
import { keyOf, quoteOf, type Quote } from '../values.ts'

const entries = 10_000
const orderLength = 2 ** 14
/** No divisor of the number of entries, so that a write changes what is stored. */
const valueCount = 997

/** How many calls, or keys of a call, one batch is of. */
export const batchSize = 100
/** Callers at the same time. */
export const inFlight = 64

/** The entries that a store is filled with, and the order in which they are asked for. Indexes may be of any size. */
export class StoredQuotes {
  readonly keys: readonly string[] = Array.from({ length: entries }, (_, index) => keyOf(index))
  /** The keys in a seeded order. */
  readonly order: readonly string[] = accessOrder(this.keys, 'uniform', orderLength)
  readonly #values = Array.from({ length: valueCount }, (_, index) => quoteOf(index))

  /** Stores all of them, a batch at a time. */
  async fill(setMany: (pairs: readonly (readonly [string, Quote])[]) => unknown): Promise<void> {
    for (let from = 0; from < entries; from += batchSize) await setMany(this.pairs(from))
  }

  /** A batch of neighbours. */
  pairs(from: number): (readonly [string, Quote])[] {
    return Array.from({ length: batchSize }, (_, index) => [
      this.keys[(from + index) % entries] ?? '',
      this.value(from + index),
    ])
  }

  /** A batch of keys in the seeded order. */
  someKeys(from: number): string[] {
    return Array.from({ length: batchSize }, (_, index) => this.key(from + index))
  }

  /** In the seeded order. */
  key(index: number): string {
    return this.order[index & (orderLength - 1)] ?? ''
  }

  value(index: number): Quote {
    return this.#values[index % valueCount] as Quote
  }
}

/** @throws Error where something that was stored was not found */
export function batch(tookMs: number, operations: number, missing: number): Batch {
  if (missing > 0) throw new Error(`${missing} of ${operations} values that were stored are missing`)
  return { operations, tookMs }
}
