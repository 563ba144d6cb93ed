import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CacheError, type BackendContext } from '@cache/core'
import { Connection } from './connection.ts'
import { DatabaseTime } from './database-time.ts'
import { withDirectoryLock } from './directory-lock.ts'
import type { SqliteDatabase, SqliteDriver } from './driver.ts'
import { currentBootId, fileIdOf, newEpoch, reasonForNewEpoch } from './epoch.ts'
import { failureKind } from './errors.ts'
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
import { hasPlainHeader, removeParts, setAside } from './recovery.ts'
import { applicationId, layoutVersion, schema } from './schema.ts'
import type { Durability } from './sqlite-options.ts'

/** How long SQLite itself may wait for a lock, blocking the event loop. Longer waits are ours, and do not block. */
const busyTimeoutMs = 2

/**
 * Pages in the write-ahead log from which on a commit copies them into the file. Four times SQLite's own number:
 * what is written again and again is then copied less often, and the disk is waited for less often.
 */
const checkpointPages = 4000

/** The write-ahead log is cut back to this after it was larger. */
const maxLogBytes = 32 * 1024 * 1024

export interface OpenPlan {
  readonly path: string
  readonly driver: SqliteDriver
  /** A file of a driver of the caller's may be encrypted: without its key it only looks damaged. */
  readonly mayBeEncrypted: boolean
  readonly onOpen: (database: SqliteDatabase) => void
  readonly durability: Durability
  readonly context: BackendContext
}

/** Opens the file, made anew where there is none or it is damaged. Throws what the driver or the system throws. */
export function openFile(plan: OpenPlan): Connection {
  return withDirectoryLock(dirname(plan.path), plan.driver, () => {
    try {
      return openLocked(plan)
    } catch (error) {
      if (failureKind(error) !== 'corrupt') throw error
      replaceDamaged(plan, fileIdOf(statSync(plan.path)), error)
      return openLocked(plan)
    }
  })
}

/** Sets a file aside that turned out to be damaged while it was in use. */
export function replaceFile(plan: OpenPlan, fileId: string, error: unknown): void {
  withDirectoryLock(dirname(plan.path), plan.driver, () => replaceDamaged(plan, fileId, error))
}

function replaceDamaged({ path, mayBeEncrypted, context }: OpenPlan, fileId: string, error: unknown): void {
  if (mayBeEncrypted && existsSync(path) && !hasPlainHeader(path)) throw error
  const aside = setAside(path, fileId, context.clock.wallMs())
  if (aside === undefined) return
  context.report(`The cache file ${path} is damaged; it was moved to ${aside} and a new one begun`, error)
}

function openLocked(plan: OpenPlan): Connection {
  const { path, driver, context } = plan
  if (!existsSync(path)) removeParts(path)
  closeSync(openSync(path, 'a', 0o600))
  const fileId = fileIdOf(statSync(path))
  const database = new driver(path, { timeout: busyTimeoutMs })
  try {
    plan.onOpen(database)
    configure(database, path)
    const lazySync = plan.durability === 'normal'
    const facts = { fileId, bootId: currentBootId(context.clock), lazySync }
    const state = adoptState(database, plan, facts)
    if (lazySync) database.pragma('synchronous = NORMAL')
    const time = new DatabaseTime(context.clock)
    time.adopt(state.highWater)
    return new Connection(database, time, facts, state)
  } catch (error) {
    database.close()
    throw lacksTable(error) ? damaged(error) : error
  }
}

function configure(database: SqliteDatabase, path: string): void {
  checkOwner(database, path)
  database.pragma('auto_vacuum = INCREMENTAL')
  const mode = database.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal')
    throw new CacheError(
      'BACKEND_FAILED',
      `${path} cannot use a write-ahead log: put directory on a local file system`,
    )
  database.pragma(`journal_size_limit = ${maxLogBytes}`)
  database.pragma(`wal_autocheckpoint = ${checkpointPages}`)
  database.pragma('synchronous = FULL')
}

/** Refuses files that another program or a later version of this package wrote, rather than take them over. */
function checkOwner(database: SqliteDatabase, path: string): void {
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (tables === 0) return
  if (database.pragma('application_id', { simple: true }) !== applicationId)
    throw new CacheError('BACKEND_REFUSED', `${path} belongs to another program: choose another directory`)
  if (Number(database.pragma('user_version', { simple: true })) > layoutVersion)
    throw new CacheError(
      'BACKEND_REFUSED',
      `${path} was written by a later version of @cache/sqlite: update this process, or choose another directory`,
    )
}

interface PresentFacts {
  readonly fileId: string
  readonly bootId: string
}

function adoptState(database: SqliteDatabase, plan: OpenPlan, facts: PresentFacts): FileState {
  database.exec('BEGIN IMMEDIATE')
  try {
    const empty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
    if (empty) createState(database, facts)
    const state = loadState(database)
    const wallMs = plan.context.clock.wallMs()
    const reason = reasonForNewEpoch(state, { ...facts, wallMs })
    if (reason) startCold(database, state, { ...facts, wallMs })
    database.exec('COMMIT')
    if (reason) plan.context.report(`The cache file ${plan.path} starts cold: ${reason}`)
    return state
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function createState(database: SqliteDatabase, { bootId, fileId }: PresentFacts): void {
  database.exec(schema)
  database.prepare(createStateSql).run(newEpoch(), bootId, fileId)
}

function loadState(database: SqliteDatabase): FileState {
  const state = database.prepare(loadStateSql).get() as FileState | undefined
  if (state) return state
  throw damaged()
}

function lacksTable(error: unknown): boolean {
  return error instanceof Error && /^no such (table|column)/.test(error.message)
}

/** A file of ours that SQLite finds sound, but that lacks what we put into it. */
function damaged(cause?: unknown): Error {
  return Object.assign(new Error('the file is incomplete', { cause }), { code: 'SQLITE_CORRUPT' })
}

/** Drops everything and begins a new epoch. The sequence goes on, so that it never grows backwards. */
function startCold(
  database: SqliteDatabase,
  state: FileState,
  present: PresentFacts & { readonly wallMs: number },
): void {
  database.exec('DELETE FROM entries; DELETE FROM leases; DELETE FROM tags')
  state.epoch = newEpoch()
  state.fileId = present.fileId
  state.bootId = present.bootId
  state.unsynced = 0
  state.highWater = Math.floor(present.wallMs)
  state.logFloor = state.sequence
  state.tagFloor = state.sequence
  addBytes(state, -state.entryBytes)
  Object.assign(state, { logChars: 0, tagCount: 0, entryCount: 0, leaseCount: 0 })
  database.exec('DELETE FROM journal WHERE kind IS NOT NULL')
  database.prepare(saveIdentitySql).run(...identityOf(state))
  database.prepare(saveCountersSql).run(...countersOf(state))
}
