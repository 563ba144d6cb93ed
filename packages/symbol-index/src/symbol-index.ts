import type {
  ChainRow,
  ExpiriesQuery,
  NearestFutureQuery,
  OptionChainQuery,
  OptionQuery,
  UnderlyingsQuery,
} from './derivatives.ts'
import type { MasterDifference } from './difference.ts'
import { SymbolIndexError } from './errors.ts'
import { EventHub } from './events.ts'
import type { EventName, SetNotice, SetOrigin, SymbolIndexEvents } from './events.ts'
import { importMaster } from './import-master.ts'
import type { ImportOptions } from './import-master.ts'
import type { ImportReport } from './import/report.ts'
import type { MasterSource } from './import/source.ts'
import type { Instrument } from './instrument.ts'
import type { SearchQuery } from './search/query.ts'
import { exists, isRefusal, loadSnapshot, saveSnapshot } from './snapshot.ts'
import type { LoadSnapshotOptions } from './snapshot.ts'
import type { SymbolIndexStatistics } from './statistics.ts'
import { SymbolSetBuilder } from './store/builder.ts'
import type { BrokerSymbolKey, SearchResult, SymbolKey, SymbolReader, TokenKey } from './symbol-reader.ts'
import { SymbolSet } from './symbol-set.ts'
import type { TokenReference, TokenResolution } from './token-reference.ts'
import { checkSwap, resolveOptions } from './swap-policy.ts'
import type { SwapPolicy, SymbolIndexOptions } from './swap-policy.ts'

/** What an import did to the index. */
export interface ImportOutcome {
  readonly report: ImportReport
  readonly current: SetNotice
  /** `undefined` for the first set. */
  readonly difference: MasterDifference | undefined
}

/** One import, on top of what the index was made with. */
export interface IndexImportOptions extends ImportOptions {
  /** Swaps even when the number of rows is out of tolerance. */
  readonly force?: boolean | undefined
}

/** How an index came to its set again. */
export interface RestoreOutcome {
  /** `import` when the snapshot was absent or refused. */
  readonly origin: 'snapshot' | 'import'
  readonly current: SetNotice
  /** Why the snapshot was refused; `undefined` where there was none. */
  readonly refusal: SymbolIndexError | undefined
  /** Whether the snapshot file holds the set now; if not, the `failure` event tells why. */
  readonly saved: boolean
}

/**
 * The instruments in use. A new set is built beside the old one, checked, and then takes its place in one
 * step: every look-up sees either the old set or the new one. A refused import leaves the old set.
 */
export class SymbolIndex implements SymbolReader {
  readonly #policy: SwapPolicy
  readonly #events = new EventHub()
  #set: SymbolSet = emptySet()
  #loadedAtMs: number | undefined
  #pending: Promise<unknown> = Promise.resolve()
  #hits = 0
  #misses = 0
  #searches = 0
  #swaps = 0
  #failures = 0
  #lastFailure: SymbolIndexStatistics['lastFailure']

  constructor(options: SymbolIndexOptions = {}) {
    this.#policy = resolveOptions(options)
  }

  /** An index over the set in a snapshot file. */
  static async fromSnapshot(path: string, options: SymbolIndexOptions = {}): Promise<SymbolIndex> {
    const index = new SymbolIndex(options)
    await index.loadSnapshot(path)
    return index
  }

  /** The set in use. It stays as it is when the index swaps; hold it for several consistent look-ups. */
  get current(): SymbolSet {
    return this.#set
  }

  get size(): number {
    return this.#set.size
  }

