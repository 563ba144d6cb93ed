import { describe, expect, it } from 'vitest'
import {
  faultyBackend,
  type Fault,
  forwardingBackend,
  forwardingStore,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache } from '../../src/index.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'
import { TestTransport } from '../support/test-transport.ts'

interface Place {
  readonly here: Cache<string>
  /** Writes to the same store, and nobody is told. */
  readonly there: Cache<string>
  readonly transport: TestTransport
  readonly clock: ManualClock
  /** Removes an entry from the store as somebody who does not use the library. */
  readonly remove: (key: string) => void
  /** Somebody touched keys; what comes of it is done when it resolves. */
  readonly touch: (...keys: readonly string[]) => Promise<void>
  /** How many keys each read of the store was for. */
  readonly reads: number[]
  /** What goes wrong with reads. */
  fault: Fault | undefined
  /** What replies to reads wait for, once they are made. */
  hold: Promise<void>
}

/** A cache whose L1 may be told of touches, warm with `a` and `b`. */
async function open(): Promise<Place> {
  const clock = new ManualClock()
  const storage = referenceStorage()
  const transport = new TestTransport()
  const spoilt = faultyBackend(referenceBackend({ storage }), ({ operation }) =>
    operation === 'read' ? place.fault : undefined,
  )
  const backend = forwardingBackend(spoilt, (store) => ({
    ...forwardingStore(store),
    read: async (keys) => {
      place.reads.push(keys.length)
      const reply = await store.read(keys)
      await place.hold
      return reply
    },
  }))
  const caches = await openCaches({ backend, l1: memory(), environment: { clock }, transport, within: '1h' })
  const here = caches.define<string>('values', { ttl: '1h', l1: { ttl: '1h' } })
  const others = await openCaches({ backend: referenceBackend({ storage }), environment: { clock } })
  const place: Place = {
    here,
    there: others.define<string>('values', { ttl: '1h' }),
    transport,
    clock,
    remove: (key) => void storage.caches.get('values')?.versions.get(1)?.rows.delete(key),
    touch: async (...keys) => {
      transport.touch({ cache: 'values', keys })
      await clock.advanceAsync(50)
      await settle()
    },
    reads: [],
    fault: undefined,
    hold: Promise.resolve(),
  }
  await here.get('unknown')
  await here.setMany([
    ['a', 'old'],
    ['b', 'old'],
  ])
  place.reads.length = 0
  return place
}

