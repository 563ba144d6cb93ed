import { describe, expect, it, vi } from 'vitest'
import {
  forwardingBackend,
  forwardingStore,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import type { Cache, CacheOptions } from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

/** A cache in two processes; the other one writes between a read of the first and its write, as often as it is told. */
async function contested(options: CacheOptions<number> = {}): Promise<{
  readonly here: Cache<number>
  readonly there: Cache<number>
  readonly clock: ManualClock
  /** How often, and by what. */
  readonly interrupt: (times: number, write: () => Promise<unknown>) => void
}> {
  const clock = new ManualClock()
  const storage = referenceStorage()
  let left = 0
  let interruption: () => Promise<unknown> = async () => undefined
  const environment = { clock, random: () => 0.5 }
  const backend = forwardingBackend(referenceBackend({ storage }), (store) => ({
    ...forwardingStore(store),
    change: async (changes) => {
      if (left > 0) {
        left--
        await interruption()
      }
      return store.change(changes)
    },
  }))
  const here = (await openCaches({ backend, environment })).define<number>('values', options)
  const other = await openCaches({ backend: referenceBackend({ storage }), environment })
  const there = other.define<number>('values', options)
  const interrupt = (times: number, write: () => Promise<unknown>): void => {
    left = times
    interruption = write
  }
  return { here, there, clock, interrupt }
}

describe('an update that another process comes before', () => {
  it('is worked out again from what that one wrote', async () => {
    const { here, there, clock, interrupt } = await contested()
    await here.set('n', 1)
    interrupt(3, () => there.increment('n', 10))
    const change = vi.fn<(current: number | undefined) => number>((current = 0) => current * 2)
    const updating = here.update('n', change)
    await clock.advanceAsync(100)
    expect(await updating).toBe(62)
    expect(change.mock.calls).toEqual([[1], [11], [21], [31]])
    expect(await there.get('n')).toBe(62)
  })

  it('is worked out again where there was nothing to begin with, or nothing fresh', async () => {
    const { here, there, clock, interrupt } = await contested({ ttl: '1m', loading: { staleFor: '1h' } })
    interrupt(1, () => there.set('n', 5))
    const first = here.increment('n')
    await clock.advanceAsync(100)
    expect(await first).toBe(6)
    await clock.advanceAsync(61_000)
    interrupt(1, () => there.set('n', 50))
    const second = here.increment('n')
    await clock.advanceAsync(100)
    expect(await second).toBe(51)
  })

  it('gives up after 64 times, and says so', async () => {
    const { here, there, clock, interrupt } = await contested()
    await here.set('n', 1)
    interrupt(64, () => there.increment('n'))
    const change = vi.fn<(current: number | undefined) => number>((current = 0) => current + 1000)
    const outcome = here.update('n', change).catch((error: unknown) => error)
    await clock.advanceAsync(10_000)
    expect(await outcome).toMatchObject({
      code: 'CONFLICT',
      message: 'An update lost 64 times against other writers; try again later',
    })
    expect(change).toHaveBeenCalledTimes(64)
    expect(await there.get('n')).toBe(65)
    interrupt(63, () => there.increment('n'))
    const last = here.update('n', change)
    await clock.advanceAsync(10_000)
    expect(await last).toBe(1128)
  })

  it('pauses for longer each time, and for no more than 20 milliseconds by chance', async () => {
    const { here, there, clock, interrupt } = await contested()
    await here.set('n', 1)
    const tried: number[] = []
    interrupt(8, () => there.increment('n'))
    const startMs = clock.monotonicMs()
    const updating = here.update('n', (current = 0) => {
      tried.push(clock.monotonicMs() - startMs)
      return current
    })
    await clock.advanceAsync(200)
    await updating
    expect(tried).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5, 45.5])
  })
})

describe('an update', () => {
  it('keeps the time, the tags and the version of the entry, unless it is told others', async () => {
    const { here, clock } = await contested({ ttl: '1h' })
    await here.set('n', 1, { ttl: '10m', tags: ['t'], version: 7 })
    await clock.advanceAsync(60_000)
    await here.increment('n')
    expect(await here.getWithMeta('n')).toMatchObject({ value: 2, tags: ['t'], version: 7 })
    expect(await here.ttl('n')).toBe(540_000)
    await here.update('n', (current = 0) => current + 1, { ttl: '20m', tags: ['u'] })
    expect(await here.getWithMeta('n')).toMatchObject({ value: 3, tags: ['u'], version: 7 })
    expect(await here.ttl('n')).toBe(1_200_000)
  })

  it('of a stale entry begins with nothing, and takes none of its tags', async () => {
    const { here, clock } = await contested({ ttl: '1m', loading: { staleFor: '1h' } })
    await here.set('n', 41, { tags: ['t'], version: 7 })
    await clock.advanceAsync(61_000)
    expect(await here.increment('n')).toBe(1)
    expect(await here.getWithMeta('n')).toMatchObject({ value: 1, tags: [] })
  })
})
