import type { BackendHealth, CacheOperation, Clock, Duration } from '@cache/ports'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Cache } from '../engine/cache.ts'
import type { CacheOptions } from '../engine/cache-options.ts'
import type { CacheKey } from '../keys/cache-key.ts'
import type { ResealCounts } from '../engine/resealing.ts'
import type { StateOptions, StateStore } from '../state/state-store.ts'
import type { CacheStats } from '../stats/cache-stats.ts'
import type { DefinedCache } from './cache-registry.ts'

/** All caches of an application over one backend. */
export interface Caches {
  /** The first part of every key. */
  readonly prefix: string
  /** What tells the time here; timers of it end with the caches. */
  readonly clock: Clock
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
  /**
   * A handle of a defined cache with least privilege: it does only what `allow` lists, as the caller `as`, whoever
   * holds it. Give a module its handles, and not the `Caches`.
   *
   * @throws CacheError `INVALID_OPTION`
   */
  open<V, K extends CacheKey = CacheKey>(name: string, handle: HandleOptions): Cache<V, K>
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
  /**
   * Seals the entries of sensitive and signed caches that are defined here with the present key, after a change of
   * keys; what is sealed with it already is only looked at, so a call that was cut short is made good by another one.
   *
   * @throws CacheError `ABORTED`, `ACCESS_DENIED`; when the backend fails
   */
  reseal(options?: ResealOptions): Promise<ResealProgress>
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

/** What a handle may do, and as whom. */
export interface HandleOptions {
  /** The caller's name, for the rules and the audit. Default: the caller of the running code. */
  readonly as?: string | undefined
  /** What the handle allows, if the rules allow it too. Default: all that the rules allow. */
  readonly allow?: readonly CacheOperation[] | undefined
}

export interface ResealOptions {
  /** Entries in one step. Default 100. */
  readonly batchSize?: number | undefined
  /** Between two steps. Default 10 ms. */
  readonly pause?: Duration | undefined
  readonly signal?: AbortSignal | undefined
  /** Told after each step. */
  readonly onProgress?: ((progress: ResealProgress) => void) | undefined
}

export interface ResealProgress extends ResealCounts {
  /** The cache that is being worked on; `undefined` at the end. */
  readonly cache: string | undefined
  readonly cachesDone: number
  readonly cachesToDo: number
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
