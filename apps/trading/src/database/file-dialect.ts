import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Database as SqliteFile } from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryCompiler,
  type QueryResult,
  SqliteDialect,
} from 'kysely'

import { DatabaseGone, isLocked } from './database-fault.ts'

const patienceMs = 2000
const firstWaitMs = 5
const longestWaitMs = 100

/**
 * SQLite as Kysely speaks it, but for two things: while another process holds the file's lock the program goes on with
 * other work, and nothing is written to a file that was moved or removed, where it would be lost without a word.
 */
export class FileDialect extends SqliteDialect {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    super({ database: file })
    this.#file = file
  }

  override createDriver(): Driver {
    return new FileDriver(super.createDriver(), this.#file.name)
  }
}

class FileDriver implements Driver {
  readonly #inner: Driver
  readonly #guard: FileGuard

  constructor(inner: Driver, path: string) {
    this.#inner = inner
    this.#guard = new FileGuard(path)
  }

  init(): Promise<void> {
    return this.#inner.init()
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new FileConnection(await this.#inner.acquireConnection(), this.#guard)
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#inner.beginTransaction(connection, {})
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#inner.commitTransaction(connection)
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#inner.rollbackTransaction(connection)
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']) {
    await this.#inner.savepoint?.(connection, name, compile)
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ) {
    await this.#inner.rollbackToSavepoint?.(connection, name, compile)
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ) {
    await this.#inner.releaseSavepoint?.(connection, name, compile)
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(connection)
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }
}

class FileConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection
  readonly #guard: FileGuard

  constructor(inner: DatabaseConnection, guard: FileGuard) {
    this.#inner = inner
    this.#guard = guard
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (query.query.kind !== 'SelectQueryNode') this.#guard.check()
    let waitedMs = 0
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      try {
        return await this.#inner.executeQuery<Row>(query)
      } catch (error) {
        if (!isLocked(error) || waitedMs >= patienceMs) throw error
      }
      await sleep(waitMs)
      waitedMs += waitMs
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#inner.streamQuery<Row>(query, chunkSize)
  }
}

/** Whether a path still leads to the file that was opened. */
class FileGuard {
  readonly #path: string
  readonly #opened: string

  constructor(path: string) {
    this.#path = path
    this.#opened = identityOf(path)
  }

  /** @throws DatabaseGone */
  check(): void {
    if (identityOf(this.#path) !== this.#opened) throw new DatabaseGone(this.#path)
  }
}

/** Empty when there is no file. */
function identityOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? '' : `${stats.dev}/${stats.ino}`
}
