import {
  CacheError,
  refuseUnknown,
  systemClock,
  type Clock,
  type Duration,
  type JournalMark,
  type Timer,
  type WriteJournal,
} from '@cache/ports'
import { decodeValue, encodeValue } from '../codec/value-format.ts'
import type { Cache } from '../engine/cache.ts'
import { parseStoredKey, storedKey, type CacheKey } from '../keys/cache-key.ts'
import type { Loader, LoadOptions } from '../loading/load-options.ts'
import { positiveDurationMs } from '../time/ttl.ts'

/** A key as a listing gives it: one part, or several, as text. */
export type ListedKey = string | string[]

/** Writes values to their source; an entry that is not in the rejection's way is written once or more. */
export type WriteToSource<V> = (entries: readonly (readonly [ListedKey, V])[]) => Promise<void>

export interface WriteBehindOptions {
  /** How long a value waits for others of its key before it is written. Default 1 s. */
  readonly delay?: Duration | undefined
  /** Values written in one call. Default 100. */
  readonly batchSize?: number | undefined
  /** Keys that may wait; `set` rejects with `BACKEND_FULL` beyond. Default 10,000. */
  readonly maxPending?: number | undefined
  /**
   * Keeps what waits, so that a crash loses nothing: `sqliteJournal` of `@cache/sqlite`. Without one a crash loses what
   * waited: at most `maxPending` keys, for `delay` and the retries.
   */
  readonly journal?: WriteJournal | undefined
  /** Told of each failed attempt; the values stay and are tried again after `delay`. */
  readonly onError?: ((error: unknown) => void) | undefined
  readonly clock?: Clock | undefined
}

const optionNames = ['delay', 'batchSize', 'maxPending', 'journal', 'onError', 'clock']

/** A write that waits: an object for each, so that a later write of an equal value is told from the one under way. */
interface Waiting<V> {
  readonly value: V
  /** Its place in the journal, once it is safe there. */
  readonly sequence: Promise<number | undefined>
  /** What waited before, until this is safe. */
  before: Waiting<V> | undefined
  /** The journal did not keep it. */
  isRefused: boolean
}

/**
 * A cache whose writes reach their source later, and only the latest of each key: reads see them at once.
 */
export class WriteBehind<V> {
  readonly #cache: Cache<V>
  readonly #write: WriteToSource<V>
  readonly #settings: { readonly batchSize: number; readonly maxPending: number; readonly delayMs: number }
  readonly #clock: Clock
  readonly #journal: WriteJournal | undefined
  readonly #onError: (error: unknown) => void
  readonly #pending = new Map<string, Waiting<V>>()
  #restoring: Promise<number> | undefined
  #timer: Timer | undefined
  #flushing: Promise<void> | undefined
  #closed = false

  constructor(cache: Cache<V>, write: WriteToSource<V>, options: WriteBehindOptions = {}) {
    refuseUnknown(options, optionNames, 'WriteBehind')
    const { batchSize = 100, maxPending = 10_000, clock = systemClock } = options
    const { journal, onError = () => undefined } = options
    for (const [name, value] of Object.entries({ batchSize, maxPending }))
      if (!Number.isInteger(value) || value < 1)
        throw new CacheError('INVALID_OPTION', `WriteBehind: ${name} must be a whole number from 1`)
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

  /**
   * Takes back what the journal kept over a crash, and writes it to the source after `delay`: values that reached it just
   * before the crash reach it once more. How many there were. The first `set` does it too; at the start it is done in time.
   *
   * @throws CacheError of the journal: `BACKEND_LOCKED` while another process has it
   */
  restore(): Promise<number> {
    this.#restoring ??= this.#restore().catch((error: unknown) => {
      this.#restoring = undefined
      throw error
    })
    return this.#restoring
  }

  /**
   * Writes to the journal and to the cache, and later to the source.
   *
   * @throws CacheError `CLOSED`; `BACKEND_FULL` when too much waits; as `Cache.set`; of the journal when it did not keep it
   */
  async set(key: CacheKey, value: V): Promise<void> {
    if (this.#journal) await this.restore()
    if (this.#closed) throw new CacheError('CLOSED', 'The write-behind queue was closed')
    const text = storedKey(key)
    const before = this.#pending.get(text)
    if (!before && this.#pending.size >= this.#settings.maxPending) {
      throw new CacheError(
        'BACKEND_FULL',
        `${this.#pending.size} keys wait for their source; try again later`,
      )
    }
    const sequence = this.#keepInJournal(text, value)
    const waiting: Waiting<V> = { value, sequence, before, isRefused: false }
    this.#pending.set(text, waiting)
    try {
      await sequence
    } catch (error) {
      this.#takeBack(text, waiting)
      throw error
    }
    waiting.before = undefined
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

  /** Tries once more and stops. Resolves with the keys that did not reach their source; a journal still has them. */
  async close(): Promise<ListedKey[]> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#restoring?.catch(() => undefined)
    await this.#flushing
    if (this.#pending.size > 0) await this.#flush()
    this.#timer?.cancel()
    await this.#journal?.close()
    return this.pendingKeys
  }

  async #restore(): Promise<number> {
    const kept = (await this.#journal?.open()) ?? []
    for (const { key, payload, format, sequence } of kept) {
      const value = decodeValue(payload, format, undefined) as V
      this.#pending.set(key, {
        value,
        sequence: Promise.resolve(sequence),
        before: undefined,
        isRefused: false,
      })
    }
    if (kept.length > 0) this.#arm()
    return kept.length
  }

  async #keepInJournal(key: string, value: V): Promise<number | undefined> {
    return this.#journal?.put({ key, ...encodeValue(value) })
  }

  /** What waited before waits again. */
  #takeBack(text: string, refused: Waiting<V>): void {
    refused.isRefused = true
    if (this.#pending.get(text) !== refused) return
    let { before } = refused
    while (before?.isRefused) before = before.before
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
    // Nothing reaches the source that the journal may still refuse.
    await Promise.allSettled(Array.from(this.#pending.values(), ({ sequence }) => sequence))
    const waiting = [...this.#pending]
    for (let from = 0; from < waiting.length; from += this.#settings.batchSize) {
      const batch = waiting.slice(from, from + this.#settings.batchSize)
      try {
        await this.#write(batch.map(([text, { value }]) => [parseStoredKey(text), value] as const))
        await this.#settle(batch)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  /** Forgets what was written, unless a newer value came meanwhile. */
  async #settle(batch: readonly (readonly [string, Waiting<V>])[]): Promise<void> {
    const settled = batch.filter(([text, waiting]) => this.#pending.get(text) === waiting)
    for (const [text] of settled) this.#pending.delete(text)
    if (!this.#journal) return
    const marks: JournalMark[] = []
    for (const [key, waiting] of settled) {
      const sequence = await waiting.sequence
      if (sequence !== undefined) marks.push({ key, sequence })
    }
    await this.#journal.forget(marks)
  }
}
