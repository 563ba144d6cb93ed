import { type Dialect, Kysely, PostgresDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'

import { FileDialect } from './file-dialect.ts'
import * as first from './migrations/0001-first.ts'
import * as tradingDay from './migrations/0002-trading-day.ts'
import * as watchlist from './migrations/0003-watchlist.ts'
import * as candles from './migrations/0004-candles.ts'
import * as sessionRecords from './migrations/0005-session-records.ts'
import type { Schema } from './schema.ts'
import { openSqliteFile } from './sqlite-file.ts'

export type AppDatabase = Kysely<Schema>

const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-trading-day': tradingDay,
  '0003-watchlist': watchlist,
  '0004-candles': candles,
  '0005-session-records': sessionRecords,
}

const connections = 10
const connectTimeoutMs = 5000
const statementTimeoutMs = 10_000

/** Where the app's database is: a file of this machine, or a PostgreSQL server. */
export type DatabasePlace = { readonly file: string } | { readonly postgres: URL }

/** Opens the app's database and brings it to the newest schema. */
export async function openDatabase(place: DatabasePlace): Promise<AppDatabase> {
  const database = new Kysely<Schema>({ dialect: dialectOf(place) })
  try {
    const { error } = await migrator(database).migrateToLatest()
    if (error !== undefined) throw error
    return database
  } catch (cause) {
    await database.destroy()
    throw new Error(`The database ${nameOf(place)} can't be brought to this version's schema`, { cause })
  }
}

/** Several instances may start at once: on PostgreSQL one migrates and the others wait for it. */
export function migrator(database: AppDatabase): Migrator {
  return new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } })
}

function dialectOf(place: DatabasePlace): Dialect {
  if ('file' in place) return new FileDialect(openSqliteFile(place.file, { busyTimeoutMs: 1 }))
  const pool = new pg.Pool({
    connectionString: place.postgres.href,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    types,
  })
  // A server that goes away breaks its connections: those in use tell their query, of the idle ones the next query
  // hears. Each tells its listeners too, and without one would end the process; the pool listens to the idle ones alone.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return new PostgresDialect({ pool })
}

/** Times and counts fit a double; the driver would give them as text. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/** Without user and password. */
function nameOf(place: DatabasePlace): string {
  return 'file' in place ? place.file : `${place.postgres.host}${place.postgres.pathname}`
}
