import type { SqliteDatabase } from './driver.ts'
import { newEpoch, reasonForNewEpoch } from './epoch.ts'
import { damagedError } from './errors.ts'
import {
  addBytes,
  countersOf,
  createStateSql,
  identityOf,
  loadStateSql,
  saveCountersSql,
  saveIdentitySql,
  type FileState,
} from './file-state.ts'
import { schema } from './schema.ts'

/** What is true as the file is opened. */
export interface PresentFacts {
  readonly fileId: string
  readonly bootId: string
  readonly wallMs: number
}

export interface AdoptedState {
  readonly state: FileState
  /** Why everything in the file was dropped; `undefined` where it was kept. */
  readonly coldBecause: string | undefined
}

/** Takes over the state of a file as it is opened, makes it in a new one, and starts cold where it may not be used. */
export function adoptState(database: SqliteDatabase, present: PresentFacts): AdoptedState {
  database.exec('BEGIN IMMEDIATE')
  try {
    const empty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
    if (empty) createState(database, present)
    const state = loadState(database)
    const coldBecause = reasonForNewEpoch(state, present)
    if (coldBecause) startCold(database, state, present)
    database.exec('COMMIT')
    return { state, coldBecause }
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function createState(database: SqliteDatabase, { bootId, fileId, wallMs }: PresentFacts): void {
  database.exec(schema)
  database.prepare(createStateSql).run(newEpoch(), bootId, fileId, ...startsAt(firstSequence(wallMs)))
}

function loadState(database: SqliteDatabase): FileState {
  const state = database.prepare(loadStateSql).get() as FileState | undefined
  if (state) return state
  throw damagedError()
}

/** Above the sequence of any file that was lost, unless the wall clock was set back meanwhile. */
function firstSequence(wallMs: number): number {
  return Math.floor(wallMs * 1000)
}

/** The sequence, and what counts from it: nothing before it is in the log, and no tag has a later generation. */
function startsAt(sequence: number): readonly [sequence: number, logFloor: number, tagFloor: number] {
  return [sequence, sequence, sequence]
}

/** Drops everything and begins a new epoch. The sequence goes on, so that it never grows backwards. */
function startCold(database: SqliteDatabase, state: FileState, present: PresentFacts): void {
  database.exec('DELETE FROM entries; DELETE FROM leases; DELETE FROM tags')
  state.epoch = newEpoch()
  state.fileId = present.fileId
  state.bootId = present.bootId
  state.unsynced = 0
  state.highWater = Math.floor(present.wallMs)
  state.sequence = Math.max(state.sequence + 1, firstSequence(present.wallMs))
  state.logFloor = state.sequence
  state.tagFloor = state.sequence
  addBytes(state, -state.entryBytes)
  Object.assign(state, { logChars: 0, tagCount: 0, entryCount: 0, leaseCount: 0 })
  database.exec('DELETE FROM journal WHERE kind IS NOT NULL')
  database.prepare(saveIdentitySql).run(...identityOf(state))
  database.prepare(saveCountersSql).run(...countersOf(state))
}
