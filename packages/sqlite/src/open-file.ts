import { closeSync, existsSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { CacheError, type BackendContext } from '@cache/ports'
import { Connection } from './connection.ts'
import { DatabaseTime } from './database-time.ts'
import { withDirectoryLock } from './directory-lock.ts'
import type { SqliteDatabase, SqliteDriver } from './driver.ts'
import { adoptState } from './adopt-state.ts'
import { currentBootId, fileIdOf } from './epoch.ts'
import { damagedError, failureKind, isNoDatabase } from './errors.ts'
import { ReadHold } from './read-hold.ts'
import { removeParts, setAside } from './recovery.ts'
import { applicationId, layoutVersion } from './schema.ts'
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
      replaceDamaged(plan, fileIdOf(plan.path), error)
      return openLocked(plan)
    }
  })
}

/** Sets a file aside that turned out to be damaged while it was in use. */
export function replaceFile(plan: OpenPlan, fileId: string | undefined, error: unknown): void {
  withDirectoryLock(dirname(plan.path), plan.driver, () => replaceDamaged(plan, fileId, error))
}

function replaceDamaged(
  { path, mayBeEncrypted, context }: OpenPlan,
  fileId: string | undefined,
  error: unknown,
): void {
  if (mayBeEncrypted && isNoDatabase(error)) throw error
  const aside = setAside(path, fileId, context.clock.wallMs())
  if (aside === undefined) return
  context.report(`The cache file ${path} is damaged; it was moved to ${aside} and a new one begun`, error)
}

function openLocked(plan: OpenPlan): Connection {
  const { path } = plan
  if (!existsSync(path)) makeFile(path)
  const fileId = fileIdOf(path) ?? ''
  const databases: SqliteDatabase[] = []
  try {
    const open = (): SqliteDatabase => {
      const database = new plan.driver(path, { timeout: busyTimeoutMs, fileMustExist: true })
      databases.push(database)
      plan.onOpen(database)
      return database
    }
    return connect(plan, fileId, open)
  } catch (error) {
    for (const database of databases) database.close()
    throw lacksTable(error) ? damagedError(error) : error
  }
}

/**
 * Never touches a file that exists: to close it here would end the locks that SQLite holds on it elsewhere in this
 * process.
 */
function makeFile(path: string): void {
  removeParts(path)
  closeSync(openSync(path, 'ax', 0o600))
}

function connect(plan: OpenPlan, fileId: string, open: () => SqliteDatabase): Connection {
  const { path, context, durability } = plan
  const database = open()
  configure(database, path)
  const lazySync = durability === 'normal'
  const facts = { fileId, bootId: currentBootId(context.clock), lazySync }
  const { state, coldBecause } = adoptState(database, { ...facts, wallMs: context.clock.wallMs() })
  if (coldBecause) context.report(`The cache file ${path} starts cold: ${coldBecause}`)
  if (lazySync) database.pragma('synchronous = NORMAL')
  const time = new DatabaseTime(context.clock)
  time.adopt(state.highWater)
  return new Connection({ database, hold: new ReadHold(open()), time, facts, state })
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

function lacksTable(error: unknown): boolean {
  return error instanceof Error && /^no such (table|column)/.test(error.message)
}
