import { join } from 'node:path'

import { NO_MIGRATIONS } from 'kysely/migration'
import { beforeAll, describe, expect, it } from 'vitest'

import { MarketCalendar } from '../src/calendar/market-calendar.ts'
import { type AppDatabase, type DatabasePlace, migrator, openDatabase } from '../src/database/database.ts'
import { seed } from '../src/database/seed.ts'
import { FreezeQuantities } from '../src/freeze/freeze-quantities.ts'
import { openMemoryCaches } from './support/memory-caches.ts'
import { freshPostgres, stopPostgresAtTheEnd } from './support/postgres.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

const all = [
  'api_keys',
  'app_settings',
  'bans',
  'broker_connections',
  'candles',
  'market_holiday_exchanges',
  'market_holidays',
  'market_timings',
  'master_imports',
  'qty_freeze',
  'sessions',
  'strategies',
  'strategy_runs',
  'strategy_symbols',
  'telegram_users',
  'user_settings',
  'users',
  'watchlist',
  'webhook_calls',
  'workflows',
]

const places: [string, () => Promise<DatabasePlace>][] = [
  ['SQLite', async () => ({ file: join(await temporaryDirectory(), 'app.db') })],
  ['PostgreSQL', async () => ({ postgres: await freshPostgres() })],
]

beforeAll(stopPostgresAtTheEnd)

async function tables(database: AppDatabase): Promise<string[]> {
  const found = await database.introspection.getTables()
  return found.map(({ name }) => name).sort()
}

describe.each(places)('the schema on %s', (_name, place) => {
  it('goes to the newest, back to nothing, and there again', async () => {
    const database = await openDatabase(await place())
    whenOver(() => database.destroy())
    expect(await tables(database)).toEqual(all)
    expect((await migrator(database).migrateTo(NO_MIGRATIONS)).error).toBeUndefined()
    expect(await tables(database)).toEqual([])
    expect((await migrator(database).migrateToLatest()).error).toBeUndefined()
    expect(await tables(database)).toEqual(all)
  })

  it('goes back and forth one step at a time with rows in it', async () => {
    const database = await openDatabase(await place())
    whenOver(() => database.destroy())
    const user = { name: 'Asha', password_hash: 'x', is_admin: 1, created_at_ms: Date.UTC(2026, 0, 1) }
    await database.insertInto('users').values(user).execute()
    expect((await migrator(database).migrateDown()).error).toBeUndefined()
    expect((await migrator(database).migrateToLatest()).error).toBeUndefined()
    expect(await database.selectFrom('users').selectAll().execute()).toEqual([{ id: 1, ...user }])
  })

  it('begins with what is known of markets, and does not bring back what was removed', async () => {
    const database = await openDatabase(await place())
    const caches = await openMemoryCaches()
    whenOver(() => Promise.all([database.destroy(), caches.close()]))
    const calendar = new MarketCalendar({
      database,
      holidays: caches.define('holidays'),
      timings: caches.define('timings'),
    })
    const freezes = new FreezeQuantities(database, caches.define('freezes'))
    await seed({ database, calendar, freezes })
    expect((await calendar.holidays(2026)).length).toBeGreaterThan(10)
    expect(await calendar.removeHoliday('2026-01-26')).toBe(true)
    await seed({ database, calendar, freezes })
    expect((await calendar.holidays(2026)).some(({ date }) => date === '2026-01-26')).toBe(false)
  })
})

it('is made once on PostgreSQL when several instances start at the same time', async () => {
  const where = { postgres: await freshPostgres() }
  const databases = await Promise.all([openDatabase(where), openDatabase(where), openDatabase(where)])
  whenOver(() => Promise.all(databases.map((database) => database.destroy())))
  expect(await tables(databases[0])).toEqual(all)
})
