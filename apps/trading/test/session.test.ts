import { join } from 'node:path'

import { ManualClock } from '@cache/conformance'
import { createCaches } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { beforeAll, expect, it } from 'vitest'

import { type AppDatabase, type DatabasePlace, openDatabase } from '../src/database/database.ts'
import { installationKey } from '../src/secrets/installation-key.ts'
import { factsOf, openSessions } from '../src/session/app-sessions.ts'
import { SessionTable } from '../src/session/session-table.ts'
import { UserStore } from '../src/users/user-store.ts'
import { freshPostgres, stopPostgresAtTheEnd } from './support/postgres.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

beforeAll(stopPostgresAtTheEnd)

async function sqliteFile(): Promise<DatabasePlace> {
  return { file: join(await temporaryDirectory(), 'app.db') }
}

async function openStores(place: () => Promise<DatabasePlace> = sqliteFile) {
  const clock = new ManualClock({ wallMs: Date.UTC(2026, 7, 20, 6) })
  const database: AppDatabase = await openDatabase(await place())
  const directory = await temporaryDirectory()
  const protection = encryption({ keyFile: join(directory, '.cache_key') })
  const caches = await createCaches({ backend: memory(), environment: { clock }, protection })
  whenOver(() => Promise.all([database.destroy(), caches.close()]))
  const users = new UserStore({
    database,
    users: caches.define('users'),
    usernames: caches.define('usernames'),
    clock,
  })
  const user = await users.createFirst({ name: 'Asha', password: 'correct horse 7' })
  const table = new SessionTable(database)
  const key = installationKey(join(directory, '.app_key'))
  const sessions = openSessions(caches, { records: table, key }, { SESSION_EXPIRY_TIME: '03:00' })
  const start = (): Promise<string> => sessions.create({ userId: user?.id, clientAddress: '127.0.0.1' })
  return { clock, users, user: user!, table, sessions, start }
}

it('ends a session at 03:00 in Kolkata, cached or not', async () => {
  const { clock, sessions, start, table } = await openStores()
  const id = await start()
  const [{ endsAtMs } = { endsAtMs: 0 }] = await table.list()
  expect(new Date(endsAtMs).toISOString()).toBe('2026-08-20T21:30:00.000Z')
  clock.advance(endsAtMs - clock.wallMs() - 1)
  expect(await sessions.load(id)).toBeDefined()
  clock.advance(1)
  expect(await sessions.load(id)).toBeUndefined()
})

it('keeps the five newest sessions of a user', async () => {
  const { clock, sessions, start } = await openStores()
  const ids: string[] = []
  for (let count = 0; count < 7; count++) {
    clock.advance(1000)
    const id = await start()
    await sessions.load(id)
    ids.push(id)
  }
  const found = await Promise.all(ids.map((id) => sessions.load(id)))
  expect(found.map((session) => session !== undefined)).toEqual([false, false, true, true, true, true, true])
})

it.each([
  ['SQLite', sqliteFile],
  ['PostgreSQL', async () => ({ postgres: await freshPostgres() })],
])('keeps sessions on %s under the hash of their ids, each change on condition', async (_name, place) => {
  const { sessions, start, table, user, clock } = await openStores(place)
  const [id, other] = [await start(), await start()]
  const loaded = await sessions.load(id)
  expect(loaded && factsOf(loaded)).toEqual({ userId: user.id, clientAddress: '127.0.0.1' })
  const rows = await table.list(String(user.id))
  expect(JSON.stringify(rows)).not.toContain(id.split('.')[0])
  expect(await table.usersSignedIn(clock.wallMs())).toEqual([user.id])
  const row = await table.find(sessions.handleOf(id) ?? '')
  if (row === undefined) throw new Error('it is not there')
  expect(await table.put(row, undefined)).toBe(false)
  expect(await table.put(row, 'another revision')).toBe(false)
  expect(await table.put({ ...row, revision: 'next' }, row.revision)).toBe(true)
  expect(await table.find(row.handle)).toEqual({ ...row, revision: 'next' })
  const handles = rows.map(({ handle }) => handle)
  expect(new Set(handles)).toEqual(new Set([id, other].map((each) => sessions.handleOf(each))))
  await table.removeEnded(row.endsAtMs - 1)
  expect(await table.remove([...handles, 'unknown'])).toBe(2)
  expect(await table.list()).toEqual([])
  const moved = await sessions.rotate(await start())
  expect(await sessions.load(moved ?? '')).toBeDefined()
})

it('makes one first user, however many ask at once', async () => {
  const { users } = await openStores()
  const others = await Promise.all(
    ['b', 'c', 'd'].map((name) => users.createFirst({ name, password: 'correct horse 7' })),
  )
  expect(others).toEqual([undefined, undefined, undefined])
  expect(await users.authenticate({ name: 'ASHA', password: 'correct horse 7' })).toMatchObject({
    name: 'Asha',
  })
  expect(await users.authenticate({ name: 'Asha', password: 'correct horse 8' })).toBeUndefined()
  expect(await users.authenticate({ name: 'nobody', password: 'correct horse 7' })).toBeUndefined()
})
