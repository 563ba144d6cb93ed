import { createCaches, type CacheBackend, type Caches } from '@cache/core'
import { places, processPlaces, type Place } from '@cache/tooling-backends'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSessions, type SessionRecords, type Sessions, type SessionsOptions } from '../src/index.ts'
import { databaseRecords } from './database-records.ts'

const timeout = 60_000
let names = 0

async function cachesOver(backend: CacheBackend): Promise<Caches> {
  const caches = await createCaches({ backend, resilience: { commandTimeout: '20s' } })
  onTestFinished(() => caches.close())
  return caches
}

const kinds = [
  ...places.map(([name, make]) => ({ name, make, keeps: (): SessionRecords | undefined => undefined })),
  ...places.map(([name, make]) => ({ name: `a database and ${name}`, make, keeps: databaseRecords })),
]

describe.each(kinds)('sessions over $name', ({ make, keeps }) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)

  async function sessionsOver(over: Place, options: SessionsOptions = {}): Promise<Sessions> {
    const name = `sessions${++names}`
    return createSessions(await cachesOver(over.open()), { name, records: keeps(), ...options })
  }

  afterAll(() => place.remove())

  it('are created, loaded, saved, touched and ended', { timeout }, async () => {
    const sessions = await sessionsOver(place)
    const id = await sessions.create({ theme: 'dark' })
    const loaded = await sessions.load(id)
    expect(loaded?.data).toEqual({ theme: 'dark' })
    expect(await sessions.save(id, { theme: 'light' }, { loaded })).toMatchObject({
      data: { theme: 'light' },
    })
    expect(await sessions.touch(id)).toBe(true)
    expect(await sessions.length()).toBe(1)
    expect(await sessions.all()).toEqual([{ theme: 'light' }])
    expect(await sessions.destroy(id)).toBe(true)
    expect(await sessions.destroy(id)).toBe(false)
    expect(await sessions.load(id)).toBeUndefined()
    expect(await sessions.touch(id)).toBe(false)
    for (const odd of ['', 'unknown', 'x'.repeat(5000), '\ud800'])
      expect(await sessions.load(odd)).toBeUndefined()
  })

  it('lose nothing of what concurrent requests save', { timeout }, async () => {
    const sessions = await sessionsOver(place)
    const id = await sessions.create({ kept: true, removed: true, cart: {} })
    const requests = Array.from({ length: 12 }, async (_, number) => {
      const loaded = await sessions.load(id)
      if (!loaded) throw new Error('the session is gone')
      loaded.data[`field${number}`] = number
      ;(loaded.data['cart'] as Record<string, number>)[`item${number}`] = number
      if (number === 0) delete loaded.data['removed']
      await sessions.save(id, loaded.data, { loaded })
    })
    await Promise.all(requests)
    const { data = {} } = (await sessions.load(id)) ?? {}
    expect(Object.keys(data['cart'] as object)).toHaveLength(12)
    expect(Object.keys(data).filter((name) => name.startsWith('field'))).toHaveLength(12)
    expect(data).toMatchObject({ kept: true })
    expect(data).not.toHaveProperty('removed')
  })

  it('are not brought back by a request that was under way', { timeout }, async () => {
    const sessions = await sessionsOver(place)
    const id = await sessions.create({ userId: 7 })
    const loaded = await sessions.load(id)
    await sessions.revokeUser(7)
    expect(await sessions.save(id, { userId: 7, late: true }, { loaded })).toBeUndefined()
    expect(await sessions.load(id)).toBeUndefined()
  })

  it('are listed by user, and ended together', { timeout }, async () => {
    const sessions = await sessionsOver(place)
    const ids = [
      await sessions.create({ userId: 7 }),
      await sessions.create({ userId: 7 }),
      await sessions.create({}),
    ]
    const other = await sessions.create({ userId: 8 })
    const loaded = await sessions.load(ids[2] ?? '')
    await sessions.save(ids[2] ?? '', { userId: 7 }, { loaded })
    expect(await sessions.ofUser(7)).toHaveLength(3)
    expect(await sessions.revokeUser(7, { except: ids[0] })).toBe(2)
    expect(await sessions.ofUser('7')).toHaveLength(1)
    expect(await sessions.revokeUser(7)).toBe(1)
    expect(await sessions.ofUser(7)).toEqual([])
    for (const id of ids) expect(await sessions.load(id)).toBeUndefined()
    expect(await sessions.load(other)).toBeDefined()
    const [listed] = await sessions.ofUser(8)
    expect(await sessions.revoke(listed?.handle ?? '')).toBe(true)
    expect(await sessions.load(other)).toBeUndefined()
  })

  it('are at most so many for a user: the oldest go', { timeout }, async () => {
    const sessions = await sessionsOver(place, { maxPerUser: 2 })
    const ids: string[] = []
    for (let number = 0; number < 4; number++) {
      ids.push(await sessions.create({ userId: 'ada', number }))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const left = await sessions.ofUser('ada')
    expect(left.map(({ data }) => data['number'])).toEqual([2, 3])
    expect(await sessions.load(ids[0] ?? '')).toBeUndefined()
    const many = await Promise.all(Array.from({ length: 6 }, () => sessions.create({ userId: 'bob' })))
    const alive = await Promise.all(many.map((id) => sessions.load(id)))
    expect(alive.filter((loaded) => loaded !== undefined)).toHaveLength(2)
  })

  it('get another id, and lose nothing that is saved under the former one', { timeout }, async () => {
    const sessions = await sessionsOver(place)
    const id = await sessions.create({ userId: 7, a: 1 })
    const loaded = await sessions.load(id)
    const rotated = (await sessions.rotate(id)) ?? ''
    expect(rotated).not.toBe(id)
    expect(await sessions.load(id)).toBeUndefined()
    expect(await sessions.rotate(id)).toBeUndefined()
    expect(await sessions.save(id, { userId: 7, a: 1, late: true }, { loaded })).toBeDefined()
    expect((await sessions.load(rotated))?.data).toEqual({ userId: 7, a: 1, late: true })
    expect(await sessions.ofUser(7)).toHaveLength(1)
    expect(await sessions.length()).toBe(1)
  })

  it('end when they rest for too long, and are not cleared with the caches', { timeout }, async () => {
    const caches = await cachesOver(place.open())
    const sessions = createSessions(caches, {
      name: `sessions${++names}`,
      idle: '1h',
      records: keeps(),
    })
    const short = await sessions.create({}, { idleMs: 150 })
    const long = await sessions.create({})
    await caches.clear()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await sessions.load(short)).toBeUndefined()
    expect(await sessions.load(long)).toBeDefined()
    await sessions.clear()
    expect(await sessions.load(long)).toBeUndefined()
    expect(await sessions.length()).toBe(0)
  })
})

