import type { EvictionReason, LocalEntry, LocalTier } from '@cache/ports'
import { ColdestFirst } from './coldest-first.ts'
import type { BudgetMember, MemoryBudget } from './memory-budget.ts'

/** Told of what a tier holds; called while the tier changes, so it must not touch the tier. */
export interface TierObserver {
  added(key: string, entry: LocalEntry): void
  removed(key: string, entry: LocalEntry): void
}

/** How a tier is made. */
export interface MemoryTierOptions {
  readonly maxEntries: number
  /** Bytes of values, as the entries state them. */
  readonly maxBytes: number
  readonly budget: MemoryBudget
  readonly onEvict: (key: string, reason: EvictionReason) => void
  readonly observer?: TierObserver | undefined
}

/** What an entry takes on the heap beside its key, its tags and its value, measured with Node 24. */
export const entryOverheadBytes = 360

/** What each of its tags adds. */
export const tagOverheadBytes = 100

/** The count of uses is a small integer, which V8 keeps in the entry itself; it starts again before it is none. */
const maxUses = 2 ** 30

/**
 * A {@link LocalTier} on a `Map`. A use writes its number into the entry, which the reader has at hand anyway, and
 * moves nothing: {@link ColdestFirst} looks at the numbers when room is needed.
 */
export class MemoryTier implements LocalTier, BudgetMember {
  readonly #entries = new Map<string, LocalEntry>()
  readonly #coldest = new ColdestFirst(this.#entries)
  readonly #options: MemoryTierOptions
  #uses = 0
  #sizeBytes = 0
  #footprintBytes = 0

  constructor(options: MemoryTierOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  /** Bytes of values. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get(key: string): LocalEntry | undefined {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.usedAt = this.#nextUse()
    return entry
  }

  peek(key: string): LocalEntry | undefined {
    return this.#entries.get(key)
  }

  set(key: string, entry: LocalEntry): void {
    const { maxBytes, maxEntries, budget, observer } = this.#options
    const footprintBytes = footprint(key, entry)
    if (entry.sizeBytes > maxBytes || footprintBytes > budget.maxBytes) {
      this.delete(key)
      return
    }
    this.#put(key, entry, footprintBytes)
    observer?.added(key, entry)
    if (this.#entries.size > maxEntries) this.#evict('entries')
    while (this.#sizeBytes > maxBytes) this.#evict('bytes')
    if (budget.usedBytes > budget.maxBytes) budget.makeRoom(this)
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#entries.delete(key)
    this.#account(-entry.sizeBytes, -footprint(key, entry))
    this.#options.observer?.removed(key, entry)
    return true
  }

  clear(): void {
    for (const [key, entry] of this.#entries) this.#options.observer?.removed(key, entry)
    this.#entries.clear()
    this.#account(-this.#sizeBytes, -this.#footprintBytes)
  }

  /** The keys at this moment, the least recently written first; `O(n)`. */
  keys(): string[] {
    return [...this.#entries.keys()]
  }

  /** Changes during the iteration do not disturb it; entries set meanwhile may or may not appear. */
  entries(): Iterable<readonly [string, LocalEntry]> {
    return this.#entries.entries()
  }

  evictForBudget(): void {
    this.#evict('budget')
  }

  /** Writing over an entry leaves the map's order alone, which costs a fraction of deleting and adding. */
  #put(key: string, entry: LocalEntry, footprintBytes: number): void {
    const before = this.#entries.get(key)
    entry.usedAt = this.#nextUse()
    this.#entries.set(key, entry)
    if (before === undefined) this.#account(entry.sizeBytes, footprintBytes)
    else {
      this.#account(entry.sizeBytes - before.sizeBytes, footprintBytes - footprint(key, before))
      this.#options.observer?.removed(key, before)
    }
  }

  #evict(reason: EvictionReason): void {
    const key = this.#coldest.find(this.#uses)
    if (key === undefined) return
    this.delete(key)
    this.#options.onEvict(key, reason)
  }

  #nextUse(): number {
    if (++this.#uses === maxUses) {
      for (const entry of this.#entries.values()) entry.usedAt = 0
      this.#uses = 1
    }
    return this.#uses
  }

  #account(sizeBytes: number, footprintBytes: number): void {
    const before = this.#footprintBytes
    this.#sizeBytes += sizeBytes
    this.#footprintBytes += footprintBytes
    this.#options.budget.resize(this, before, this.#footprintBytes)
  }
}

function footprint(key: string, entry: LocalEntry): number {
  return entryOverheadBytes + key.length + entry.tags.length * tagOverheadBytes + entry.sizeBytes
}
