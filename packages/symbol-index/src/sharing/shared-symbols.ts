import { durationMs, refuseUnknown, systemClock } from '@cache/core'
import type { Cache, Caches, Clock, Duration, Timer } from '@cache/core'

import { SymbolIndexError } from '../errors.ts'
import type { SymbolIndexErrorCode } from '../errors.ts'
import type { MasterSource } from '../import/source.ts'
import type { ImportOutcome, IndexImportOptions, SymbolIndex } from '../symbol-index.ts'
import type { SymbolSet } from '../symbol-set.ts'
import { CacheStore } from './cache-store.ts'
import type { PieceKey } from './cache-store.ts'
import { DirectoryStore } from './directory-store.ts'
import { isPublication } from './publication.ts'
import type { Publication } from './publication.ts'
import type { SnapshotStore } from './snapshot-store.ts'

export interface ShareOptions {
  /** What announces a set to all processes of one backend, and carries it to other hosts. */
  readonly caches: Caches
  /** Where all members find snapshots. Default: they travel through the backend, in pieces of 1 MiB. */
  readonly directory?: string | undefined
  /** Members of one name share; two indexes of one backend need two. Default `symbols`. */
  readonly name?: string | undefined
  /** Between two looks at what is published: one read of one entry. Default 1 s. */
  readonly every?: Duration | undefined
  /** How long pieces stay in the backend. Default 30 days; only without `directory`. */
  readonly keepFor?: Duration | undefined
  /** What is published is signed: needs `protection` of the caches. Default `false`. */
  readonly signed?: boolean | undefined
  readonly clock?: Clock | undefined
}

/** Figures for a health endpoint. */
export interface ShareStatus {
  /** What this member saw published last; `undefined` before the first. */
  readonly published: Publication | undefined
  /** Whether the index uses it. */
  readonly inStep: boolean
  /** Since the share was made. */
  readonly failures: number
  /** Why the published set could not be taken up; `undefined` once it could. */
  readonly fault: { readonly code: SymbolIndexErrorCode; readonly message: string } | undefined
}

const OPTIONS = ['caches', 'directory', 'name', 'every', 'keepFor', 'signed', 'clock']
const NAME = /^[a-z0-9_-]{1,40}$/
const LATEST = 'latest'
const LONGEST_PAUSE_MS = 60_000

/**
 * Makes an index a member of all that share by this name over the backend of the caches: it takes up what is
 * published, now and later. Resolves when it has the present set, if there is one that can be read.
 */
export async function shareSymbols(index: SymbolIndex, options: ShareOptions): Promise<SharedSymbols> {
  const shared = new SharedSymbols(index, options)
  await shared.sync().catch(() => undefined)
  shared.watch()
  return shared
}

/** A member: see `shareSymbols`. Publishing and following run one after another. */
export class SharedSymbols {
  readonly #index: SymbolIndex
  readonly #board: Cache<Publication>
  readonly #store: SnapshotStore
  readonly #clock: Clock
  readonly #everyMs: number
  #published: Publication | undefined
  #failures = 0
  #failuresInARow = 0
  #fault: ShareStatus['fault']
  #pending: Promise<unknown> = Promise.resolve()
  #timer: Timer | undefined
  #closed = false

