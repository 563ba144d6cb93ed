import { chmod, rename } from 'node:fs/promises'
import { join } from 'node:path'

import SqliteDatabase from 'better-sqlite3'
import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'

import { databaseFault } from '../src/database/database-fault.ts'
import { openSqliteFile } from '../src/database/sqlite-file.ts'
import type { Answer, Client } from './support/client.ts'
import { freshPostgres, interruptPostgres, stopPostgresAtTheEnd } from './support/postgres.ts'
import { readyApp } from './support/ready-app.ts'
import { type RunningServer, temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

const index = { symbol: 'NIFTY', exchange: 'NSE_INDEX' }

interface Ready {
  readonly server: RunningServer
  readonly client: Client
  readonly apikey: string
}

async function ready(env: Readonly<Record<string, string>> = {}): Promise<Ready> {
  const { server, client } = await readyApp(env)
  const apikey = await client.makeApiKey()
  const all = { server, client, apikey }
  expect((await quote(all)).status).toBe(200)
  return all
}

/** Needs nothing of the database once the key is known. */
function quote({ client, apikey }: Ready): Promise<Answer> {
  return client.post('/api/v1/quotes', { apikey, ...index })
}

/** Writes. */
function change({ client }: Ready, theme: 'dark' | 'light'): Promise<Answer> {
  return client.post('/web/settings', { theme })
}

function isRefused({ status, body, headers }: Answer, code: string): void {
  expect([status, body.status, body.code]).toEqual([503, 'error', code])
  expect(body.message).toMatch(/^The database /)
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
}

/** What the log says of it, and what it must not say. */
function isLogged({ server, apikey, client }: Ready, code: string): void {
  expect(server.log()).toContain(`"fault":"${code}"`)
  for (const secret of [apikey, client.csrf, decodeURIComponent(client.cookie).split('=', 2)[1] ?? '?'])
    expect(server.log()).not.toContain(secret)
  expect(server.log()).not.toContain('"level":50')
}

describe('the database in SQLite', () => {
  let app: Ready

  beforeAll(async () => {
    app = await ready()
  })

  it('is waited for while another process holds it for a moment, and others are answered meanwhile', async () => {
    const other = new SqliteDatabase(join(app.server.directory, 'app.db'))
    whenOver(() => other.close())
    other.exec('begin immediate')
    const waits = change(app, 'dark')
    expect((await quote(app)).status).toBe(200)
    other.exec('rollback')
    expect(await waits).toMatchObject({ status: 200, body: { theme: 'dark' } })
  })

  it('is said to be in use when that lasts, and goes on when it ends', async () => {
    const other = new SqliteDatabase(join(app.server.directory, 'app.db'))
    whenOver(() => other.close())
    other.exec('begin immediate')
    const [refused, quoted] = await Promise.all([change(app, 'light'), quote(app)])
    isRefused(refused, 'DATABASE_LOCKED')
    expect(quoted.status).toBe(200)
    other.exec('rollback')
    isLogged(app, 'DATABASE_LOCKED')
    expect((await change(app, 'light')).status).toBe(200)
  })

  it('takes nothing while its directory is gone, which would be lost, and goes on when it is back', async () => {
    const { directory } = app.server
    const away = `${directory}-away`
    await rename(directory, away)
    isRefused(await change(app, 'dark'), 'DATABASE_UNAVAILABLE')
    expect((await quote(app)).status).toBe(200)
    await expect
      .poll(async () => (await app.client.get('/health')).body.reason, { timeout: 20_000 })
      .toBe('database')
    expect((await app.client.get('/health/check')).status).toBe(503)
    isLogged(app, 'DATABASE_UNAVAILABLE')
    await rename(away, directory)
    expect(await change(app, 'dark')).toMatchObject({ status: 200, body: { theme: 'dark' } })
    await expect.poll(async () => (await app.client.get('/health')).status, { timeout: 20_000 }).toBe(200)
  })

  it('is made writable again at a start, where its owner may do that', async () => {
    const path = join(await temporaryDirectory(), 'app.db')
    openSqliteFile(path).close()
    await chmod(path, 0o400)
    const again = openSqliteFile(path)
    whenOver(() => again.close())
    expect(again.exec('create table t (a)')).toBe(again)
  })

  it('is known to take no changes by what it says', async () => {
    const path = join(await temporaryDirectory(), 'app.db')
    openSqliteFile(path).close()
    const file = new SqliteDatabase(path, { readonly: true })
    whenOver(() => file.close())
    const write = (): unknown => {
      try {
        return file.exec('create table t (a)')
      } catch (error) {
        return databaseFault(new Error('a load failed', { cause: error }))
      }
    }
    expect(write()).toBe('DATABASE_READ_ONLY')
    expect(databaseFault(new Error('anything else'))).toBeUndefined()
  })
})

describe('the database in PostgreSQL', () => {
  beforeAll(stopPostgresAtTheEnd)

  it('is done without while the server is away, and used again when it is back', async () => {
    const url = await freshPostgres()
    const app = await ready({ DATABASE_URL: url.href })
    const bringBack = await interruptPostgres()
    isRefused(await change(app, 'dark'), 'DATABASE_UNAVAILABLE')
    expect((await quote(app)).status).toBe(200)
    await expect
      .poll(async () => (await app.client.get('/health')).body.reason, { timeout: 20_000 })
      .toBe('database')
    isLogged(app, 'DATABASE_UNAVAILABLE')
    await bringBack()
    expect(await change(app, 'light')).toMatchObject({ status: 200, body: { theme: 'light' } })
    await expect.poll(async () => (await app.client.get('/health')).status, { timeout: 20_000 }).toBe(200)
  })

  it('may go while a statement is under way: that one is refused, and the app stays', async () => {
    const url = await freshPostgres()
    const app = await ready({ DATABASE_URL: url.href })
    const other = new pg.Client(url.href)
    other.on('error', () => undefined)
    await other.connect()
    await other.query('begin; lock table user_settings in access exclusive mode')
    const waits = change(app, 'dark')
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
    await expect.poll(async () => (await other.query(waiting)).rowCount).toBe(1)
    const bringBack = await interruptPostgres()
    isRefused(await waits, 'DATABASE_UNAVAILABLE')
    expect((await quote(app)).status).toBe(200)
    await bringBack()
    expect(await change(app, 'light')).toMatchObject({ status: 200, body: { theme: 'light' } })
    isLogged(app, 'DATABASE_UNAVAILABLE')
  })
})
