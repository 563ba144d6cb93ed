import { Kysely, SqliteDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'

import * as first from './migrations/0001-first.ts'
import type { Schema } from './schema.ts'
import { openSqliteFile } from './sqlite-file.ts'

export type AppDatabase = Kysely<Schema>

const migrations: Readonly<Record<string, Migration>> = { '0001-first': first }

/** Opens the app's database and brings it to the newest schema. */
export async function openDatabase(path: string): Promise<AppDatabase> {
  const database = new Kysely<Schema>({ dialect: new SqliteDialect({ database: openSqliteFile(path) }) })
  try {
    const { error } = await migrator(database).migrateToLatest()
    if (error !== undefined) throw error
    return database
  } catch (cause) {
    await database.destroy()
    throw new Error(`The database ${path} can't be brought to this version's schema`, { cause })
  }
}

export function migrator(database: AppDatabase): Migrator {
  return new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } })
}
