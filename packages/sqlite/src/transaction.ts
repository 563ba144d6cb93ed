import type { NewEntry } from '@cache/ports'
import { ChangeRecorder } from './change-log.ts'
import type { SqliteDatabase } from './driver.ts'
import type { EntryStatements } from './entry-statements.ts'
import { EntryWriter } from './entry-writer.ts'
import { addBytes, countersOf, countsBytes, identityOf, type FileState } from './file-state.ts'
import type { Statements } from './statements.ts'

/** Which entry a step is about. */
export interface EntryAddress {
  readonly key: string
  /** The cache's schema version. */
  readonly version: number
}

/** Limits of one cache; `Infinity` for none. */
export interface Limits {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** One write transaction, shared by every step that was queued in the same tick. */
export class Transaction {
  /** Statements on anything but entries. */
  readonly statements: Statements
  readonly state: FileState
  readonly changes: ChangeRecorder
  /** Whole milliseconds of database time; every row written here is stamped with it. */
  readonly nowMs: number
  /** Database time, as exact as the machine's clocks are. */
  readonly exactMs: number
  readonly limits: Limits
  /** How many entries went for room, by reason. */
  readonly evicted: { entries: number; bytes: number; expired: number } = { entries: 0, bytes: 0, expired: 0 }
  /** Whether what several steps left to write is being written: a failure is then not to be laid to one of them. */
  settling = false
  /** Set by every step that writes. */
  dirty = false
  readonly #entries: EntryStatements
  readonly #writer: EntryWriter
  readonly #database: SqliteDatabase
  #version: number | undefined
  #alone = false

  constructor(connection: TransactionSource, state: FileState, exactMs: number, limits: Limits) {
    const { statements, entries, database } = connection
    this.#database = database
    this.statements = statements
    this.#entries = entries
    this.exactMs = exactMs
    this.nowMs = Math.floor(exactMs)
    this.#writer = new EntryWriter(entries, state, this.nowMs)
    this.state = state
    this.limits = limits
    this.changes = new ChangeRecorder(statements, state)
    if (limits.maxBytes !== Number.POSITIVE_INFINITY && !countsBytes(state))
      state.entryBytes = entries.totalBytes.get() as number
  }

  /** Statements on entries. */
  get entries(): EntryStatements {
    this.#settle()
    return this.#entries
  }

  /** Upserts an entry without tags and version of the caller's; perhaps later, together with others. */
  put(at: EntryAddress, entry: NewEntry, sequence: number): void {
    this.#writer.put(at.key, at.version, entry, sequence)
    if (this.#writer.full) this.#flush()
    this.dirty = true
  }

  /** Accounts for an entry that came (`previousBytes` below 0) or took the place of another. */
  countStored(sizeBytes: number, previousBytes: number): void {
    const { state } = this
    if (previousBytes < 0) state.entryCount++
    addBytes(state, sizeBytes - Math.max(0, previousBytes))
    this.dirty = true
  }

  /** Accounts for entries that went, given by their bytes. */
  countRemoved(sizes: readonly number[]): void {
    if (sizes.length === 0) return
    const { state } = this
    state.entryCount -= sizes.length
    for (const sizeBytes of sizes) addBytes(state, -sizeBytes)
    this.dirty = true
  }

  /** Notes that this schema version has rows here. */
  useVersion(version: number): void {
    if (version === this.#version) return
    this.#version = version
    if (!this.state.versions.includes(`,${version},`)) {
      this.state.versions += `${version},`
      this.saveIdentity()
    }
    this.#alone = this.state.versions === `,${version},`
  }

  /** Whether rows of other schema versions than the one in use may exist. */
  get hasOtherVersions(): boolean {
    return !this.#alone
  }

  saveIdentity(): void {
    this.statements.saveIdentity.run(...identityOf(this.state))
    this.dirty = true
  }

  /** Gives up to `pages` free pages back to the file system. */
  giveBackPages(pages: number): void {
    this.#database.pragma(`incremental_vacuum(${pages})`)
  }

  /** Writes what is left to write; afterwards the counters are right. */
  complete(): void {
    this.#settle()
  }

  /** Writes the log and the counters, if anything was written at all. */
  finish(): void {
    if (!this.dirty) return
    this.state.highWater = Math.max(this.state.highWater, this.nowMs)
    this.changes.finish()
    this.statements.saveCounters.run(...countersOf(this.state))
  }

  #settle(): void {
    this.settling = true
    this.#writer.settle()
    this.settling = false
  }

  #flush(): void {
    this.settling = true
    this.#writer.flush()
    this.settling = false
  }
}

/** What a transaction needs of its connection. */
export interface TransactionSource {
  readonly database: SqliteDatabase
  readonly statements: Statements
  readonly entries: EntryStatements
}

/** What a caller wants done within a write transaction. It may run again in another one after a failure. */
export type Step<T> = (tx: Transaction) => T
