import { join } from 'node:path'

import { ManualClock } from '@cache/conformance'
import { type Cache, createCaches, dailyAt } from '@cache/core'
import { memory } from '@cache/memory'
import { expect, it } from 'vitest'

import { openDatabase } from '../src/database/database.ts'
import { type SessionRecord, SessionStore } from '../src/session/session-store.ts'
import { UserStore } from '../src/users/user-store.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

async function openStores() {
  const clock = new ManualClock({ wallMs: Date.UTC(2026, 7, 20, 6) })
  const database = await openDatabase({ file: join(await temporaryDirectory(), 'app.db') })
  const caches = await createCaches({ backend: memory(), environment: { clock } })
  whenOver(() => Promise.all([database.destroy(), caches.close()]))
  const cache: Cache<SessionRecord> = caches.define('sessions')
  const lifetimeMs = dailyAt('03:00', 'Asia/Kolkata')
  const hash = (text: string): string => `hash of ${text}`
  const users = new UserStore({
    database,
    users: caches.define('users'),
    usernames: caches.define('usernames'),
    clock,
  })
  const user = await users.createFirst({ name: 'Asha', password: 'correct horse 7' })
  return {
    clock,
    users,
    user: user!,
    cache,
    sessions: new SessionStore({ database, cache, hash, clock, lifetimeMs }),
  }
}

it('ends a session at 03:00 in Kolkata, cached or not', async () => {
  const { clock, sessions, user } = await openStores()
  const { id, expiresAtMs } = await sessions.start(user.id, '127.0.0.1')
  expect(new Date(expiresAtMs).toISOString()).toBe('2026-08-20T21:30:00.000Z')
  expect(await sessions.find(id)).toMatchObject({ userId: user.id })
  clock.advance(expiresAtMs - clock.wallMs() - 1)
  expect(await sessions.find(id)).toBeDefined()
  clock.advance(1)
  expect(await sessions.find(id)).toBeUndefined()
})

it('keeps the five newest sessions of a user', async () => {
  const { clock, sessions, user } = await openStores()
  const ids: string[] = []
  for (let count = 0; count < 7; count++) {
    clock.advance(1000)
    const { id } = await sessions.start(user.id, '127.0.0.1')
    await sessions.find(id)
    ids.push(id)
  }
  const found = await Promise.all(ids.map((id) => sessions.find(id)))
  expect(found.map((session) => session !== undefined)).toEqual([false, false, true, true, true, true, true])
})

it('keeps a session under the hash of its id only', async () => {
  const { sessions, user, cache } = await openStores()
  const { id } = await sessions.start(user.id, '127.0.0.1')
  await sessions.find(id)
  expect(await Array.fromAsync(cache.keys())).toEqual([`hash of ${id}`])
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
