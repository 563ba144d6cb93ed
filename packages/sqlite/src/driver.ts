import { createRequire } from 'node:module'

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

/** Loads better-sqlite3; only called where no other driver is given. */
export function defaultDriver(): SqliteDriver {
  const require = createRequire(import.meta.url)
  return require('better-sqlite3') as SqliteDriver
}