describe('entries that somebody touched in the store', () => {
  it('leave L1 where the store has them no more', async () => {
    const { here, remove, touch } = await open()
    remove('a')
    await touch('a', 'b')
    expect(here.peek('a')).toBeUndefined()
    expect(here.peek('b')).toBe('old')
  })

  it('leave L1 where the store has another one', async () => {
    const { here, there, touch } = await open()
    await there.set('a', 'new')
    expect(here.peek('a')).toBe('old')
    await touch('a', 'b')
    expect(here.peek('a')).toBeUndefined()
    expect(here.peek('b')).toBe('old')
    expect(await here.get('a')).toBe('new')
  })

  it('stay where the store has them as they are: their own echo costs one question for many', async () => {
    const { here, touch, reads } = await open()
    await touch('a', 'b', 'unknown')
    expect([here.peek('a'), here.peek('b')]).toEqual(['old', 'old'])
    expect(reads).toEqual([2])
  })

  it('are answered from L1 until the store has answered', async () => {
    const { here, transport, reads } = await open()
    transport.touch({ cache: 'values', keys: ['a'] })
    expect(await here.get('a')).toBe('old')
    expect(reads).toEqual([])
  })

  it('cost nothing where L1 does not hold them', async () => {
    const { touch, reads, clock } = await open()
    const timers = clock.pendingTimers
    await touch('unknown', 'other')
    expect(reads).toEqual([])
    expect(clock.pendingTimers).toBe(timers)
  })

  it('are dropped where the store does not answer', async () => {
    const place = await open()
    place.fault = { kind: 'fail', code: 'BACKEND_UNREACHABLE' }
    await place.touch('a')
    expect(place.here.peek('a')).toBeUndefined()
    expect(place.here.peek('b')).toBe('old')
  })

  it('are asked for again where a read was under way whose reply may be older', async () => {
    const { place, finish } = await reading('c')
    place.remove('c')
    await place.touch('c')
    expect(await finish()).toBe('theirs')
    expect(place.here.peek('c')).toBe('theirs')
    await place.clock.advanceAsync(50)
    await settle()
    expect(place.here.peek('c')).toBeUndefined()
  })

  it('stay where they were written while the store was asked', async () => {
    const place = await open()
    const { here, transport, clock } = place
    const reply = gate()
    place.hold = reply.promise
    transport.touch({ cache: 'values', keys: ['a'] })
    await clock.advanceAsync(50)
    place.remove('a')
    await here.set('a', 'new')
    place.hold = Promise.resolve()
    reply.resolve()
    await settle()
    expect(here.peek('a')).toBe('new')
  })

  it('are asked for again where they were touched while the store was asked', async () => {
    const place = await open()
    const { here, remove, touch, transport, clock, reads } = place
    const reply = gate()
    place.hold = reply.promise
    transport.touch({ cache: 'values', keys: ['a'] })
    await clock.advanceAsync(50)
    remove('a')
    await touch('a')
    expect(reads).toEqual([1])
    place.hold = Promise.resolve()
    reply.resolve()
    await settle()
    expect(here.peek('a')).toBe('old')
    await clock.advanceAsync(50)
    await settle()
    expect(here.peek('a')).toBeUndefined()
    expect(reads).toEqual([1, 1])
  })

  it('are asked for in pieces, so that one answer is not larger than a mebibyte and an entry', async () => {
    const { here, touch, clock, reads } = await open()
    const keys = ['x', 'y', 'z', 'u', 'v']
    await here.setMany(keys.map((key) => [key, key.repeat(400_000)] as const))
    reads.length = 0
    await touch(...keys)
    await clock.advanceAsync(50)
    await settle()
    expect(reads.length).toBeGreaterThan(1)
    expect(reads.reduce((sum, count) => sum + count, 0)).toBe(5)
    expect(keys.filter((key) => here.peek(key) === undefined)).toEqual([])
  })

  it('are remembered up to a number, past which any counts as touched', async () => {
    const { place, finish } = await reading('c')
    place.remove('c')
    await place.touch('c')
    for (let index = 0; index < 5000; index++) place.transport.touch({ cache: 'values', keys: [`x${index}`] })
    await finish()
    await place.clock.advanceAsync(50)
    await settle()
    expect(place.here.peek('c')).toBeUndefined()
  })

  it('that are more than can be asked about are dropped', async () => {
    const { here, touch, clock, reads } = await open()
    const keys = Array.from({ length: 6000 }, (_, index) => `k${index}`)
    await here.setMany(keys.map((key) => [key, 'v'] as const))
    reads.length = 0
    await touch(...keys)
    await clock.advanceAsync(200)
    const held = keys.filter((key) => here.peek(key) === 'v').length
    expect(held).toBe(4096)
    expect(reads.every((count) => count <= 1000)).toBe(true)
  })

  it('all leave L1 where anything may have been touched, also what is under way', async () => {
    const { place, finish } = await reading('c')
    place.remove('c')
    place.transport.touch()
    expect([place.here.peek('a'), place.here.peek('b')]).toEqual([undefined, undefined])
    await finish()
    await place.clock.advanceAsync(50)
    await settle()
    expect(place.here.peek('c')).toBeUndefined()
  })
})

/** A read whose reply is made and does not come before `finish`. */
async function reading(key: string): Promise<{ place: Place; finish: () => Promise<string | undefined> }> {
  const place = await open()
  const reply = gate()
  await place.there.set(key, 'theirs')
  place.hold = reply.promise
  const read = place.here.get(key)
  await settle()
  place.hold = Promise.resolve()
  const finish = async (): Promise<string | undefined> => {
    reply.resolve()
    return read
  }
  return { place, finish }
}
