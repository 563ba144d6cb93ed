import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

import SqliteDatabase from 'better-sqlite3'

/** Opens a database file that only its owner can read, in a directory that only its owner can enter. */
export function openSqliteFile(path: string): SqliteDatabase.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new SqliteDatabase(path)
  chmodSync(path, 0o600)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  return database
}
