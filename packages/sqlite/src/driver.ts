import { createRequire } from 'node:module'
import { CacheError } from '@cache/ports'

/** The part of a prepared statement that this package uses. */
export interface SqliteStatement {
  run(...parameters: unknown[]): { readonly changes: number }
  get(...parameters: unknown[]): unknown
  all(...parameters: unknown[]): unknown[]
  pluck(toggle?: boolean): SqliteStatement
}

/** The part of a better-sqlite3 database that this package uses. */
export interface SqliteDatabase {
  readonly inTransaction: boolean
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  pragma(source: string, options?: { readonly simple?: boolean }): unknown
  close(): unknown
}

/** What connections are opened with. */
export interface SqliteDriverOptions {
  /** Milliseconds that SQLite may wait for a lock. */
  readonly timeout: number
  readonly fileMustExist?: boolean
}

/** The constructor of better-sqlite3, or of a driver with the same interface. */
export type SqliteDriver = new (path: string, options: SqliteDriverOptions) => SqliteDatabase

/** Older ones end without a word when better-sqlite3 opens a file. */
const oldestNode = 22

/**
 * Loads better-sqlite3; only called where no other driver is given.
 *
 * @throws CacheError `INVALID_OPTION` where it cannot run
 */
export function defaultDriver(): SqliteDriver {
  const { node } = process.versions
  if (Number.parseInt(node, 10) < oldestNode)
    throw new CacheError(
      'INVALID_OPTION',
      `better-sqlite3 needs Node.js ${oldestNode} or newer, and this is ${node}: use a newer one, or give another \`driver\``,
    )
  const require = createRequire(import.meta.url)
  return require('better-sqlite3') as SqliteDriver
}
