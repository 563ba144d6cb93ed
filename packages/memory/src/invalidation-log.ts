import type { Invalidation } from '@cache/ports'

const maxChanges = 4096
const maxNames = 65_536

/** The latest invalidations of a cache, by sequence and without a gap. Bounded by changes and by names in them. */
export class InvalidationLog {
  #kept: Invalidation[] = []
  /** Where the log begins in the array: what is before it is dropped in bulk. */
  #start = 0
  #names = 0
  /** The sequence of the latest invalidation that is no longer kept. */
  #forgotten: number

  /** The first invalidation will have the sequence after `sequence`. */
  constructor(sequence: number) {
    this.#forgotten = sequence
  }

  /** Its sequence must be one above that of the last. */
  append(invalidation: Invalidation): void {
    this.#kept.push(invalidation)
    this.#names += nameCount(invalidation)
    while (this.#kept.length - this.#start > maxChanges || this.#names > maxNames) this.#forgetFirst()
    if (this.#start > maxChanges) this.#compact()
  }

  /** Everything after `sequence`, or `undefined` when the log no longer reaches back. */
  since(sequence: number): Invalidation[] | undefined {
    if (sequence < this.#forgotten) return undefined
    return this.#kept.slice(this.#start + sequence - this.#forgotten)
  }

  #forgetFirst(): void {
    const first = this.#kept[this.#start]
    if (!first) return
    this.#start++
    this.#names -= nameCount(first)
    this.#forgotten = first.sequence
  }

  #compact(): void {
    this.#kept = this.#kept.slice(this.#start)
    this.#start = 0
  }
}

function nameCount(invalidation: Invalidation): number {
  switch (invalidation.kind) {
    case 'keys':
      return invalidation.keys.length
    case 'tags':
      return invalidation.tags.length
    default:
      return 0
  }
}
