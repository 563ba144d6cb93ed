import { describe, expect, it } from 'vitest'
import { ManualClock } from '@cache/conformance'
import { get, makeDirectory, open, pathIn, rawOpen, set } from './fixture.ts'

interface AccessRow {
  readonly createdAt: number
  readonly accessedAt: number | null
  readonly accessCount: number
}

describe('limits', () => {
  it('evict what was used least recently, by reads and writes of every process', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { store, evictions } = await open({ directory, clock, limits: { maxEntries: 3 } })
    for (const key of ['a', 'b', 'c']) {
      clock.advance(10)
      await set(store, key)
    }
    for (const key of ['c', 'a']) {
      clock.advance(10)
      await get(store, key)
    }
    clock.advance(10)
    await set(store, 'd')
    expect(await get(store, 'b')).toBeUndefined()
    clock.advance(10)
    await set(store, 'e')
    expect(await get(store, 'c')).toBeUndefined()
    for (const key of ['a', 'd', 'e']) expect(await get(store, key)).toBeDefined()
    expect(evictions).toEqual([
      { count: 1, reason: 'entries' },
      { count: 1, reason: 'entries' },
    ])
  })

  it('hold over thousands of entries, and leave most of the room used', async () => {
    const { store, evictions } = await open({
      directory: await makeDirectory(),
      limits: { maxEntries: 1000 },
    })
    for (let key = 0; key < 5000; key++) {
      await set(store, `k${key}`)
      if (key % 500 === 0) expect(await store.count()).toBeLessThanOrEqual(1000)
    }
    const count = await store.count()
    expect(count).toBeLessThanOrEqual(1000)
    expect(count).toBeGreaterThan(900)
    expect(evictions.reduce((sum, event) => sum + event.count, 0)).toBe(5000 - count)
  })

  it('on bytes hold for rows that other processes wrote without counting them', async () => {
    const directory = await makeDirectory()
    const unlimited = await open({ directory })
    for (let key = 0; key < 100; key++) await set(unlimited.store, `k${key}`, { sizeBytes: 1000 })
    await unlimited.backend.close()
    const { store } = await open({ directory, limits: { maxBytes: 10_000 } })
    await set(store, 'new', { sizeBytes: 1000 })
    expect(await store.count()).toBeLessThanOrEqual(10)
    expect(await get(store, 'new')).toBeDefined()
  })

  it('spare other entries when one is larger than all of them may be', async () => {
    const { store, evictions } = await open({
      directory: await makeDirectory(),
      limits: { maxBytes: 10_000 },
    })
    await set(store, 'small', { sizeBytes: 100 })
    await set(store, 'large', { sizeBytes: 10_001 })
    expect(await get(store, 'large')).toBeUndefined()
    expect(await get(store, 'small')).toBeDefined()
    expect(evictions).toEqual([{ count: 1, reason: 'bytes' }])
  })
})

describe('created, accessed and access count', () => {
  it('are in the file, the reads along with a later write', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { store } = await open({ directory, clock })
    await set(store, 'k')
    clock.advance(1000)
    for (let read = 0; read < 3; read++) await get(store, 'k')
    clock.advance(2000)
    await set(store, 'other')
    const row = (): AccessRow =>
      rawOpen(pathIn(directory))
        .prepare(
          `SELECT created_at AS createdAt, accessed_at AS accessedAt, access_count AS accessCount
           FROM entries WHERE key = 'k'`,
        )
        .get() as AccessRow
    expect(row()).toEqual({
      createdAt: clock.wallMs() - 3000,
      accessedAt: clock.wallMs() - 2000,
      accessCount: 3,
    })
    await get(store, 'k')
    await clock.advanceAsync(5000)
    expect(row().accessCount).toBe(4)
  })

  it('are written at the end', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await open({ directory })
    await set(store, 'k')
    for (let read = 0; read < 5; read++) await get(store, 'k')
    await backend.close()
    const count = rawOpen(pathIn(directory)).prepare('SELECT access_count FROM entries').pluck().get()
    expect(count).toBe(5)
  })
})