  /** Use `shareSymbols`. */
  constructor(index: SymbolIndex, options: ShareOptions) {
    refuseUnknown(options, OPTIONS, 'shareSymbols')
    const { caches, directory, name = 'symbols', signed = false } = options
    if (!NAME.test(name)) throw invalid(`name "${name}" has other characters than a–z, 0–9, _ and -`)
    this.#everyMs = durationMs(options.every ?? '1s', 'every')
    if (!(this.#everyMs > 0 && this.#everyMs < Infinity)) throw invalid('every must be above 0 and finite')
    const values = { sharing: 'reference', signed } as const
    const ttl = durationMs(options.keepFor ?? '30d', 'keepFor')
    this.#index = index
    this.#clock = options.clock ?? systemClock
    this.#board = caches.defineState<Publication>(`${name}:published`, { ttl: Infinity, values })
    this.#store =
      directory === undefined
        ? new CacheStore(caches.defineState<Uint8Array, PieceKey>(`${name}:pieces`, { ttl, values }))
        : new DirectoryStore(directory)
  }

  get status(): ShareStatus {
    return {
      published: this.#published,
      inStep: this.#published !== undefined && this.#published.hash === this.#index.current.hash,
      failures: this.#failures,
      fault: this.#fault,
    }
  }

  /** Imports a master into the index as `SymbolIndex.import` does, and publishes it. */
  async import(source: MasterSource, options: IndexImportOptions = {}): Promise<ImportOutcome> {
    return this.#inTurn(async () => {
      const outcome = await this.#index.import(source, options)
      await this.#publish()
      return outcome
    })
  }

  /** Makes the set in use that of all members. The latest publication counts. */
  async publish(): Promise<Publication> {
    return this.#inTurn(() => this.#publish())
  }

  /**
   * Looks at what is published and swaps to it, which also happens by itself every so often. Returns whether it
   * swapped. Throws `SymbolIndexError` when the set can't be read; the index keeps the set it has.
   */
  async sync(): Promise<boolean> {
    return this.#inTurn(() => this.#follow())
  }

  /** Begins to look at intervals; `shareSymbols` does it. */
  watch(): void {
    if (this.#closed) return
    this.#timer?.cancel()
    const pauseMs = Math.max(
      this.#everyMs,
      Math.min(this.#everyMs * 2 ** this.#failuresInARow, LONGEST_PAUSE_MS),
    )
    this.#timer = this.#clock.setTimer(pauseMs, () => {
      void this.sync()
        .catch(() => undefined)
        .then(() => this.watch())
    })
  }

  /** Follows no more; what is under way ends first. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#pending
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #publish(): Promise<Publication> {
    const { current, notice } = this.#index
    if (notice === undefined) throw invalid('there is no set to publish yet: import one first')
    await this.#store.write(current)
    const before = await this.#announce(current)
    const published = this.#published
    if (published === undefined) throw invalid('the set could not be published')
    const keep = [published.hash, ...(published.before === undefined ? [] : [published.before.hash])]
    await this.#store.sweep(keep, before?.before).catch(() => undefined)
    return published
  }

  /** Puts the set on the board; returns what was there. */
  async #announce(current: SymbolSet): Promise<Publication | undefined> {
    let before: Publication | undefined
    const { notice } = this.#index
    this.#published = await this.#board.update(LATEST, (found) => {
      before = isPublication(found) ? found : undefined
      if (notice === undefined) return undefined
      return {
        ...notice,
        generation: (before?.generation ?? 0) + 1,
        bytes: current.buffer.byteLength,
        before: before && { hash: before.hash, bytes: before.bytes },
      }
    })
    return before
  }

  async #follow(): Promise<boolean> {
    const found: unknown = await this.#board.get(LATEST)
    if (found === undefined) return false
    try {
      if (!isPublication(found)) throw altered()
      const isNew = found.generation !== this.#published?.generation || this.#fault !== undefined
      this.#published = found
      const swapped = isNew && (await this.#index.follow(found, () => this.#store.read(found)))
      this.#failuresInARow = 0
      this.#fault = undefined
      return swapped
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  #failed(error: unknown): void {
    this.#failures++
    this.#failuresInARow++
    if (error instanceof SymbolIndexError) this.#fault = { code: error.code, message: error.message }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(invalid('the share is closed'))
    const turn = this.#pending.then(work)
    this.#pending = turn.catch(() => undefined)
    return turn
  }
}

function altered(): SymbolIndexError {
  return new SymbolIndexError('SNAPSHOT_ALTERED', 'What stands in the cache announces no set. Publish again.')
}

function invalid(message: string): SymbolIndexError {
  return new SymbolIndexError('INVALID_OPTION', `Sharing: ${message}.`)
}
