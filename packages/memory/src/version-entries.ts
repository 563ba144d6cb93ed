import { valueFormat, type LocalEntry, type StoreOptions } from '@cache/ports'
import { ExpiryQueue } from './expiry-queue.ts'
import { LeaseTable } from './lease-table.ts'
import { MemoryTier } from './memory-tier.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { TagIndex } from './tag-index.ts'

/** The entries and leases of one version of a cache. */
export class VersionEntries {
  readonly tier: MemoryTier
  readonly leases: LeaseTable = new LeaseTable()
  readonly #tags = new TagIndex()
  readonly #expiries = new ExpiryQueue()
  readonly #onEvict: StoreOptions['onEvict']

  constructor(options: StoreOptions, budget: MemoryBudget) {
    this.#onEvict = options.onEvict
    this.tier = new MemoryTier({
      maxEntries: options.maxEntries,
      maxBytes: options.maxBytes,
      budget,
      onEvict: (_key, reason) => options.onEvict({ count: 1, reason }),
      observer: {
        added: (key, entry) => this.#added(key, entry),
        removed: (key, entry) => this.#tags.remove(key, entry),
      },
    })
  }

  /** The entry under a key, unless it is gone; counts as a use. */
  live(key: string, nowMs: number): LocalEntry | undefined {
    const entry = this.tier.get(key)
    if (entry === undefined || nowMs < entry.goneAtMs) return entry
    this.tier.delete(key)
    this.#onEvict({ count: 1, reason: 'expired' })
    return undefined
  }

  /** Drops the entry and the lease of a key. */
  forget(key: string): void {
    this.leases.end(key)
    this.tier.delete(key)
  }

  /** Drops every entry that carries the tag. */
  forgetTag(tag: string): void {
    for (const key of this.#tags.keysOf(tag)) this.tier.delete(key)
  }

  clear(): void {
    this.leases.clear()
    this.tier.clear()
    this.#expiries.replaceAll([])
  }

  /** The keys that may be live, carrying the tag if one is given; in no order. */
  keys(tag: string | undefined): string[] {
    return tag === undefined ? this.tier.keys() : this.#tags.keysOf(tag)
  }

  /** Whether there is an entry that is not gone; does not count as a use. */
  isLive(key: string, nowMs: number): boolean {
    const entry = this.tier.peek(key)
    return entry !== undefined && nowMs < entry.goneAtMs
  }

  /** Removes up to `limit` entries that are gone, and as many leases that have ended. */
  purge(limit: number, nowMs: number): number {
    this.leases.sweep(limit, nowMs)
    let removed = 0
    while (removed < limit) {
      const key = this.#expiries.takeDue(nowMs)
      if (key === undefined) break
      if (this.isLive(key, nowMs)) {
        this.#requeueState(key)
        continue
      }
      if (this.tier.delete(key)) removed++
    }
    if (removed > 0) this.#onEvict({ count: removed, reason: 'expired' })
    return removed
  }

  /** The time of a state moves without its being added anew. */
  #requeueState(key: string): void {
    const entry = this.tier.peek(key)
    if (entry?.format === valueFormat.state) this.#expiries.push(key, entry.goneAtMs)
  }

  #added(key: string, entry: LocalEntry): void {
    this.#tags.add(key, entry)
    this.#expiries.push(key, entry.goneAtMs)
    // Rewritten keys leave their former times behind; rebuilding is paid for by the pushes that made it necessary.
    if (this.#expiries.size > 2 * this.tier.size + 1024) this.#expiries.replaceAll(this.#presentExpiries())
  }

  *#presentExpiries(): Generator<{ readonly key: string; readonly goneAtMs: number }> {
    for (const [key, { goneAtMs }] of this.tier.entries()) yield { key, goneAtMs }
  }
}
