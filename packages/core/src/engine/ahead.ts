import type { Invalidation } from '@cache/ports'

/** How many are kept; what comes after them is found by a repair. */
const maxKept = 1024

/** Invalidations that came before those that they follow. Bounded. */
export class Ahead {
  readonly #byFirst = new Map<number, Invalidation>()

  get isEmpty(): boolean {
    return this.#byFirst.size === 0
  }

  add(invalidation: Invalidation): void {
    if (this.#byFirst.size < maxKept) this.#byFirst.set(firstSequence(invalidation), invalidation)
  }

  /** The one that begins with a sequence; it is no longer kept then. */
  take(sequence: number): Invalidation | undefined {
    const invalidation = this.#byFirst.get(sequence)
    if (invalidation) this.#byFirst.delete(sequence)
    return invalidation
  }

  /** Forgets those that a tier at this sequence has applied. */
  dropUpTo(sequence: number): void {
    for (const [first, invalidation] of this.#byFirst) {
      if (invalidation.sequence <= sequence) this.#byFirst.delete(first)
    }
  }

  clear(): void {
    this.#byFirst.clear()
  }
}

/** The first sequence that an invalidation covers. */
export function firstSequence({ first, sequence }: Invalidation): number {
  return first ?? sequence
}