  /** What to tell other processes, so that they swap too; `undefined` before the first set. */
  get notice(): SetNotice | undefined {
    return this.size === 0 ? undefined : noticeOf(this.#set)
  }

  /** Adds a listener; the function returned takes it away. */
  on<Name extends EventName>(name: Name, listener: (event: SymbolIndexEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** Reads a master in a worker thread and swaps to it. Imports run one after another. */
  async import(source: MasterSource, options: IndexImportOptions = {}): Promise<ImportOutcome> {
    const { force = false, ...reading } = options
    return this.#inTurn('import', async () => {
      const before = this.#set
      const { set, report, difference } = await importMaster(source, {
        ...reading,
        compareWith: before.size === 0 ? undefined : before,
        onProgress: (progress) => {
          reading.onProgress?.(progress)
          this.#events.emit('progress', progress)
        },
      })
      this.#events.emit('report', report)
      checkSwap(this.#policy, before, set, force)
      this.#swap('import', set)
      if (difference !== undefined) this.#events.emit('difference', difference)
      return { report, current: noticeOf(set), difference }
    })
  }

  /** Writes the set in use to a file that `loadSnapshot` reads. */
  async saveSnapshot(path: string): Promise<void> {
    await saveSnapshot(this.#set, path)
  }

  /** Swaps to the set in a snapshot file. */
  async loadSnapshot(path: string, options: LoadSnapshotOptions = {}): Promise<SetNotice> {
    return this.#inTurn('snapshot', async () => this.#adopt('snapshot', await loadSnapshot(path, options)))
  }

  /**
   * Swaps to the set in a snapshot file. Where there is none, or it is refused, which the `failure` event tells,
   * reads the master and writes the file anew; `source` as a function is called only then. Throws when the
   * master is refused too.
   */
  async restore(
    path: string,
    source: MasterSource | (() => MasterSource | Promise<MasterSource>),
    options: IndexImportOptions = {},
  ): Promise<RestoreOutcome> {
    let refusal: SymbolIndexError | undefined
    if (await exists(path)) {
      try {
        return { origin: 'snapshot', current: await this.loadSnapshot(path), refusal, saved: true }
      } catch (error) {
        if (!isRefusal(error)) throw error
        refusal = error
      }
    }
    const { current } = await this.import(typeof source === 'function' ? await source() : source, options)
    // The set is in use: that it can't be kept makes the next start slow, and is no reason to have none now.
    const saved = await this.#inTurn('snapshot', () => this.saveSnapshot(path)).then(
      () => true,
      () => false,
    )
    return { origin: 'import', current, refusal, saved }
  }

  /** Swaps to a set that another thread built; its buffer is shared, not copied. */
  async adopt(buffer: SharedArrayBuffer): Promise<SetNotice> {
    return this.#inTurn('buffer', async () => this.#adopt('buffer', new SymbolSet(buffer)))
  }

  /**
   * Swaps to the set that another process announced, from the snapshot file it wrote or by a function that
   * loads it. Does nothing when that set is in use already; returns whether it swapped.
   */
  async follow(notice: SetNotice, snapshot: string | (() => Promise<SymbolSet>)): Promise<boolean> {
    return this.#inTurn('snapshot', async () => {
      if (notice.hash === this.#set.hash) return false
      const load = (path: string): Promise<SymbolSet> => loadSnapshot(path, { expectedHash: notice.hash })
      this.#adopt('snapshot', await (typeof snapshot === 'string' ? load(snapshot) : snapshot()))
      return true
    })
  }

  statistics(): SymbolIndexStatistics {
    const { size, metadata, buffer } = this.#set
    const lookups = this.#hits + this.#misses
    return {
      current: this.notice,
      size,
      countByExchange: this.#set.countByExchange,
      format: metadata.format,
      source: metadata.source,
      loadedAtMs: this.#loadedAtMs,
      memory: {
        bytes: buffer.byteLength,
        bytesPerRow: size === 0 ? 0 : buffer.byteLength / size,
        budgetBytes: this.#policy.memoryBudgetBytes,
      },
      lookups: { hits: this.#hits, misses: this.#misses, hitRatio: lookups === 0 ? 0 : this.#hits / lookups },
      searches: this.#searches,
      swaps: this.#swaps,
      failures: this.#failures,
      lastFailure: this.#lastFailure,
    }
  }

  get(symbol: string, exchange: string): Instrument | undefined {
    return this.#count(this.#set.get(symbol, exchange))
  }

  getByToken(token: string, exchange: string): Instrument | undefined {
    return this.#count(this.#set.getByToken(token, exchange))
  }

  getByBrokerSymbol(brokerSymbol: string, exchange: string): Instrument | undefined {
    return this.#count(this.#set.getByBrokerSymbol(brokerSymbol, exchange))
  }

  has(symbol: string, exchange: string): boolean {
    return this.#set.has(symbol, exchange)
  }

  getMany(keys: readonly SymbolKey[]): (Instrument | undefined)[] {
    return this.#countMany(this.#set.getMany(keys))
  }

  getManyByToken(keys: readonly TokenKey[]): (Instrument | undefined)[] {
    return this.#countMany(this.#set.getManyByToken(keys))
  }

  getManyByBrokerSymbol(keys: readonly BrokerSymbolKey[]): (Instrument | undefined)[] {
    return this.#countMany(this.#set.getManyByBrokerSymbol(keys))
  }

  search(query: SearchQuery): SearchResult {
    this.#searches++
    return this.#set.search(query)
  }

  expiries(query: ExpiriesQuery): string[] {
    return this.#set.expiries(query)
  }

  underlyings(query: UnderlyingsQuery): string[] {
    return this.#set.underlyings(query)
  }

  optionChain(query: OptionChainQuery): ChainRow[] {
    return this.#set.optionChain(query)
  }

  optionByOffset(query: OptionQuery): Instrument | undefined {
    return this.#set.optionByOffset(query)
  }

  nearestFuture(query: NearestFutureQuery): Instrument | undefined {
    return this.#set.nearestFuture(query)
  }

  reference(token: string, exchange: string): TokenReference | undefined {
    return this.#set.reference(token, exchange)
  }

  resolve(reference: TokenReference): TokenResolution {
    return this.#set.resolve(reference)
  }

  #adopt(origin: SetOrigin, set: SymbolSet): SetNotice {
    checkSwap(this.#policy, emptySet(), set, true)
    this.#swap(origin, set)
    return noticeOf(set)
  }

  #swap(origin: SetOrigin, set: SymbolSet): void {
    const previous = this.notice
    this.#set = set
    this.#loadedAtMs = this.#policy.now()
    this.#swaps++
    this.#events.emit('swap', { origin, current: noticeOf(set), previous })
  }

  /** Runs after what was begun before, and keeps account of failures. */
  #inTurn<Result>(origin: SetOrigin, work: () => Promise<Result>): Promise<Result> {
    const turn = this.#pending.then(work).catch((error: unknown) => {
      if (error instanceof SymbolIndexError) this.#fail(origin, error)
      throw error
    })
    this.#pending = turn.catch(() => undefined)
    return turn
  }

  #fail(origin: SetOrigin, error: SymbolIndexError): void {
    this.#failures++
    this.#lastFailure = { code: error.code, message: error.message, atMs: this.#policy.now() }
    this.#events.emit('failure', { origin, error })
  }

  #count(instrument: Instrument | undefined): Instrument | undefined {
    if (instrument === undefined) this.#misses++
    else this.#hits++
    return instrument
  }

  #countMany(instruments: (Instrument | undefined)[]): (Instrument | undefined)[] {
    for (const instrument of instruments) this.#count(instrument)
    return instruments
  }
}

function noticeOf({ hash, size, metadata: { importedAtMs } }: SymbolSet): SetNotice {
  const id = `${new Date(importedAtMs).toISOString()}-${hash.slice(0, 12)}`
  return { id, hash, size, importedAtMs }
}

function emptySet(): SymbolSet {
  return new SymbolSet(new SymbolSetBuilder().build({ format: '', source: '', importedAtMs: 0 }))
}
