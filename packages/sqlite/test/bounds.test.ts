import { describe, expect, it } from 'vitest'
import { ManualClock, newEntry } from '@cache/conformance'
import { get, makeDirectory, open, pathIn, rawOpen, set } from './fixture.ts'

function rows(directory: string, table: string): number {
  const database = rawOpen(pathIn(directory))
  const count = database.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
  database.close()
  return count
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}

describe('the log', () => {
  it('is bounded, whole where it reaches back, and says where it does not', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory })
    const early = (await set(store, 'k'), (await store.changesSince(undefined)).stamp)
    for (let round = 0; round < 50; round++) {
      await store.change(names(`r${round}-`, 500).map((key) => ({ kind: 'delete', key })))
    }
    expect((await store.changesSince(early)).kind).toBe('reset')
    expect(rows(directory, 'journal')).toBeLessThan(60)
    const recent = (await store.changesSince(undefined)).stamp
    await store.change(names('last', 3000).map((key) => ({ kind: 'delete', key })))
    const reply = await store.changesSince(recent)
    expect(reply.kind === 'log' && reply.invalidations.length).toBe(3000)
    const middle = { ...recent, sequence: recent.sequence + 1000 }
    const rest = await store.changesSince(middle)
    expect(rest.kind === 'log' && rest.invalidations[0]).toEqual({
      sequence: recent.sequence + 1001,
      kind: 'keys',
      keys: ['last1000'],
    })
  })

  it('is bounded in size too', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory })
    const { stamp } = await store.changesSince(undefined)
    for (let round = 0; round < 30; round++) {
      await store.change([{ kind: 'tags', tags: names(`${'x'.repeat(100)}${round}-`, 5000) }])
    }
    expect((await store.changesSince(stamp)).kind).toBe('reset')
    const database = rawOpen(pathIn(directory))
    const chars = database.prepare('SELECT coalesce(sum(length(names)), 0) FROM journal').pluck().get()
    expect(Number(chars)).toBeLessThan(10_000_000)
  })
})

describe('tag records', () => {
  it('are bounded, and what is dropped makes entries void, never valid again', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory })
    await set(store, 'void', { tags: ['old'] })
    await store.change([{ kind: 'tags', tags: ['old'] }])
    await set(store, 'valid', { tags: ['old'] })
    await set(store, 'never', { tags: ['never'] })
    const lease = await store.acquire('loading', { token: 'token', leaseMs: 600_000 })
    await store.change([{ kind: 'tags', tags: ['later'] }])
    for (let round = 0; round < 16; round++) {
      await store.change([{ kind: 'tags', tags: names(`r${round}-`, 10_000) }])
    }
    expect(rows(directory, 'tags')).toBeLessThan(140_000)
    expect(await get(store, 'void')).toBeUndefined()
    expect(await get(store, 'valid')).toBeUndefined()
    expect(await get(store, 'never')).toBeUndefined()
    const filled =
      lease.kind === 'lease' && (await store.fill('loading', lease.lease, newEntry({ tags: ['later'] })))
    expect(filled).toEqual({ accepted: false, reason: 'invalidated' })
    await set(store, 'anew', { tags: ['old', 'never', 'r15-1'] })
    expect(await get(store, 'anew')).toBeDefined()
    await store.change([{ kind: 'tags', tags: ['never'] }])
    expect(await get(store, 'anew')).toBeUndefined()
  })
})

describe('rows', () => {
  it('that are void by tag are purged though they have no end', async () => {
    const directory = await makeDirectory()
    const { store, evictions } = await open({ directory })
    const ever = { freshForMs: Number.POSITIVE_INFINITY, keptForMs: Number.POSITIVE_INFINITY }
    for (let key = 0; key < 30; key++) await set(store, `k${key}`, { ...ever, tags: [key < 10 ? 'a' : 'b'] })
    await store.change([{ kind: 'tags', tags: ['a'] }])
    expect(await store.purge(100)).toBe(10)
    expect(rows(directory, 'entries')).toBe(20)
    expect(evictions).toEqual([{ count: 10, reason: 'expired' }])
  })

  it('that are gone are found in a large table, in as many steps as it takes', async () => {
    const clock = new ManualClock()
    const { store } = await open({ directory: await makeDirectory(), clock })
    const short = newEntry({ freshForMs: 10, keptForMs: 10 })
    for (let batch = 0; batch < 20; batch++) {
      await store.change(
        names(`b${batch}-`, 500).map((key, index) => ({
          kind: 'set',
          key,
          entry: index % 10 === 0 ? short : newEntry(),
        })),
      )
    }
    clock.advance(10)
    expect(await store.purge(300)).toBe(300)
    expect(await store.purge(10_000)).toBe(700)
    expect(await store.purge(10_000)).toBe(0)
    expect(await store.count()).toBe(9000)
  })

  it('of leases that ended go with a purge, and so do versions without entries', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { backend, store } = await open({ directory, clock })
    const old = backend.store({
      cache: 'cases',
      version: 0,
      maxEntries: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
      onEvict: () => undefined,
    })
    await set(old, 'k', { freshForMs: 100, keptForMs: 100 })
    await set(store, 'kept')
    for (const key of names('k', 20)) await store.acquire(`cold-${key}`, { token: 't', leaseMs: 100 })
    clock.advance(100)
    await store.purge(1000)
    expect(rows(directory, 'leases')).toBe(0)
    const database = rawOpen(pathIn(directory))
    expect(database.prepare('SELECT versions FROM journal WHERE kind IS NULL').pluck().get()).toBe(',1,')
    expect(await store.count()).toBe(1)
  })
})
