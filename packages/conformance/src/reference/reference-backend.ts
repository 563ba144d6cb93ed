import { CacheError, systemClock } from '@cache/core'
import type {
  BackendCapabilities,
  BackendContext,
  BackendHealth,
  CacheBackend,
  Clock,
  EntryStore,
  StoreOptions,
} from '@cache/core'
import { referenceRules, type ReferenceRules } from './reference-rules.ts'
import {
  referenceCache,
  referenceStorage,
  referenceVersion,
  type ReferenceStorage,
} from './reference-storage.ts'
import { ReferenceStore } from './reference-store.ts'

export interface ReferenceOptions {
  /** Give several backends the same one, and they are processes that share a store. */
  readonly storage?: ReferenceStorage | undefined
  readonly rules?: ReferenceRules | undefined
}

export const referenceCapabilities: BackendCapabilities = {
  shared: 'host',
  persistent: true,
  blocking: true,
  transactional: true,
}

/** A small, slow and correct backend: what the contract suite is tested with, and a shared store for tests. */
export function referenceBackend(options: ReferenceOptions = {}): CacheBackend {
  return new ReferenceBackend(options.storage ?? referenceStorage(), options.rules ?? referenceRules)
}

class ReferenceBackend implements CacheBackend {
  readonly name = 'reference'
  readonly capabilities: BackendCapabilities = referenceCapabilities
  readonly #storage: ReferenceStorage
  readonly #rules: ReferenceRules
  readonly #stores = new Map<string, EntryStore>()
  #clock: Clock = systemClock
  #closed = false

  constructor(storage: ReferenceStorage, rules: ReferenceRules) {
    this.#storage = storage
    this.#rules = rules
  }

  async start(context: BackendContext): Promise<void> {
    this.#refuseClosed()
    this.#clock = context.clock
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

  async cacheNames(): Promise<readonly string[]> {
    this.#refuseClosed()
    return [...this.#storage.caches.keys()]
  }

  async health(): Promise<BackendHealth> {
    this.#refuseClosed()
    return { healthy: true, details: { caches: this.#storage.caches.size }, warnings: [] }
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #createStore(options: StoreOptions): EntryStore {
    const cache = referenceCache(this.#storage, options.cache, Math.floor(this.#clock.wallMs() * 1000))
    const version = referenceVersion(cache, options.version)
    const place = { storage: this.#storage, cache, version, options, rules: this.#rules }
    return new ReferenceStore(place, () => {
      this.#refuseClosed()
      return this.#clock.monotonicMs()
    })
  }

  #refuseClosed(): void {
    if (this.#closed) throw new CacheError('CLOSED', 'The reference backend was closed')
  }
}
