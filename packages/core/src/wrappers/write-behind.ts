import { CacheError, systemClock, type Clock, type Duration, type Timer } from '@cache/ports'
import type { Cache } from '../engine/cache.ts'
import { parseStoredKey, storedKey, type CacheKey } from '../keys/cache-key.ts'
import type { Loader, LoadOptions } from '../loading/load-options.ts'
import { positiveDurationMs } from '../time/ttl.ts'

/** A key as a listing gives it: one part, or several, as text. */
export type ListedKey = string | string[]

/** Writes values to their source; an entry that is not in the rejection's way is written once or more. */
export type WriteToSource<V> = (entries: readonly (readonly [ListedKey, V])[]) => Promise<void>

export interface WriteBehindOptions<V> {
  /** How long a value waits for others of its key before it is written. Default 1 s. */
  readonly delay?: Duration | undefined
  /** Values written in one call. Default 100. */
  readonly batchSize?: number | undefined
  /** Keys that may wait; `set` rejects with `BACKEND_FULL` beyond. Default 10,000. */
  readonly maxPending?: number | undefined
  /**
   * Keeps what waits in a cache of a persistent backend, such as SQLite, so that a crash loses nothing. Its TTL must be
   * infinite. Without a journal a crash loses what waited: at most `maxPending` keys, for `delay` and the retries.
   */
  readonly journal?: Cache<V> | undefined
  /** Told of each failed attempt; the values stay and are tried again after `delay`. */
  readonly onError?: ((error: unknown) => void) | undefined
  readonly clock?: Clock | undefined
}

/**
 * A cache whose writes reach their source later, and only the latest of each key: reads see them at once.
 */
export class WriteBehind<V> {
  readonly #cache: Cache<V>
  readonly #write: WriteToSource<V>
  readonly #settings: { readonly batchSize: number; readonly maxPending: number; readonly delayMs: number }
  readonly #clock: Clock
  readonly #journal: Cache<V> | undefined
  readonly #onError: (error: unknown) => void
  /** An object for each write, so that a later write of an equal value is told from the one under way. */
  readonly #pending = new Map<string, { readonly value: V }>()
  #timer: Timer | undefined
  #flushing: Promise<void> | undefined
  #closed = false

  constructor(cache: Cache<V>, write: WriteToSource<V>, options: WriteBehindOptions<V> = {}) {
    const {
      batchSize = 100,
      maxPending = 10_000,
      clock = systemClock,
      journal,
      onError = () => undefined,
    } = options
    this.#cache = cache
    this.#write = write
    this.#settings = { batchSize, maxPending, delayMs: positiveDurationMs(options.delay ?? '1s', 'delay') }
    this.#clock = clock
    this.#journal = journal
    this.#onError = onError
  }

  /** What a crash now would lose, if there is no journal. */
  get pendingKeys(): ListedKey[] {
    return Array.from(this.#pending.keys(), parseStoredKey)
  }

  /** Takes back what the journal kept over a crash; call it once at the start. How many values there were. */
  async restore(): Promise<number> {
    if (!this.#journal) return 0
    let restored = 0
    for await (const key of this.#journal.keys()) {
      const value = await this.#journal.get(key)
      const text = storedKey(key)
      if (value === undefined || this.#pending.has(text)) continue
      this.#pending.set(text, { value })
      restored++
    }
    if (restored > 0) this.#arm()
    return restored
  }

  /**
   * Writes to the journal and to the cache, and later to the source.
   *
   * @throws CacheError `CLOSED`; `BACKEND_FULL` when too much waits; as `Cache.set`; when the journal did not store it
   */
  async set(key: CacheKey, value: V): Promise<void> {
    if (this.#closed) throw new CacheError('CLOSED', 'The write-behind queue was closed')
    const text = storedKey(key)
    if (!this.#pending.has(text) && this.#pending.size >= this.#settings.maxPending) {
      throw new CacheError(
        'BACKEND_FULL',
        `${this.#pending.size} keys wait for their source; try again later`,
      )
    }
    const before = this.#pending.get(text)
    const waiting = { value }
    this.#pending.set(text, waiting)
    if (!(await this.#keepInJournal(key, value))) {
      if (this.#pending.get(text) === waiting) this.#restore(text, before)
      throw new CacheError('BACKEND_UNREACHABLE', 'The journal could not keep the value; nothing was written')
    }
    this.#arm()
    await this.#cache.set(key, value)
  }

  /** What waits to be written, or else what the cache has. */
  async get(key: CacheKey): Promise<V | undefined> {
    return this.#pending.get(storedKey(key))?.value ?? this.#cache.get(key)
  }

  /**
   * The same, or what the loader gives. A load past the queue would find the source as it was before, and keep that.
   *
   * @throws as `Cache.getOrLoad`
   */
  async getOrLoad(key: CacheKey, loader: Loader<V>, options?: LoadOptions<V>): Promise<V | undefined> {
    return this.#pending.get(storedKey(key))?.value ?? this.#cache.getOrLoad(key, loader, options)
  }

  /** Writes what waits now. Resolves when it was tried; what failed still waits. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined
      if (this.#pending.size > 0) this.#arm()
    })
    return this.#flushing
  }

  /** Tries once more and stops. Resolves with the keys that did not reach their source. */
  async close(): Promise<ListedKey[]> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#flushing
    if (this.#pending.size > 0) await this.#flush()
    this.#timer?.cancel()
    return this.pendingKeys
  }

  async #keepInJournal(key: CacheKey, value: V): Promise<boolean> {
    return this.#journal === undefined || this.#journal.set(key, value)
  }

  #restore(text: string, before: { readonly value: V } | undefined): void {
    if (before) this.#pending.set(text, before)
    else this.#pending.delete(text)
  }

  #arm(): void {
    if (this.#closed || this.#timer) return
    this.#timer = this.#clock.setTimer(this.#settings.delayMs, () => {
      this.#timer = undefined
      void this.flush()
    })
  }

  async #flush(): Promise<void> {
    const waiting = [...this.#pending]
    for (let from = 0; from < waiting.length; from += this.#settings.batchSize) {
      const batch = waiting.slice(from, from + this.#settings.batchSize)
      try {
        await this.#write(batch.map(([text, { value }]) => [parseStoredKey(text), value]))
        await this.#settle(batch)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  /** Forgets what was written, unless a newer value came meanwhile. */
  async #settle(batch: readonly (readonly [string, { readonly value: V }])[]): Promise<void> {
    const settled = batch.filter(([text, waiting]) => this.#pending.get(text) === waiting)
    for (const [text] of settled) this.#pending.delete(text)
    if (!this.#journal) return
    await this.#journal.deleteMany(settled.map(([text]) => parseStoredKey(text)))
  }
}
