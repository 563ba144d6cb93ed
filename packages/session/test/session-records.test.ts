import { during, faultyBackend, ManualClock, onlyFor, referenceBackend } from '@cache/conformance'
import { createCaches, dailyAt, type CachesOptions } from '@cache/core'
import { memory } from '@cache/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSessions, type SessionRecords, type SessionsOptions } from '../src/index.ts'
import { databaseRecords } from './database-records.ts'

async function open(options: SessionsOptions = {}, own: Partial<CachesOptions> = {}) {
  const clock = new ManualClock({ wallMs: Date.UTC(2026, 7, 20, 6) })
  const caches = await createCaches({ backend: memory(), environment: { clock }, ...own })
  onTestFinished(() => caches.close())
  const records = databaseRecords()
  return { records, clock, caches, sessions: createSessions(caches, { records, ...options }) }
}

describe('sessions in a database', () => {
  it('are asked of it once, and again when they were changed', async () => {
    const { records, sessions } = await open()
    const id = await sessions.create({ n: 1 })
    const before = records.calls.find
    for (let read = 0; read < 5; read++) expect((await sessions.load(id))?.data).toEqual({ n: 1 })
    expect(records.calls.find).toBe(before + 1)
    await sessions.save(id, { n: 2 }, { loaded: await sessions.load(id) })
    expect((await sessions.load(id))?.data).toEqual({ n: 2 })
  })

  it('end by the wall clock, in the cache and in the database, and then leave it', async () => {
    const { records, clock, sessions } = await open({ absolute: dailyAt('03:00', 'Asia/Kolkata') })
    const id = await sessions.create({ userId: 7 })
    const [record] = await records.list()
    expect(new Date(record?.endsAtMs ?? 0).toISOString()).toBe('2026-08-20T21:30:00.000Z')
    clock.advance((record?.endsAtMs ?? 0) - clock.wallMs() - 1)
    expect(await sessions.load(id)).toBeDefined()
    clock.advance(1)
    expect(await sessions.load(id)).toBeUndefined()
    expect(await sessions.ofUser(7)).toEqual([])
    await sessions.create({})
    expect(await records.list()).toHaveLength(1)
  })

  it('are there while the backend of the caches is away, and when the database is away that is no sign-out', async () => {
    let storeIsAway = false
    let databaseIsAway = false
    const outage = during(() => storeIsAway, { kind: 'fail', code: 'BACKEND_UNREACHABLE' })
    const backend = faultyBackend(referenceBackend(), onlyFor(['read', 'acquire', 'change'], outage))
    const database = databaseRecords()
    const records: SessionRecords = {
      ...database,
      find: async (handle) => {
        if (databaseIsAway) throw new Error('database is locked')
        return database.find(handle)
      },
    }
    const { sessions, clock } = await open({ records }, { backend })
    const id = await sessions.create({ a: 1 })
    storeIsAway = true
    expect((await sessions.load(id))?.data).toEqual({ a: 1 })
    storeIsAway = false
    await clock.advanceAsync(60_000)
    databaseIsAway = true
    const other = 'x'.repeat(43)
    await expect(sessions.load(other)).rejects.toThrow()
    databaseIsAway = false
    expect((await sessions.load(id))?.data).toEqual({ a: 1 })
  })

  it('do not come back in the cache when a read was under way as they were ended', async () => {
    const database = databaseRecords()
    const read = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    let isSlow = false
    const records: SessionRecords = {
      ...database,
      find: async (handle) => {
        const found = await database.find(handle)
        if (isSlow) {
          read.resolve()
          await goOn.promise
        }
        return found
      },
    }
    const { sessions } = await open({ records })
    const id = await sessions.create({})
    isSlow = true
    const late = sessions.load(id)
    await read.promise
    isSlow = false
    await sessions.destroy(id)
    goOn.resolve()
    await late
    expect(await sessions.load(id)).toBeUndefined()
  })

  it('do not come back in the cache when they are read while the database ends them', async () => {
    const database = databaseRecords()
    const meanwhile: { read?: () => Promise<unknown> } = {}
    const records: SessionRecords = {
      ...database,
      remove: async (handles) => {
        await meanwhile.read?.()
        return database.remove(handles)
      },
    }
    const { sessions } = await open({ records })
    const id = await sessions.create({})
    meanwhile.read = async () => expect(await sessions.load(id)).toBeDefined()
    expect(await sessions.destroy(id)).toBe(true)
    expect(await sessions.load(id)).toBeUndefined()
  })

  it('are not said to have ended while the cache cannot be told, and that can be repeated', async () => {
    let isAway = false
    const outage = during(() => isAway, { kind: 'fail', code: 'BACKEND_UNREACHABLE' })
    const backend = faultyBackend(referenceBackend(), onlyFor(['change'], outage))
    const { sessions, clock } = await open({}, { backend })
    const id = await sessions.create({ userId: 7 })
    expect(await sessions.load(id)).toBeDefined()
    isAway = true
    await expect(sessions.destroy(id)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    isAway = false
    await clock.advanceAsync(2000)
    await sessions.destroy(id)
    expect(await sessions.load(id)).toBeUndefined()
  })

  it('rest under the hash of their ids only', async () => {
    const { records, sessions } = await open({ secrets: 's'.repeat(32) })
    const id = await sessions.create({ userId: 7 })
    await sessions.load(id)
    const text = JSON.stringify(await records.list())
    for (const part of id.split('.')) expect(text).not.toContain(part)
  })

  it('give up on a session that others change all the time', async () => {
    const database = databaseRecords()
    const { sessions } = await open({ records: { ...database, put: async () => false } })
    await expect(sessions.create({})).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('are known to the rules by the caller that they were given', async () => {
    const access = [{ cache: 'sessions', caller: 'sign-in', allow: ['load', 'delete'] }] as const
    const { sessions, caches } = await open({ as: 'sign-in' }, { security: { access } })
    const id = await sessions.create({ a: 1 })
    expect((await sessions.load(id))?.data).toEqual({ a: 1 })
    const stranger = caches.open('sessions', { as: 'prices' })
    await expect(stranger.get('any')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })
})

it('`absolute` may be a moment that is computed, also without a database', async () => {
  const { sessions, clock } = await open({ records: undefined, absolute: dailyAt('03:00', 'Asia/Kolkata') })
  const id = await sessions.create({ userId: 7 })
  await clock.advanceAsync(15.5 * 3_600_000 - 1)
  expect(await sessions.load(id)).toBeDefined()
  expect(await sessions.touch(id)).toBe(true)
  expect(await sessions.ofUser(7)).toHaveLength(1)
  await clock.advanceAsync(2)
  expect(await sessions.load(id)).toBeUndefined()
  const next = await sessions.create({ userId: 7 })
  await clock.advanceAsync(23 * 3_600_000)
  expect(await sessions.load(next)).toBeDefined()
})

it('tells ids that were signed here from others', async () => {
  const { sessions } = await open({ secrets: 's'.repeat(32) })
  const id = await sessions.create({})
  await sessions.destroy(id)
  expect(sessions.isSigned(id)).toBe(true)
  expect(sessions.isSigned(`x${id}`)).toBe(false)
  expect(sessions.handleOf(`x${id}`)).toBeUndefined()
  const again = await sessions.create({ userId: 7 })
  expect((await sessions.ofUser(7)).map(({ handle }) => handle)).toEqual([sessions.handleOf(again)])
})

it.each([
  [{ records: undefined, within: 0 }, /within is for sessions with records/],
  [{ records: undefined, as: 'x' }, /as is for sessions with records/],
])('options that make no sense are refused: %j', async (options, message) => {
  await expect(open(options)).rejects.toThrow(message)
})
