import type { EvictionReason, LocalEntry, LocalTier } from '@cache/core'
import { LRUCache } from 'lru-cache'
import type { BudgetMember, MemoryBudget } from './memory-budget.ts'

/** Told of what a tier holds; called while the tier changes, so it must not touch the tier. */
export interface TierObserver {
  added(key: string, entry: LocalEntry): void
  removed(key: string, entry: LocalEntry): void
}

/** How a tier is made. */
export interface LruTierOptions {
  readonly maxEntries: number
  /** Bytes of values, as the entries state them. */
  readonly maxBytes: number
  readonly budget: MemoryBudget
  readonly onEvict: (key: string, reason: EvictionReason) => void
  readonly observer?: TierObserver | undefined
}

/** What an entry takes on the heap beside its key and its value, measured with Node 24. */
export const entryOverheadBytes = 320

/**
 * A {@link LocalTier} on lru-cache, which only keeps the order here: the limits are enforced above it, because its
 * own `max` reserves 28 bytes for each entry that there might ever be, and its own times cost a clock read per hit.
 */
export class LruTier implements LocalTier, BudgetMember {
  readonly #entries: LRUCache<string, LocalEntry>
  readonly #options: LruTierOptions
  #sizeBytes = 0
  #footprintBytes = 0
  #lastRemovedKey = ''

  constructor(options: LruTierOptions) {
    this.#options = options
    this.#entries = new LRUCache({
      maxSize: Number.MAX_SAFE_INTEGER,
      sizeCalculation: () => 1,
      dispose: (entry, key) => this.#removed(key, entry),
    })
  }

  get size(): number {
    return this.#entries.size
  }

  /** Bytes of values. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get(key: string): LocalEntry | undefined {
    return this.#entries.get(key)
  }

  peek(key: string): LocalEntry | undefined {
    return this.#entries.peek(key)
  }

  set(key: string, entry: LocalEntry): void {
    const { maxBytes, maxEntries, budget, observer } = this.#options
    const footprintBytes = footprint(key, entry)
    if (entry.sizeBytes > maxBytes || footprintBytes > budget.maxBytes) {
      this.#entries.delete(key)
      return
    }
    this.#put(key, entry)
    this.#account(entry.sizeBytes, footprintBytes)
    observer?.added(key, entry)
    if (this.#entries.size > maxEntries) this.#evict('entries')
    while (this.#sizeBytes > maxBytes) this.#evict('bytes')
    if (budget.usedBytes > budget.maxBytes) budget.makeRoom(this)
  }

  delete(key: string): boolean {
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** The keys at this moment, most recently used first; `O(n)`. */
  keys(): string[] {
    return [...this.#entries.keys()]
  }

  *entries(): Generator<readonly [string, LocalEntry]> {
    for (const key of this.keys()) {
      const entry = this.#entries.peek(key)
      if (entry) yield [key, entry]
    }
  }

  evictForBudget(): void {
    this.#evict('budget')
  }

  /** lru-cache tells nothing of the old value when it is given the same object again. */
  #put(key: string, entry: LocalEntry): void {
    if (this.#entries.peek(key) === entry) this.#entries.delete(key)
    this.#entries.set(key, entry)
  }

  #evict(reason: EvictionReason): void {
    if (this.#entries.pop() !== undefined) this.#options.onEvict(this.#lastRemovedKey, reason)
  }

  #removed(key: string, entry: LocalEntry): void {
    this.#lastRemovedKey = key
    this.#account(-entry.sizeBytes, -footprint(key, entry))
    this.#options.observer?.removed(key, entry)
  }

  #account(sizeBytes: number, footprintBytes: number): void {
    const before = this.#footprintBytes
    this.#sizeBytes += sizeBytes
    this.#footprintBytes += footprintBytes
    this.#options.budget.resize(this, before, this.#footprintBytes)
  }
}

function footprint(key: string, entry: LocalEntry): number {
  return entryOverheadBytes + key.length + entry.sizeBytes
}
