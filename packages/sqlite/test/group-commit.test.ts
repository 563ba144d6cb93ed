import { describe, expect, it } from 'vitest'
import { newEntry } from '@cache/conformance'
import type { EntryStore } from '@cache/core'
import { get, lease, makeDirectory, open, recordingDriver, set } from './fixture.ts'

interface Recorded {
  readonly store: EntryStore
  /** Statements since the last call. */
  readonly take: () => string[]
}

async function recorded(): Promise<Recorded> {
  const { driver, statements } = recordingDriver()
  const { store } = await open({ directory: await makeDirectory(), driver })
  await set(store, 'warm')
  return { store, take: () => statements.splice(0) }
}

function writeTransactions(statements: readonly string[]): number {
  return statements.filter((sql) => sql === 'BEGIN IMMEDIATE').length
}

describe('cost', () => {
  it('of a hit is one statement', async () => {
    const { store, take } = await recorded()
    take()
    await store.read(['warm'])
    expect(take()).toEqual([expect.stringMatching(/^SELECT .* FROM entries WHERE key = /)])
    await store.acquire('warm', { token: 't', leaseMs: 1000 })
    expect(take()).toEqual([expect.stringMatching(/^SELECT .* FROM entries WHERE key = /)])
  })

  it('of a miss with its fill is two write transactions', async () => {
    const { store, take } = await recorded()
    take()
    await store.fill('cold', await lease(store, 'cold'), newEntry())
    expect(writeTransactions(take())).toBe(2)
  })

  it('of waiting for another loader is no write transaction', async () => {
    const { store, take } = await recorded()
    await lease(store, 'cold')
    take()
    const reply = await store.acquire('cold', { token: 't', leaseMs: 1000 })
    expect(reply.kind).toBe('wait')
    expect(writeTransactions(take())).toBe(0)
  })

  it('of a read of many keys is one read transaction', async () => {
    const { store, take } = await recorded()
    take()
    await store.read(Array.from({ length: 50 }, (_, key) => `k${key}`))
    const statements = take()
    expect([statements[0], statements.at(-1), statements.length]).toEqual(['BEGIN', 'COMMIT', 52])
  })

  it('of asking for changes where there are none is one pragma', async () => {
    const { store, take } = await recorded()
    const { stamp } = await store.changesSince(undefined)
    take()
    const reply = await store.changesSince(stamp)
    expect(reply).toEqual({ kind: 'log', stamp, invalidations: [] })
    expect(take()).toEqual(['PRAGMA data_version'])
  })

  it('of noting reads is no write', async () => {
    const { store, take } = await recorded()
    take()
    for (let read = 0; read < 100; read++) await get(store, 'warm')
    expect(writeTransactions(take())).toBe(0)
  })
})

describe('steps of one tick', () => {
  it('share one transaction, each with its own outcome', async () => {
    const { store, take } = await recorded()
    const held = await lease(store, 'leased')
    take()
    const [single, many, deleted, conflict, filled, reply] = await Promise.all([
      store.change([{ kind: 'set', key: 'a', entry: newEntry() }]),
      store.change(['b', 'c', 'd'].map((key) => ({ kind: 'set', key, entry: newEntry() }))),
      store.change([{ kind: 'delete', key: 'never' }]),
      store.change([{ kind: 'set', key: 'a', entry: newEntry(), when: { kind: 'absent' } }]),
      store.fill('leased', held, newEntry()),
      store.acquire('cold', { token: 't', leaseMs: 1000 }),
    ])
    expect(writeTransactions(take())).toBe(1)
    expect([single, many, deleted, conflict].map(({ outcomes }) => outcomes)).toEqual([
      ['applied'],
      ['applied', 'applied', 'applied'],
      ['absent'],
      ['conflict'],
    ])
    expect([filled.accepted, reply.kind]).toEqual([true, 'lease'])
    const sequences = [single, many, deleted].map(({ stamp }) => stamp.sequence)
    expect(sequences).toEqual([single.stamp.sequence, single.stamp.sequence + 3, single.stamp.sequence + 4])
  })

  it('are grouped over the promises that settle in it', async () => {
    const { store, take } = await recorded()
    take()
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < 640) await set(store, `k${next++}`)
    }
    await Promise.all(Array.from({ length: 64 }, worker))
    expect(writeTransactions(take())).toBeLessThanOrEqual(12)
    expect(await store.count()).toBe(641)
  })

  it('give other work its turn, however many follow one another', async () => {
    const { store } = await recorded()
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    for (let key = 0; key < 3000; key++) await set(store, `k${key}`)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })
})

describe('a batch', () => {
  it('of any length and mixture counts entries and bytes rightly', async () => {
    const { store } = await open({ directory: await makeDirectory(), limits: { maxBytes: 1e9 } })
    for (const length of [1, 15, 16, 17, 100]) {
      await store.change([{ kind: 'clear' }])
      const keys = Array.from({ length }, (_, key) => `k${key}`)
      await store.change(keys.map((key) => ({ kind: 'set', key, entry: newEntry() })))
      await store.change(
        [...keys, ...keys].map((key) => ({ kind: 'set', key, entry: newEntry({ payload: key }) })),
      )
      expect(await store.count()).toBe(length)
      const { entries } = await store.read(keys)
      expect(entries.map((entry) => entry?.payload)).toEqual(keys)
    }
  })
})
