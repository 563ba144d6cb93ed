import { describe, expect, it } from 'vitest'
import {
  during,
  faultyBackend,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache, Caches, Invalidation, InvalidationMessage } from '../../src/index.ts'
import { openCaches, settle } from '../support/open-caches.ts'
import { TestTransport } from '../support/test-transport.ts'

/** A cache that hears another process by a transport, warm with two entries, and everything about the two. */
async function pair(): Promise<{
  here: Cache<string>
  there: Cache<string>
  caches: Caches
  heard: TestTransport
  said: TestTransport
  clock: ManualClock
  storage: ReturnType<typeof referenceStorage>
}> {
  const clock = new ManualClock()
  const storage = referenceStorage()
  const [heard, said] = [new TestTransport(), new TestTransport()]
  const open = (transport: TestTransport): Promise<Caches> =>
    openCaches({ backend: referenceBackend({ storage }), l1: memory(), environment: { clock }, transport })
  const caches = await open(heard)
  const here = caches.define<string>('values')
  const there = (await open(said)).define<string>('values')
  await there.setMany([
    ['a', 'old'],
    ['b', 'old'],
  ])
  await here.getMany(['a', 'b'])
  said.published.length = 0
  here.resetStats()
  return { here, there, caches, heard, said, clock, storage }
}

function messageOf(invalidation: Invalidation, epoch: string): InvalidationMessage {
  return { cache: 'values', epoch, invalidation }
}

describe('messages of other processes', () => {
  it('are applied at once when they come in order, with no question to the store', async () => {
    const { here, there, heard, said } = await pair()
    await there.delete('a')
    await there.set('b', 'new')
    heard.deliver(...said.published)
    expect(here.peek('a')).toBeUndefined()
    expect(here.peek('b')).toBeUndefined()
    expect(await here.get('b')).toBe('new')
    expect(here.stats()).toMatchObject({ messages: 2, syncs: 0 })
  })

  it('that come twice or late are ignored', async () => {
    const { here, there, heard, said } = await pair()
    await there.set('a', 'new')
    heard.deliver(...said.published)
    await here.get('a')
    heard.deliver(...said.published, ...said.published)
    expect(here.peek('a')).toBe('new')
  })

  it('that overtake each other are put in order without the store', async () => {
    const { here, there, heard, said, clock } = await pair()
    for (const key of ['x', 'y', 'a']) await there.delete(key)
    const [x, y, a] = said.published as [InvalidationMessage, InvalidationMessage, InvalidationMessage]
    heard.deliver(a)
    expect(here.peek('a')).toBeUndefined()
    heard.deliver(y, x)
    await clock.advanceAsync(50)
    await there.set('b', 'new')
    heard.deliver(...said.published.slice(-1))
    expect(here.peek('b')).toBeUndefined()
    expect(here.stats().syncs).toBe(0)
  })

  it('a gap is repaired after a moment, once for many messages', async () => {
    const { here, there, heard, said, clock } = await pair()
    await there.delete('a')
    for (let index = 0; index < 20; index++) await there.delete(`x${index}`)
    heard.deliver(...said.published.slice(1))
    expect(here.peek('a')).toBe('old')
    await clock.advanceAsync(10)
    await settle()
    expect(here.peek('a')).toBeUndefined()
    expect(here.peek('b')).toBe('old')
    expect(here.stats().syncs).toBe(1)
  })

  it('one of another epoch empties L1, and the store says where it stands now', async () => {
    const { here, heard, storage } = await pair()
    storage.epoch = 'another'
    heard.deliver(messageOf({ kind: 'clear', sequence: 1 }, 'another'))
    expect(here.peek('b')).toBeUndefined()
    await settle()
    expect(await here.get('b')).toBeUndefined()
    await here.set('b', 'new')
    expect(here.peek('b')).toBe('new')
  })

  it('one of the epoch before comes too late to matter', async () => {
    const { here, heard, storage } = await pair()
    const former = storage.epoch
    storage.epoch = 'another'
    heard.deliver(messageOf({ kind: 'clear', sequence: 1 }, 'another'))
    await settle()
    await here.set('b', 'new')
    heard.deliver(messageOf({ kind: 'clear', sequence: 99 }, former))
    expect(here.peek('b')).toBe('new')
  })

  it('that claim a future that never was change nothing for long', async () => {
    const { here, there, heard, said, clock, storage } = await pair()
    heard.deliver(messageOf({ kind: 'keys', keys: ['x'], sequence: Number.MAX_SAFE_INTEGER }, storage.epoch))
    await clock.advanceAsync(10)
    await settle()
    await there.delete('a')
    heard.deliver(...said.published)
    expect(here.peek('a')).toBeUndefined()
    expect(here.stats().syncs).toBe(1)
  })

  it('are looked for after a connection was made again, and only by caches that are read', async () => {
    const { here, there, heard, clock } = await pair()
    await there.delete('a')
    heard.connect()
    await clock.advanceAsync(10)
    await settle()
    expect(here.peek('a')).toBeUndefined()
    clock.advance(5000)
    heard.connect()
    await clock.advanceAsync(10_000)
    expect(here.stats().syncs).toBe(1)
  })
})

