import { CacheError, type ChangesReply, type Invalidation, type Stamp } from '@cache/ports'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../conformance/src/index.ts'
import { StoreFollower } from '../../src/engine/store-follower.ts'
import { settle } from '../support/open-caches.ts'
import { entryAt, newTier } from '../support/local-entries.ts'

/** A follower of a store that a test plays, and what it asks of it. */
function following({ withinMs = 1000, unchanged }: { withinMs?: number; unchanged?: boolean } = {}) {
  const clock = new ManualClock()
  const tier = newTier()
  /** What the store answers; until it is set, the store is away. */
  const store: { reply: ChangesReply | Promise<ChangesReply> | undefined } = { reply: undefined }
  const asked: (Stamp | undefined)[] = []
  const onSync = vi.fn<() => void>()
  const onInvalidated = vi.fn<(count: number) => void>()
  const changesSince = async (stamp: Stamp | undefined): Promise<ChangesReply> => {
    asked.push(stamp)
    if (!store.reply) throw new CacheError('BACKEND_UNREACHABLE', 'away')
    return store.reply
  }
  const unchangedSince = vi.fn<(stamp: Stamp) => boolean>(() => unchanged === true)
  const source = {
    store: { changesSince, ...(unchanged === undefined ? {} : { unchangedSince }) } as never,
    withinMs,
    onSync,
    aloneForMs: 0,
    onAlone: () => undefined,
    poll: undefined,
  }
  const follower = new StoreFollower(tier, clock, source, onInvalidated)
  return { clock, tier, store, asked, onSync, onInvalidated, unchangedSince, follower }
}

function reset(sequence: number, epoch = 'e'): ChangesReply {
  return { kind: 'reset', stamp: { epoch, sequence } }
}

function log(sequence: number, ...invalidations: readonly Invalidation[]): ChangesReply {
  return { kind: 'log', stamp: { epoch: 'e', sequence }, invalidations }
}

function keys(sequence: number, key = `k${sequence}`): Invalidation {
  return { kind: 'keys', keys: [key], sequence }
}

/** One that stands at sequence 10 of the epoch `e`, and has asked once. */
async function inStep(options: Parameters<typeof following>[0] = {}) {
  const parts = following(options)
  parts.store.reply = reset(10)
  await parts.follower.sync()
  parts.asked.length = 0
  parts.store.reply = log(10)
  return parts
}

describe('a tier that does not know where it stands', () => {
  it('takes nothing from anybody and asks nothing by itself', async () => {
    const { follower, clock, asked, tier } = following({ unchanged: true })
    tier.set('k', entryAt('k', 5))
    follower.receive('e', keys(6, 'k'))
    follower.observe({ epoch: 'e', sequence: 9 }, clock.monotonicMs())
    follower.repair()
    await clock.advanceAsync(10_000)
    expect(follower.isCurrent()).toBe(false)
    expect([follower.epoch, follower.applied.sequence, follower.lastSyncMs]).toEqual([
      undefined,
      0,
      -Infinity,
    ])
    expect(tier.peek('k')).toBeDefined()
    expect(asked).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes what the store says, begins with nothing, and is in step since it asked', async () => {
    const { follower, clock, asked, tier, store, onSync } = following()
    tier.set('k', entryAt('k', 5))
    const askedMs = clock.monotonicMs()
    const reply = Promise.withResolvers<ChangesReply>()
    store.reply = reply.promise
    const syncs = [follower.sync(), follower.sync()]
    clock.advance(70)
    reply.resolve(reset(10))
    await Promise.all(syncs)
    expect(asked).toEqual([undefined])
    expect(onSync).toHaveBeenCalledOnce()
    expect([follower.epoch, follower.applied.sequence, follower.lastSyncMs]).toEqual(['e', 10, askedMs])
    expect(tier.size).toBe(0)
    expect(clock.pendingTimers).toBe(0)
    store.reply = log(10)
    await follower.sync()
    expect(asked).toEqual([undefined, { epoch: 'e', sequence: 10 }])
  })

  it('goes on not knowing where the store is away, and says so', async () => {
    const { follower, store, clock } = following()
    await follower.sync()
    expect([follower.epoch, follower.isAway, follower.lastSyncMs]).toEqual([undefined, true, -Infinity])
    expect(clock.pendingTimers).toBe(0)
    store.reply = reset(1)
    await follower.sync()
    expect([follower.epoch, follower.isAway]).toEqual(['e', false])
  })
})

