import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Cache } from '../engine/cache.ts'
import type { CacheOptions } from '../engine/cache-options.ts'
import type { CacheKey } from '../keys/cache-key.ts'
import type { BackendHealth } from '../ports/backend.ts'
import type { StateOptions, StateStore } from '../state/state-store.ts'
import type { CacheStats } from '../stats/cache-stats.ts'
import type { DefinedCache } from './cache-registry.ts'

/** All caches of an application over one backend. */
export interface Caches {
  /** The first part of every key. */
  readonly prefix: string
  /**
   * Defines a cache; its value type is given or comes from its schema.
   *
   * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`, `CACHE_CONFLICT`
   */
  define<S extends StandardSchemaV1>(
    name: string,
    options: CacheOptions<StandardSchemaV1.InferOutput<S>> & { readonly schema: S },
  ): Cache<StandardSchemaV1.InferOutput<S>>
  define<V, K extends CacheKey = CacheKey>(name: string, options?: CacheOptions<V>): Cache<V, K>
  /**
   * As `define`, for what is kept like a cache and is none, such as sessions: clearing all caches leaves it alone, it
   * has no L1, and no debug switch makes its reads miss. Its name stands apart from those of caches.
   *
   * @throws CacheError as `define`
   */
  defineState<V, K extends CacheKey = CacheKey>(name: string, options?: CacheOptions<V>): Cache<V, K>
  /**
   * Opens a place for state that packages such as `@cache/lock` are built on. Its name stands apart from those of
   * caches.
   *
   * @throws CacheError `INVALID_OPTION`, `CACHE_CONFLICT`
   */
  state(name: string, options?: StateOptions): StateStore
  /** The defined caches, in order, and which were never used. */
  list(): readonly DefinedCache[]
  /**
   * Makes every entry that carries one of the tags unreadable, in every cache of the backend, also in caches that
   * only other processes have defined. One step for each cache.
   *
   * @throws CacheError when a cache did not acknowledge it; the others have done it
   */
  invalidateTags(tags: readonly string[]): Promise<void>
  /** Makes every entry of every cache of the backend unreadable. As `invalidateTags`. */
  clear(): Promise<void>
  /** Removes expired entries now; how many there were. */
  purge(): Promise<number>
  stats(): CachesStats
  /** How many entries the backend holds, by cache; one that did not answer is left out. As `Cache.size`. */
  sizes(): Promise<Readonly<Record<string, number>>>
  resetStats(): void
  /** Sets, gets and deletes an entry, and asks the backend for its state. Never rejects. */
  health(): Promise<CachesHealth>
  /** Ends loads with `CLOSED`, writes what is buffered and leaves nothing running. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface CachesStats {
  readonly backend: string
  readonly uptimeMs: number
  readonly caches: readonly CacheStats[]
}

export interface CachesHealth {
  readonly healthy: boolean
  readonly backend: string
  /** Each is `true` if the step did what it should. */
  readonly operations: { readonly set: boolean; readonly get: boolean; readonly delete: boolean }
  readonly details: BackendHealth['details']
  readonly warnings: readonly string[]
}
