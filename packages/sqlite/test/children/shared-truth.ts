import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'

interface Statement {
  get(...parameters: unknown[]): unknown
  run(...parameters: unknown[]): unknown
}
type Driver = new (
  path: string,
  options: { timeout: number },
) => {
  exec(sql: string): unknown
  prepare(sql: string): Statement & { pluck(): Statement }
}

const Database = createRequire(import.meta.url)('better-sqlite3') as Driver

/** Versions that only grow, seen by all processes at once, and when which of them was acknowledged to some writer. */
export class SharedTruth {
  readonly #version: Statement
  readonly #bump: Statement
  readonly #acknowledge: Statement
  readonly #floor: Statement

  constructor(path: string, keys: number) {
    closeSync(openSync(path, 'a'))
    const database = new Database(path, { timeout: 30_000 })
    database.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
      CREATE TABLE IF NOT EXISTS truth (key INTEGER PRIMARY KEY, version INTEGER);
      CREATE TABLE IF NOT EXISTS done (key INTEGER, version INTEGER, at REAL);
      CREATE INDEX IF NOT EXISTS done_at ON done (key, at, version);`)
    for (let key = 0; key < keys; key++)
      database.prepare('INSERT OR IGNORE INTO truth VALUES (?, 1)').run(key)
    this.#version = database.prepare('SELECT version FROM truth WHERE key = ?').pluck()
    this.#bump = database
      .prepare('UPDATE truth SET version = version + 1 WHERE key = ? RETURNING version')
      .pluck()
    this.#acknowledge = database.prepare('INSERT INTO done VALUES (?, ?, ?)')
    this.#floor = database.prepare('SELECT max(version) FROM done WHERE key = ? AND at <= ?').pluck()
  }

  version(key: number): number {
    return this.#version.get(key) as number
  }

  bump(key: number): number {
    return this.#bump.get(key) as number
  }

  acknowledge(key: number, version: number): void {
    this.#acknowledge.run(key, version, uptimeMs())
  }

  /** The newest version that had been acknowledged this long ago. */
  acknowledgedBefore(key: number, ms: number): number {
    return (this.#floor.get(key, uptimeMs() - ms) as number | null) ?? 0
  }
}

/** The machine's monotonic time, the same in every process. */
function uptimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