describe('a repair that fails', () => {
  it('is tried again, so that a connection that comes back a little later is enough', async () => {
    const clock = new ManualClock()
    const storage = referenceStorage()
    let away = false
    const backend = faultyBackend(
      referenceBackend({ storage }),
      during(() => away, { kind: 'fail', code: 'BACKEND_UNREACHABLE' }),
    )
    const transport = new TestTransport()
    const environment = { clock }
    const caches = await openCaches({ backend, l1: memory(), transport, environment, within: '1h' })
    const here = caches.define<string>('values')
    const there = (await openCaches({ backend: referenceBackend({ storage }), environment })).define<string>(
      'values',
    )
    await there.set('a', 'old')
    await here.get('a')
    await there.delete('a')
    away = true
    transport.connect()
    await clock.advanceAsync(100)
    away = false
    expect(here.peek('a')).toBe('old')
    for (let step = 0; step < 30; step++) await clock.advanceAsync(100)
    expect(here.peek('a')).toBeUndefined()
  })
})

describe('answers of the store', () => {
  it('that name nothing new prove that L1 is in step, without a question', async () => {
    const { here, clock } = await pair()
    for (let turn = 0; turn < 10; turn++) {
      await clock.advanceAsync(900)
      await here.get('unknown')
      expect(here.peek('a')).toBe('old')
    }
    expect(here.stats().syncs).toBe(0)
  })

  it('that name something unheard of are followed by a repair, unless the message comes', async () => {
    const { here, there, heard, said, clock } = await pair()
    await there.delete('x')
    await here.get('unknown')
    heard.deliver(...said.published)
    await clock.advanceAsync(10)
    expect(here.stats().syncs).toBe(0)
    await there.delete('a')
    await here.get('unknown')
    await clock.advanceAsync(10)
    await settle()
    expect(here.peek('a')).toBeUndefined()
    expect(here.stats().syncs).toBe(1)
  })

  it('to changes of its own advance it: a writer need not ask', async () => {
    const { here, clock } = await pair()
    for (let turn = 0; turn < 20; turn++) {
      clock.advance(400)
      await here.set(`k${turn}`, 'v')
      expect(here.peek('b')).toBe('old')
    }
    await here.setMany([
      ['x', '1'],
      ['y', '2'],
    ])
    expect(here.peek('x')).toBe('1')
    expect(here.stats().syncs).toBe(0)
  })
})

describe('an idle cache', () => {
  it('sets no timers and asks nothing', async () => {
    const { here, clock, heard, there, said } = await pair()
    clock.advance(2000)
    for (let index = 0; index < 50; index++) await there.delete(`x${index}`)
    heard.deliver(...said.published.slice(10))
    await clock.advanceAsync(60_000)
    expect(here.stats().syncs).toBe(0)
    expect(await here.get('a')).toBe('old')
  })
})