describe.each(processPlaces)('sessions of several processes over %s', (_name, make) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)
  afterAll(() => place.remove())

  it('end in all of them at once where a database keeps them, and `within` is 0', { timeout }, async () => {
    const records = databaseRecords()
    const open = async () =>
      createSessions(await cachesOver(place.open()), { name: 'kept', records, within: 0 })
    const [one, two] = [await open(), await open()]
    for (let round = 0; round < 20; round++) {
      const id = await one.create({ userId: 7 })
      const other = await two.create({ userId: 7 })
      for (const each of [one, two]) expect(await each.load(id)).toBeDefined()
      if (round % 2 === 0) await two.destroy(id)
      else await two.revokeUser(7)
      expect(await one.load(id)).toBeUndefined()
      expect((await one.load(other)) === undefined).toBe(round % 2 === 1)
    }
    const kept = await one.create({ userId: 8 })
    expect((await (await open()).load(kept))?.data).toEqual({ userId: 8 })
  })

  it(
    'are the same in all of them, end in all of them at once, and outlive a restart',
    { timeout },
    async () => {
      const open = async () => createSessions(await cachesOver(place.open()))
      const [one, two] = [await open(), await open()]
      const id = await one.create({ userId: 7 })
      expect((await two.load(id))?.data).toEqual({ userId: 7 })
      const kept = await one.create({ userId: 8 })
      await two.revokeUser(7)
      expect(await one.load(id)).toBeUndefined()
      expect((await (await open()).load(kept))?.data).toEqual({ userId: 8 })
    },
  )
})
