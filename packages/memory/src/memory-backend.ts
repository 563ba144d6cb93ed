import { randomUUID } from 'node:crypto'
import { CacheError, systemClock } from '@cache/ports'
import type {
  BackendCapabilities,
  BackendContext,
  BackendHealth,
  CacheBackend,
  EntryStore,
  LocalTier,
  LocalTierFactory,
  LocalTierOptions,
  StoreOptions,
} from '@cache/ports'
import { CacheHistory } from './cache-history.ts'
import { MemoryTier } from './memory-tier.ts'
import { MemoryBudget } from './memory-budget.ts'
import { memoryLimits, type MemoryLimits, type MemoryOptions } from './memory-options.ts'
import { MemoryStore, type MemoryState } from './memory-store.ts'
import { VersionEntries } from './version-entries.ts'

/** The memory of this process: a backend of its own, or the local tiers in front of another one. */
export interface Memory extends CacheBackend, LocalTierFactory {}

/**
 * Keeps entries in this process.
 *
 * @throws CacheError `INVALID_OPTION`; the message names the option.
 */
export function memory(options: MemoryOptions = {}): Memory {
  return new MemoryBackend(memoryLimits(options))
}

class MemoryBackend implements Memory {
  readonly name = 'memory'
  readonly capabilities: BackendCapabilities = {
    shared: 'process',
    persistent: false,
    blocking: true,
    transactional: true,
  }
  readonly #limits: MemoryLimits
  readonly #budget: MemoryBudget
  readonly #epoch = randomUUID()
  readonly #state: MemoryState = { clock: systemClock, closed: false }
  readonly #histories = new Map<string, CacheHistory>()
  readonly #stores = new Map<string, MemoryStore>()
  #prefix: string | undefined

  constructor(limits: MemoryLimits) {
    this.#limits = limits
    this.#budget = new MemoryBudget(limits.maxBytes)
  }

  async start(context: BackendContext): Promise<void> {
    this.#refuseClosed()
    if (this.#prefix !== undefined && this.#prefix !== context.prefix) {
      throw new CacheError('INVALID_OPTION', 'One memory() serves one prefix; make another for the second')
    }
    this.#prefix = context.prefix
    this.#state.clock = context.clock
  }

  store(options: StoreOptions): EntryStore {
    this.#refuseClosed()
    const id = `${options.version}:${options.cache}`
    const known = this.#stores.get(id)
    if (known) return known
    const store = this.#createStore(options)
    this.#stores.set(id, store)
    return store
  }

  createTier({ maxEntries, maxBytes, onEvict }: LocalTierOptions): LocalTier {
    return new MemoryTier({
      maxEntries: this.#entryLimit(maxEntries),
      maxBytes,
      onEvict,
      budget: this.#budget,
    })
  }

  async cacheNames(): Promise<readonly string[]> {
    this.#refuseClosed()
    return [...this.#histories.keys()]
  }

  async health(): Promise<BackendHealth> {
    this.#refuseClosed()
    const { usedBytes, maxBytes } = this.#budget
    const unbounded = maxBytes === Number.POSITIVE_INFINITY
    return {
      healthy: true,
      details: { caches: this.#histories.size, usedBytes, maxBytes },
      warnings: unbounded ? ['maxBytes is Infinity: set it to what this process may spend on caches'] : [],
    }
  }

  async close(): Promise<void> {
    this.#state.closed = true
    for (const { versions } of this.#histories.values()) for (const version of versions) version.clear()
    this.#histories.clear()
    this.#stores.clear()
  }

  #createStore(options: StoreOptions): MemoryStore {
    const limits = { ...options, maxEntries: this.#entryLimit(options.maxEntries) }
    const entries = new VersionEntries(limits, this.#budget)
    const history = this.#historyOf(options.cache)
    history.versions.add(entries)
    return new MemoryStore(entries, history, this.#state)
  }

  #historyOf(cache: string): CacheHistory {
    const known = this.#histories.get(cache)
    if (known) return known
    const history = new CacheHistory(this.#epoch, Math.floor(this.#state.clock.wallMs() * 1000))
    this.#histories.set(cache, history)
    return history
  }

  #entryLimit(ofCache: number): number {
    return Math.min(ofCache, this.#limits.maxEntries)
  }

  #refuseClosed(): void {
    if (this.#state.closed) throw new CacheError('CLOSED', 'The memory backend was closed')
  }
}