describe('answers of the store', () => {
  it('bring what lies between, in order, and forget what has been heard of it', async () => {
    const { follower, tier, store, clock, onInvalidated, asked } = await inStep()
    for (const key of ['a', 'b', 'c']) tier.set(key, entryAt(key, 10))
    follower.receive('e', keys(13, 'c'))
    expect(tier.peek('c')).toBeUndefined()
    store.reply = log(13, keys(11, 'a'), keys(12, 'x'), keys(13, 'c'))
    const askedMs = clock.monotonicMs()
    await follower.sync()
    expect([tier.peek('a'), tier.peek('b')?.sequence]).toEqual([undefined, 10])
    expect([follower.applied.sequence, follower.lastSyncMs]).toEqual([13, askedMs])
    expect(onInvalidated.mock.calls).toEqual([[1], [1]])
    await clock.advanceAsync(1000)
    expect(asked).toHaveLength(1)
  })

  it('reach further than the last change that they name', async () => {
    const { follower, store } = await inStep()
    store.reply = log(20)
    await follower.sync()
    expect(follower.applied.sequence).toBe(20)
  })

  it('say nothing where the tier has begun anew meanwhile', async () => {
    const { follower, store, clock } = await inStep()
    const reply = Promise.withResolvers<ChangesReply>()
    store.reply = reply.promise
    const syncing = follower.sync()
    follower.reset()
    clock.advance(10)
    reply.resolve(log(12, keys(12)))
    await syncing
    expect([follower.epoch, follower.applied.sequence, follower.lastSyncMs]).toEqual([
      undefined,
      10,
      -Infinity,
    ])
  })

  it('to other commands prove that the tier is in step, since the latest of them was sent', async () => {
    const { follower, clock } = await inStep()
    const startMs = clock.monotonicMs()
    follower.observe({ epoch: 'e', sequence: 10 }, startMs + 50)
    expect(follower.lastSyncMs).toBe(startMs + 50)
    follower.observe({ epoch: 'e', sequence: 9 }, startMs + 40)
    expect(follower.lastSyncMs).toBe(startMs + 50)
    expect(clock.pendingTimers).toBe(0)
  })

  it('to other commands count once what they name has been heard', async () => {
    const { follower, clock, asked } = await inStep()
    const startMs = clock.monotonicMs()
    follower.observe({ epoch: 'e', sequence: 12 }, startMs + 3)
    follower.observe({ epoch: 'e', sequence: 13 }, startMs + 4)
    expect(follower.lastSyncMs).toBe(startMs)
    follower.receive('e', keys(11))
    expect(follower.lastSyncMs).toBe(startMs)
    follower.receive('e', keys(12))
    expect(follower.lastSyncMs).toBe(startMs + 3)
    await clock.advanceAsync(1000)
    expect(asked).toEqual([])
  })

  it.each([
    [1000, 5],
    [16, 2],
    [0, 0],
  ])(
    'within %d ms to something unheard of are followed by a question after %d ms',
    async (withinMs, momentMs) => {
      const { follower, clock, asked } = await inStep({ withinMs })
      follower.observe({ epoch: 'e', sequence: 12 }, clock.monotonicMs())
      if (momentMs > 0) await clock.advanceAsync(momentMs - 0.5)
      expect(asked).toEqual([])
      await clock.advanceAsync(0.5)
      expect(asked).toEqual([{ epoch: 'e', sequence: 10 }])
    },
  )

  it('that never come are asked for in steps that double up to a second, while L1 is within its bound', async () => {
    const { follower, clock, store, onSync } = await inStep({ withinMs: 3_600_000 })
    store.reply = undefined
    const startMs = clock.monotonicMs()
    const triedMs: number[] = []
    onSync.mockImplementation(() => void triedMs.push(clock.monotonicMs() - startMs))
    follower.repair()
    await clock.advanceAsync(4000)
    expect(triedMs).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2280, 3280])
    expect(follower.isAway).toBe(true)
    store.reply = log(11, keys(11))
    await clock.advanceAsync(1000)
    expect([follower.isAway, follower.applied.sequence]).toEqual([false, 11])
    triedMs.length = 0
    await clock.advanceAsync(10_000)
    expect(triedMs).toEqual([])
    store.reply = undefined
    follower.repair()
    await clock.advanceAsync(14)
    expect(triedMs.map((ms) => ms - (triedMs[0] ?? 0))).toEqual([0, 5])
  })

  it('that never come are not asked for past the bound', async () => {
    const { follower, clock, store, onSync } = await inStep({ withinMs: 50 })
    store.reply = undefined
    onSync.mockClear()
    follower.repair()
    await clock.advanceAsync(10_000)
    expect(onSync.mock.calls.length).toBeLessThan(6)
    expect(clock.pendingTimers).toBe(0)
    onSync.mockClear()
    follower.repair()
    await clock.advanceAsync(10_000)
    expect(onSync).not.toHaveBeenCalled()
  })
})

