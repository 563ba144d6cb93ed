import { ChangeRecorder } from './change-log.ts'
import { countersOf, identityOf, type FileState } from './file-state.ts'
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
  readonly statements: Statements
  readonly state: FileState
  readonly changes: ChangeRecorder
  /** Whole milliseconds of database time; every row written here is stamped with it. */
  readonly nowMs: number
  readonly limits: Limits
  /** How many entries went for room, by reason. */
  readonly evicted: { entries: number; bytes: number; expired: number } = { entries: 0, bytes: 0, expired: 0 }
  /** Set by every step that writes. */
  dirty = false

  constructor(statements: Statements, state: FileState, nowMs: number, limits: Limits) {
    this.statements = statements
    this.state = state
    this.nowMs = nowMs
    this.limits = limits
    this.changes = new ChangeRecorder(statements, state)
  }

  /** Accounts for an entry that came (`previousBytes` null) or took the place of another. */
  countStored(sizeBytes: number, previousBytes: number | null): void {
    const { state } = this
    if (previousBytes === null) state.entryCount++
    state.entryBytes += sizeBytes - (previousBytes ?? 0)
    this.dirty = true
  }

  /** Accounts for entries that went, given by their bytes. */
  countRemoved(sizes: readonly number[]): void {
    if (sizes.length === 0) return
    const { state } = this
    state.entryCount -= sizes.length
    for (const sizeBytes of sizes) state.entryBytes -= sizeBytes
    this.dirty = true
  }

  /** Notes that this schema version has rows here. */
  useVersion(version: number): void {
    if (this.state.versions.includes(`,${version},`)) return
    this.state.versions += `${version},`
    this.saveIdentity()
  }

  /** Whether rows of other schema versions may exist. */
  hasOtherVersions(version: number): boolean {
    return this.state.versions !== `,${version},`
  }

  saveIdentity(): void {
    this.statements.saveIdentity.run(...identityOf(this.state))
    this.dirty = true
  }

  /** Writes the log and the counters, if anything was written at all. */
  finish(): void {
    if (!this.dirty) return
    this.state.highWater = Math.max(this.state.highWater, this.nowMs)
    this.changes.finish()
    this.statements.saveCounters.run(...countersOf(this.state))
  }
}

/** What a caller wants done within a write transaction. It may run again in another one after a failure. */
export type Step<T> = (tx: Transaction) => T
