import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

import SqliteDatabase from 'better-sqlite3'

export interface SqliteFileOptions {
  /** How long a statement stops this thread while another process holds the lock. Default: 5 s. */
  readonly busyTimeoutMs?: number | undefined
}

/** Opens a database file that only its owner can read, in a directory that only its owner can enter. */
export function openSqliteFile(
  path: string,
  { busyTimeoutMs = 5000 }: SqliteFileOptions = {},
): SqliteDatabase.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    const database = opened(path)
    database.pragma(`busy_timeout = ${busyTimeoutMs}`)
    return database
  } catch (cause) {
    throw new Error(`The database ${path} can't be opened; restore it from a backup, or move it away`, {
      cause,
    })
  }
}

function opened(path: string): SqliteDatabase.Database {
  const database = new SqliteDatabase(path)
  chmodSync(path, 0o600)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  return database
}
