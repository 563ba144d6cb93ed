import type { LocalEntry, LocalTier, LocalTierFactory, LocalTierOptions } from '@cache/core'

/** A local tier on a `Map`, the least recently used entry first; evicts by the number of entries alone. */
class SimulatedTier implements LocalTier {
  readonly #entries = new Map<string, LocalEntry>()
  readonly #options: LocalTierOptions

  constructor(options: LocalTierOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  get sizeBytes(): number {
    let bytes = 0
    for (const entry of this.#entries.values()) bytes += entry.sizeBytes
    return bytes
  }

  get(key: string): LocalEntry | undefined {
    return this.#entries.get(key)
  }

  peek(key: string): LocalEntry | undefined {
    return this.#entries.get(key)
  }

  set(key: string, entry: LocalEntry): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size <= this.#options.maxEntries) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      this.#options.onEvict(oldest, 'entries')
      return
    }
  }

  delete(key: string): boolean {
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  entries(): Iterable<readonly [string, LocalEntry]> {
    return [...this.#entries]
  }
}

/** Local tiers of one virtual process. */
export const simulatedTiers: LocalTierFactory = { createTier: (options) => new SimulatedTier(options) }
