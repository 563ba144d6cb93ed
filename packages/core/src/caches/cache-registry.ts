import { CacheError, type EntryStore } from '@cache/ports'
import type { CacheEngine } from '../engine/cache-engine.ts'
import { namesCollide } from '../keys/cache-name.ts'
import type { CacheStats } from '../stats/cache-stats.ts'

/** A cache that was defined, with what an operator asks of it. */
export interface DefinedCache {
  readonly name: string
  readonly version: number
  readonly sensitive: boolean
  /** The most entries that the backend keeps of it. */
  readonly maxEntries: number
  /** The most that its entries may take there; `Infinity` where nothing was set. */
  readonly maxBytes: number
  /** Nothing was ever read from it or written to it. */
  readonly unused: boolean
}

interface Registered {
  readonly engine: CacheEngine<unknown>
  readonly facts: Omit<DefinedCache, 'name' | 'unused'>
}

/** The caches and state stores of one `Caches`; refuses two that could share keys. */
export class CacheRegistry {
  readonly #caches = new Map<string, Registered>()
  readonly #states = new Map<string, EntryStore>()

  /** @throws CacheError `CACHE_CONFLICT` */
  check(name: string): void {
    const names = [...this.#caches.keys(), ...this.#states.keys()]
    const other = names.find((existing) => namesCollide(existing, name))
    if (other === undefined) return
    const reason = other === name ? 'is defined already' : `could share keys with '${other}'`
    throw new CacheError('CACHE_CONFLICT', `The cache '${name}' ${reason}; give it another name`)
  }

  add(registered: Registered): void {
    this.#caches.set(registered.engine.name, registered)
  }

  addState(name: string, store: EntryStore): void {
    this.#states.set(name, store)
  }

  get stateStores(): EntryStore[] {
    return [...this.#states.values()]
  }

  get engines(): CacheEngine<unknown>[] {
    return Array.from(this.#caches.values(), ({ engine }) => engine)
  }

  get(name: string): CacheEngine<unknown> | undefined {
    return this.#caches.get(name)?.engine
  }

  has(name: string): boolean {
    return this.#caches.has(name)
  }

  list(): DefinedCache[] {
    return Array.from(this.#caches.values(), ({ engine, facts }) => {
      return { name: engine.name, ...facts, unused: isUnused(engine.stats()) }
    })
  }
}

function isUnused(stats: CacheStats): boolean {
  return stats.hits + stats.misses + stats.writes + stats.loads === 0
}
