/** A tier that shares a {@link MemoryBudget}. */
export interface BudgetMember {
  readonly size: number
  /** Drops its least recently used entry, which lowers what it takes. */
  evictForBudget(): void
}

/**
 * The bytes that all tiers of one process may take together. When a write exceeds them, the coldest entry of the
 * largest tier goes, and again until they fit; tiers whose sizes share a power of two count as equally large. So a
 * small cache is never emptied by a large one, and hits need no time stamps that an order over all tiers would.
 * Every operation is `O(1)`, whatever the number of tiers.
 */
export class MemoryBudget {
  readonly maxBytes: number
  #usedBytes = 0
  /** Tiers by the power of two of the kilobytes they take; empty tiers are in none. */
  readonly #classes: readonly Set<BudgetMember>[] = Array.from({ length: 33 }, () => new Set<BudgetMember>())

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Notes that a tier takes `toBytes` instead of `fromBytes`. */
  resize(member: BudgetMember, fromBytes: number, toBytes: number): void {
    this.#usedBytes += toBytes - fromBytes
    const before = sizeClass(fromBytes)
    const after = sizeClass(toBytes)
    if (before === after) return
    this.#classes[before]?.delete(member)
    this.#classes[after]?.add(member)
  }

  /** Evicts until the total fits. What `newcomer` just added stays: it fits alone, or it was not added. */
  makeRoom(newcomer: BudgetMember): void {
    while (this.#usedBytes > this.maxBytes) {
      const largest = this.#largest(newcomer)
      if (!largest) return
      largest.evictForBudget()
    }
  }

  #largest(newcomer: BudgetMember): BudgetMember | undefined {
    const keepsNewcomer = newcomer.size === 1
    for (let index = this.#classes.length - 1; index >= 0; index--) {
      for (const member of this.#classes[index] ?? []) {
        if (member !== newcomer || !keepsNewcomer) return member
      }
    }
    return undefined
  }
}

const none = -1

function sizeClass(bytes: number): number {
  return bytes === 0 ? none : 32 - Math.clz32(Math.min(bytes / 1024, 0xffff_ffff))
}
