import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { CacheError, type JournalMark, type JournaledWrite, type JournalWrite } from '@cache/ports'
import type { SqliteDatabase, SqliteDriver, SqliteStatement } from '../driver.ts'
import type { Durability } from '../sqlite-options.ts'

/** Says in the file's header whose it is: "cajo". */
const applicationId = 0x63616a6f

/** The layout below. A file with a higher one was written by a later version of this package. */
const layoutVersion = 1

/** AUTOINCREMENT: a sequence is never used again, though all writes were forgotten. */
const schema = `
  CREATE TABLE IF NOT EXISTS writes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    format INTEGER NOT NULL,
    payload NOT NULL
  );
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${layoutVersion};
`

export interface JournalPlan {
  readonly file: string
  readonly driver: SqliteDriver
  readonly durability: Durability
  readonly onOpen: (database: SqliteDatabase) => void
}

/** An open journal. Its lock is the process's for as long as it is open, and the system's to end if the process dies. */
export class JournalFile {
  readonly #database: SqliteDatabase
  readonly #replace: SqliteStatement
  readonly #forget: SqliteStatement

  private constructor(database: SqliteDatabase) {
    this.#database = database
    this.#replace = database.prepare(
      'REPLACE INTO writes (key, format, payload) VALUES (?, ?, ?) RETURNING sequence',
    )
    this.#forget = database.prepare('DELETE FROM writes WHERE sequence = ? AND key = ?')
  }

  /** Throws what the driver or the system throws. */
  static open({ file, driver, durability, onOpen }: JournalPlan): JournalFile {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // One that exists is not touched: to close it here would end a lock that SQLite holds on it elsewhere in this process.
    if (!existsSync(file)) closeSync(openSync(file, 'ax', 0o600))
    const database = new driver(file, { timeout: 0, fileMustExist: true })
    try {
      onOpen(database)
      checkOwner(database, file)
      database.pragma('locking_mode = EXCLUSIVE')
      database.pragma('journal_mode = WAL')
      database.pragma(`synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`)
      database.exec(`BEGIN EXCLUSIVE; ${schema} COMMIT`)
      return new JournalFile(database)
    } catch (error) {
      database.close()
      throw error
    }
  }

  read(): JournaledWrite[] {
    const rows = this.#database
      .prepare('SELECT sequence, key, format, payload FROM writes ORDER BY sequence')
      .all()
    return rows as JournaledWrite[]
  }

  /** Sequences of the writes, in their order, kept in one transaction. */
  put(writes: readonly JournalWrite[]): number[] {
    return this.#transact(() =>
      writes.map(({ key, format, payload }) => {
        const row = this.#replace.get(key, format, payload) as { readonly sequence: number }
        return row.sequence
      }),
    )
  }

  forget(marks: readonly JournalMark[]): void {
    this.#transact(() => {
      for (const { key, sequence } of marks) this.#forget.run(sequence, key)
    })
  }

  close(): void {
    this.#database.close()
  }

  #transact<T>(action: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const outcome = action()
      this.#database.exec('COMMIT')
      return outcome
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Refuses files that another program or a later version of this package wrote, rather than take them over. */
function checkOwner(database: SqliteDatabase, file: string): void {
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (tables === 0) return
  if (database.pragma('application_id', { simple: true }) !== applicationId)
    throw new CacheError('BACKEND_REFUSED', `${file} belongs to another program: choose another file`)
  if (Number(database.pragma('user_version', { simple: true })) > layoutVersion)
    throw new CacheError(
      'BACKEND_REFUSED',
      `${file} was written by a later version of @cache/sqlite: update this process, or choose another file`,
    )
}
