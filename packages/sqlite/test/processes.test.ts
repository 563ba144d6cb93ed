import { describe, expect, it } from 'vitest'
import { newEntry } from '@cache/conformance'
import { Child, get, lease, makeDirectory, open, payloadOf, set } from './fixture.ts'

const processes = 5

describe('several processes on one file', () => {
  it('lose no conditional increment', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory })
    await set(store, 'counter', { payload: '0' })
    const children = Array.from({ length: processes }, () => new Child('incrementing', directory, '100'))
    await Promise.all(children.map((child) => child.ended()))
    expect(await payloadOf(store, 'counter')).toBe(String(processes * 100))
  })

  it('load each cold key once', async () => {
    const directory = await makeDirectory()
    const keys = 200
    const children = Array.from({ length: processes }, () => new Child('loading', directory, String(keys)))
    const loaded = (await Promise.all(children.map((child) => child.line()))).flatMap(
      (line) => JSON.parse(line) as number[],
    )
    expect(loaded.sort((a, b) => a - b)).toEqual(Array.from({ length: keys }, (_, key) => key))
    await Promise.all(children.map((child) => child.ended()))
  })

  it('take over the lease of one that was killed when it ends, and not before', async () => {
    const directory = await makeDirectory()
    const { store } = await open({ directory })
    const child = new Child('holding', directory, '1500')
    expect(await child.line()).toBe('lease')
    await child.kill()
    const early = await store.acquire('held', { token: 'mine', leaseMs: 1000 })
    expect(early.kind).toBe('wait')
    if (early.kind === 'wait') {
      expect(early.remainingMs).toBeLessThanOrEqual(1500)
      await new Promise((resolve) => setTimeout(resolve, early.remainingMs + 20))
    }
    expect((await store.fill('held', await lease(store, 'held'), newEntry())).accepted).toBe(true)
  })

  it('learn of each other through the log', async () => {
    const directory = await makeDirectory()
    const one = await open({ directory })
    const two = await open({ directory })
    await set(one.store, 'a')
    const { stamp } = await two.store.changesSince(undefined)
    await set(one.store, 'b')
    await one.store.change([{ kind: 'tags', tags: ['t'] }])
    const reply = await two.store.changesSince(stamp)
    expect(reply).toMatchObject({
      kind: 'log',
      invalidations: [
        { kind: 'keys', keys: ['b'] },
        { kind: 'tags', tags: ['t'] },
      ],
    })
    expect(await get(two.store, 'b')).toBeDefined()
  })
})