describe('messages', () => {
  it('in order advance the tier, also one that stands for several changes', async () => {
    const { follower, tier } = await inStep()
    for (const key of ['a', 'b']) tier.set(key, entryAt(key, 10))
    follower.receive('e', { kind: 'keys', keys: ['a', 'x'], first: 11, sequence: 12 })
    expect([follower.applied.sequence, tier.peek('a'), tier.peek('b')?.sequence]).toEqual([12, undefined, 10])
    follower.receive('e', { kind: 'keys', keys: ['b'], first: 12, sequence: 13 })
    expect([follower.applied.sequence, tier.peek('b')]).toEqual([13, undefined])
    follower.receive('e', keys(12))
    expect(follower.applied.sequence).toBe(13)
  })

  it('that came early are applied at once and counted when those before them have come', async () => {
    const { follower, tier, asked, clock } = await inStep()
    tier.set('a', entryAt('a', 10))
    follower.receive('e', keys(13, 'a'))
    expect([follower.applied.sequence, tier.peek('a')]).toEqual([10, undefined])
    follower.receive('e', keys(12))
    follower.receive('e', keys(11))
    expect(follower.applied.sequence).toBe(13)
    await clock.advanceAsync(1000)
    expect(asked).toEqual([])
  })

  it('with a gap that begins later than another one have a moment of their own', async () => {
    const { follower, asked, clock } = await inStep()
    follower.receive('e', keys(12))
    await clock.advanceAsync(3)
    follower.receive('e', keys(11))
    follower.receive('e', keys(14))
    await clock.advanceAsync(4)
    expect(asked).toEqual([])
    await clock.advanceAsync(1)
    expect(asked).toEqual([{ epoch: 'e', sequence: 12 }])
  })

  it('of another epoch empty the tier, which asks the store; of the one before they say nothing', async () => {
    const { follower, tier, store, asked } = await inStep()
    tier.set('a', entryAt('a', 10))
    store.reply = reset(3, 'f')
    follower.receive('f', keys(3))
    expect([tier.size, follower.epoch]).toEqual([0, undefined])
    await settle()
    expect(asked).toEqual([undefined])
    expect([follower.epoch, follower.applied.sequence]).toEqual(['f', 3])
    tier.set('a', entryAt('a', 3))
    follower.receive('e', keys(11, 'a'))
    follower.observe({ epoch: 'e', sequence: 50 }, 0)
    await settle()
    expect([tier.size, follower.epoch, asked.length]).toEqual([1, 'f', 1])
  })

  it('of the epoch before the one before empty the tier as any other', async () => {
    const { follower, store } = await inStep()
    for (const epoch of ['f', 'g']) {
      store.reply = reset(1, epoch)
      follower.receive(epoch, keys(1))
      await settle()
    }
    expect(follower.epoch).toBe('g')
    follower.receive('f', keys(9))
    expect(follower.epoch).toBe('g')
    follower.receive('e', keys(9))
    expect(follower.epoch).toBeUndefined()
    await settle()
    expect(follower.epoch).toBe('g')
  })
})

