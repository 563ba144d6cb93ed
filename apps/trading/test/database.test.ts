import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sql } from 'kysely'
import { NO_MIGRATIONS } from 'kysely/migration'
import { expect, it, onTestFinished } from 'vitest'

import { type AppDatabase, migrator, openDatabase } from '../src/database/database.ts'

async function tables(database: AppDatabase): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table' and name not like '%migration%' and name not like 'sqlite%'
    order by name`.execute(database)
  return rows.map(({ name }) => name)
}

it('goes to the newest schema, back to nothing, and there again', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cache-trading-'))
  const database = await openDatabase(join(directory, 'app.db'))
  onTestFinished(async () => {
    await database.destroy()
    await rm(directory, { recursive: true })
  })
  const all = ['api_keys', 'broker_connections', 'master_imports', 'sessions', 'user_settings', 'users']
  expect(await tables(database)).toEqual(all)
  expect((await migrator(database).migrateTo(NO_MIGRATIONS)).error).toBeUndefined()
  expect(await tables(database)).toEqual([])
  expect((await migrator(database).migrateToLatest()).error).toBeUndefined()
  expect(await tables(database)).toEqual(all)
})
