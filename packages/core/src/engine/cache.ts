import type { Duration } from '@cache/ports'
import type { CacheKey } from '../keys/cache-key.ts'
import type { Loader, LoadOptions } from '../loading/load-options.ts'
import type { StaleReason } from '../loading/refused-refreshes.ts'
import type { CacheStats } from '../stats/cache-stats.ts'
import type { UpdateOptions } from './atomic-operations.ts'
import type { WriteOptions } from './entry-writer.ts'

/** An entry with what is known of it. */
export interface ValueWithMeta<V> {
  /** `undefined` where a loader found nothing and that is remembered. */
  readonly value: V | undefined
  readonly source: 'l1' | 'l2'
  /** Past its fresh time. */
  readonly stale: boolean
  /** Why it is stale still; `undefined` while it is fresh. */
  readonly staleBecause: StaleReason | undefined
  /** Time since the load of it began. */
  readonly ageMs: number
  /** Remaining fresh time; 0 or less when stale. */
  readonly freshForMs: number
  /** Identifies this write; for `compareAndSet`, `deleteIf` and `expireIf`. */
  readonly revision: string
  /** The source's own version, where one was given. */
  readonly version: number | undefined
  readonly tags: readonly string[]
}

/**
 * A named, typed cache.
 *
 * Reads and loads never fail because of the backend: a read is a miss then, and a load runs without it. `set` and
 * `setMany` say whether the value was stored. Deletions, invalidations and atomic operations reject with a
 * `CacheError` when the backend did not acknowledge them, because nobody may believe them done.
 *
 * Every method may reject with `INVALID_KEY` and `CLOSED`. One round trip each, unless it says otherwise; an L1 hit
 * takes none.
 */
export interface Cache<V, K extends CacheKey = CacheKey> {
  readonly name: string
  /** The fresh value, or `undefined`. */
  get(key: K): Promise<V | undefined>
  /** Values in the order of the keys. */
  getMany(keys: readonly K[]): Promise<(V | undefined)[]>
  /** An entry with its age, source, revision and tags; also a stale one. */
  getWithMeta(key: K): Promise<ValueWithMeta<V> | undefined>
  /**
   * Whether what was read with a revision is still the fresh value: no round trip while L1 may answer, else one, and
   * the value is neither decoded nor handed out. `false` where the backend is away and cannot say.
   */
  isCurrent(key: K, revision: string): Promise<boolean>
  /** The fresh value if this process has it. Synchronous, no I/O. */
  peek(key: K): V | undefined
  /** Whether there is a fresh value. */
  has(key: K): Promise<boolean>
  /** Remaining fresh milliseconds; `undefined` without a fresh entry. */
  ttl(key: K): Promise<number | undefined>
  /**
   * The fresh value, or what the loader gives; it runs once, whatever the number of callers and processes.
   *
   * @throws what the loader throws; `LOADER_TIMEOUT`, `LOADER_FAILED`, `ABORTED`, `VALIDATION_FAILED`, `INVALID_VALUE`
   */
  getOrLoad(key: K, loader: Loader<V>, options?: LoadOptions<V>): Promise<V | undefined>
  /**
   * Stores a value. `false` when the backend is away: nothing was stored then.
   *
   * @throws `INVALID_VALUE`, `VALUE_TOO_LARGE`, `INVALID_TTL`, `VALIDATION_FAILED`
   */
  set(key: K, value: V, options?: WriteOptions<V>): Promise<boolean>
  /** Stores values in one batch, each with the same options. As `set`. */
  setMany(entries: Iterable<readonly [K, V]>, options?: WriteOptions<V>): Promise<boolean>
  /** Makes an entry unreadable everywhere; `false` if there was none. */
  delete(key: K): Promise<boolean>
  /** How many entries there were. */
  deleteMany(keys: readonly K[]): Promise<number>
  /**
   * Makes entries whose stored key matches a pattern such as `'user:*'` unreadable everywhere, and refuses the loads of
   * such keys that are under way. `O(entries)`, in pages; how many entries went. Entries that only another schema
   * version of the cache holds stay.
   */
  deleteMatching(pattern: string): Promise<number>
  /** Makes every entry of this cache unreadable everywhere. */
  clear(): Promise<void>
  /** Makes the entries of this cache that carry one of the tags unreadable everywhere. `O(tags)`. */
  invalidateTags(tags: readonly string[]): Promise<void>
  /** Changes the remaining fresh time of an entry, by default to 0: stale at once. `false` if there was none. */
  expire(key: K, ttl?: Duration): Promise<boolean>
  /** Keys whose stored form matches; every part as text. `O(entries)`, in pages. */
  keys(pattern?: string): AsyncIterable<string | string[]>
  /** Keys of the live entries that carry a tag. `O(entries)`, in pages. */
  keysWithTag(tag: string): AsyncIterable<string | string[]>
  /** How many live entries carry at least one of the tags; also where keys are hashed. `O(entries)` for each tag. */
  countWithTags(tags: readonly string[]): Promise<number>
  /** How many entries the backend holds; those past their time count until they are removed. */
  size(): Promise<number>
  /**
   * Writes what `change` makes of the fresh value and returns it; `undefined` from `change` leaves the entry. Time
   * and tags stay unless given. Loses no concurrent write; `change` may run several times. Two round trips or more.
   *
   * @throws `CONFLICT` after 64 attempts lost against other processes
   */
  update(
    key: K,
    change: (current: V | undefined) => V | undefined | Promise<V | undefined>,
    options?: UpdateOptions<V>,
  ): Promise<V | undefined>
  /**
   * Adds to a number, from 0 when there is none, and returns the sum. As `update`.
   *
   * @throws `INVALID_VALUE` when the entry or the sum is not a finite number
   */
  increment(this: Cache<number, K>, key: K, by?: number, options?: UpdateOptions<number>): Promise<number>
  /**
   * Adds items to the end of a list, from an empty one when there is none; with `maxLength` the oldest go. Returns
   * the new length. As `update`.
   *
   * @throws `INVALID_VALUE` when the entry is not a list
   */
  append<T>(this: Cache<T[], K>, key: K, items: readonly T[], options?: AppendOptions<T>): Promise<number>
  /** Stores a value if there is no entry. */
  add(key: K, value: V, options?: UpdateOptions<V>): Promise<boolean>
  /** Stores a value if the entry is still the one with this revision. */
  compareAndSet(key: K, revision: string, value: V, options?: UpdateOptions<V>): Promise<boolean>
  /** Deletes the entry if it is still the one with this revision. */
  deleteIf(key: K, revision: string): Promise<boolean>
  /** Changes the remaining fresh time if the entry is still the one with this revision. */
  expireIf(key: K, revision: string, ttl?: Duration): Promise<boolean>
  stats(): CacheStats
  resetStats(): void
}

export interface AppendOptions<T> extends UpdateOptions<T[]> {
  /** The longest the list may become. */
  readonly maxLength?: number | undefined
}