describe('changes of this process', () => {
  it('advance the tier where their sequence is exact, and only drop entries where it is not', async () => {
    const { follower, tier } = await inStep()
    for (const key of ['a', 'b']) tier.set(key, entryAt(key, 10))
    follower.noteOwn('e', keys(11, 'a'), true)
    expect([follower.applied.sequence, tier.peek('a')]).toEqual([11, undefined])
    follower.noteOwn('e', keys(12, 'b'), false)
    expect([follower.applied.sequence, tier.peek('b')]).toEqual([11, undefined])
  })

  it("in an epoch that is not the tier's empty it", async () => {
    const { follower, tier, asked } = await inStep()
    tier.set('a', entryAt('a', 10))
    follower.noteOwn('f', keys(1, 'x'), true)
    await settle()
    expect([follower.epoch, tier.size, asked.length]).toEqual([undefined, 0, 0])
  })

  it('that are 256 ahead of those of others have it ask for them', async () => {
    const { follower, asked } = await inStep()
    follower.noteOwn('e', keys(266), false)
    await settle()
    expect(asked).toEqual([])
    follower.noteOwn('e', keys(267), false)
    await settle()
    expect(asked).toEqual([{ epoch: 'e', sequence: 10 }])
  })

  it('are not hidden by an answer from before them', async () => {
    const { follower, store } = await inStep()
    follower.noteOwn('e', keys(15, 'a'), false)
    follower.noteOwn('e', keys(14, 'b'), false)
    store.reply = reset(12)
    await follower.sync()
    expect(follower.applied.sequence).toBe(12)
    expect(follower.applied.permits('a', entryAt('a', 14))).toBe(false)
    expect(follower.applied.permits('a', entryAt('a', 15))).toBe(true)
  })

  it('in another epoch say nothing of this one', async () => {
    const { follower, store } = await inStep()
    follower.noteOwn('f', keys(99, 'a'), false)
    store.reply = reset(12)
    await follower.sync()
    expect(follower.applied.permits('a', entryAt('a', 12))).toBe(true)
    expect(follower.applied.permits('a', entryAt('a', 11))).toBe(false)
  })
})

describe('with a bound of 0', () => {
  it('the store is asked at each look-up whether anything lies after where the tier stands', async () => {
    const { follower, unchangedSince, asked } = await inStep({ withinMs: 0, unchanged: true })
    expect(follower.isCurrent()).toBe(true)
    expect(unchangedSince.mock.calls).toEqual([[{ epoch: 'e', sequence: 10 }]])
    await settle()
    expect(asked).toEqual([])
  })

  it('the tier asks for what changed where the store says that something did', async () => {
    const { follower, asked } = await inStep({ withinMs: 0, unchanged: false })
    expect(follower.isCurrent()).toBe(false)
    await settle()
    expect(asked).toEqual([{ epoch: 'e', sequence: 10 }])
  })

  it('a store that cannot say is never taken to be as it was', async () => {
    const { follower } = await inStep({ withinMs: 0 })
    expect(follower.isCurrent()).toBe(false)
  })
})
