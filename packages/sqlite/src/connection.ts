import type { Stamp } from '@cache/ports'
import type { DatabaseTime } from './database-time.ts'
import type { SqliteDatabase } from './driver.ts'
import { prepareEntryStatements, type EntryStatements } from './entry-statements.ts'
import type { FileState } from './file-state.ts'
import type { ReadHold } from './read-hold.ts'
import { prepareStatements, type Statements } from './statements.ts'
import { Transaction, type Limits } from './transaction.ts'

/** What a connection has to know of its surroundings. */
export interface ConnectionFacts {
  /** Identity of the file that was opened. */
  readonly fileId: string
  readonly bootId: string
  /** Commits reach the disk only at checkpoints. */
  readonly lazySync: boolean
}

/** What a connection consists of. */
export interface ConnectionParts {
  readonly database: SqliteDatabase
  readonly hold: ReadHold
  readonly time: DatabaseTime
  readonly facts: ConnectionFacts
  readonly state: FileState
}

/** An open file: its statements, its time, and what is known of its state. Everything here is synchronous. */
export class Connection {
  readonly database: SqliteDatabase
  readonly statements: Statements
  readonly entries: EntryStatements
  readonly time: DatabaseTime
  readonly fileId: string
  /** Whether this connection committed anything. */
  wrote = false
  readonly #facts: ConnectionFacts
  readonly #hold: ReadHold
  #stamp: Stamp
  #dataVersion: number | undefined
  #syncedOnce = false

  constructor({ database, hold, time, facts, state }: ConnectionParts) {
    this.database = database
    this.#hold = hold
    this.statements = prepareStatements(database)
    this.entries = prepareEntryStatements(database)
    this.time = time
    this.fileId = facts.fileId
    this.#facts = facts
    this.#stamp = { epoch: state.epoch, sequence: state.sequence }
  }

  /** To be called before each read, which then takes its time from `time.nowMs`. */
  beforeRead(): void {
    this.time.refresh()
    this.#hold.note(this.time.monotonicMs)
  }

  /** The stamp as of the latest commit of any process. Two cheap reads at most. */
  currentStamp(): Stamp {
    const { statements } = this
    const dataVersion = statements.dataVersion.get() as number
    if (dataVersion !== this.#dataVersion) {
      this.#notice(statements.loadState.get() as FileState)
      this.#dataVersion = dataVersion
    }
    return this.#stamp
  }

  /**
   * The time to read a row at: another process may have seen a later one when it wrote it, and then that one
   * holds here too, or the row would live for longer than it was given.
   */
  timeFor(createdAtMs: number, nowMs: number): number {
    if (createdAtMs <= nowMs) return nowMs
    this.time.adopt(createdAtMs)
    return createdAtMs
  }

  /** Begins a write transaction; throws SQLITE_BUSY at once while another process has one. */
  begin(limits: Limits): Transaction {
    const { statements, time } = this
    this.#hold.release()
    statements.begin.run()
    let state = statements.loadState.get() as FileState
    if (this.#facts.lazySync && state.unsynced === 0) state = this.#markUnsynced()
    this.#notice(state)
    time.refresh()
    time.adopt(state.highWater)
    return new Transaction(this, state, time.nowMs, limits)
  }

  commit(tx: Transaction): void {
    tx.finish()
    this.statements.commit.run()
    if (this.#syncedOnce) this.#syncLazily()
    if (!tx.dirty) return
    this.wrote = true
    this.#notice(tx.state)
  }

  /** Ends a transaction without a trace. Never throws. */
  rollback(): void {
    try {
      if (this.database.inTransaction) this.statements.rollback.run()
      if (this.#syncedOnce) this.#syncLazily()
    } catch {
      // The connection is of no use; what caused the rollback is being reported.
    }
  }

  close(): void {
    for (const part of [this.#hold, this.database]) {
      try {
        part.close()
      } catch {
        // Closing what is broken; the reason is being reported.
      }
    }
  }

  /**
   * Before the first commit that may be lost with the machine, one that says so has to be safe on the disk:
   * otherwise a file that lost acknowledged changes would look as if it had lost none.
   */
  #markUnsynced(): FileState {
    const { statements, database } = this
    statements.rollback.run()
    database.pragma('synchronous = FULL')
    this.#syncedOnce = true
    statements.begin.run()
    const state = statements.loadState.get() as FileState
    state.unsynced = 1
    state.bootId = this.#facts.bootId
    statements.saveIdentity.run(state.epoch, state.bootId, state.fileId, state.unsynced, state.versions)
    return state
  }

  #syncLazily(): void {
    this.#syncedOnce = false
    this.database.pragma('synchronous = NORMAL')
  }

  #notice({ epoch, sequence }: FileState): void {
    if (epoch === this.#stamp.epoch && sequence === this.#stamp.sequence) return
    // Another process found the stored times unusable and dropped everything that was stamped with them.
    if (epoch !== this.#stamp.epoch) this.time.restart()
    this.#stamp = { epoch, sequence }
  }
}
