import {
  counterStep,
  faultyBackend,
  forwardingBackend,
  forwardingStore,
  onlyFor,
  type ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { describe, expect, it } from 'vitest'
import type { CacheBackend, StateStore } from '../../src/index.ts'
import { openCaches, openCachesInTime } from '../support/open-caches.ts'

const hourMs = 3_600_000

/** A backend of somebody's who has not heard of steps. */
function withoutSteps(backend: CacheBackend): CacheBackend {
  return forwardingBackend(backend, (store) => ({ ...forwardingStore(store), step: undefined }))
}

describe.each([
  ['in this process', undefined],
  ['with steps', () => referenceBackend()],
  ['without steps', () => withoutSteps(referenceBackend())],
] as const)('the state of a store %s', (_name, backend) => {
  async function opened(): Promise<{ state: StateStore; clock: ManualClock }> {
    const { caches, clock } = await openCachesInTime(backend ? { backend: backend() } : {})
    return { state: caches.state('counts'), clock }
  }

  it('is stepped, one step after another', async () => {
    const { state } = await opened()
    const outputs = await Promise.all(
      Array.from({ length: 50 }, async () => state.step('k', counterStep, { by: 1, keptForMs: hourMs })),
    )
    expect(outputs.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    )
  })

  it('ends with its time, and earlier where a step says so', async () => {
    const { state, clock } = await opened()
    await state.step('short', counterStep, { by: 1, keptForMs: 100 })
    await state.step('removed', counterStep, { by: 1, keptForMs: hourMs })
    await state.step('removed', counterStep, { by: 1, keptForMs: 0 })
    await clock.advanceAsync(102)
    const look = { by: 0, keptForMs: undefined }
    expect((await state.step('short', counterStep, look)).count).toBe(0)
    expect((await state.step('removed', counterStep, look)).count).toBe(0)
  })

  it('lives in a time that goes on with the clock and never back', async () => {
    const { state, clock } = await opened()
    const times: number[] = []
    for (const [passMs, stepMs] of [
      [0, 0],
      [10, 0],
      [10, -hourMs],
      [10, hourMs],
    ] as const) {
      await clock.advanceAsync(passMs)
      clock.stepWall(stepMs)
      times.push((await state.step('k', counterStep, { by: 1, keptForMs: hourMs })).nowMs)
    }
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 10, 20, 30])
  })
})

describe('a state store', () => {
  it('loses no step of two processes, with steps or without', async () => {
    const storage = referenceStorage()
    const one = await openCaches({ backend: withoutSteps(referenceBackend({ storage })) })
    const two = await openCaches({ backend: withoutSteps(referenceBackend({ storage })) })
    const states = [one.state('counts'), two.state('counts')]
    const steps = states.flatMap((state) =>
      Array.from({ length: 20 }, async () => state.step('k', counterStep, { by: 1, keptForMs: hourMs })),
    )
    await Promise.all(steps)
    expect(await states[0]?.step('k', counterStep, { by: 0, keptForMs: undefined })).toMatchObject({
      count: 40,
    })
  })

  it('is left alone when all caches are cleared, also by a process that does not know of it', async () => {
    const storage = referenceStorage()
    const caches = await openCaches({ backend: referenceBackend({ storage }) })
    const state = caches.state('counts')
    const sessions = caches.defineState<string>('sessions')
    await state.step('k', counterStep, { by: 1, keptForMs: hourMs })
    await sessions.set('s', 'Ada', { tags: ['user:1'] })
    const other = await openCaches({ backend: referenceBackend({ storage }) })
    for (const each of [caches, other]) {
      await each.clear()
      await each.invalidateTags(['user:1'])
    }
    expect(await state.step('k', counterStep, { by: 1, keptForMs: hourMs })).toMatchObject({ count: 2 })
    expect(await sessions.get('s')).toBe('Ada')
  })

  it('shares no name with a cache or with another state', async () => {
    const caches = await openCaches()
    caches.state('locks')
    caches.define('locks')
    expect(() => caches.define('state')).toThrow(expect.objectContaining({ code: 'CACHE_CONFLICT' }))
    expect(() => caches.define('state:locks')).toThrow(expect.objectContaining({ code: 'CACHE_CONFLICT' }))
    expect(() => caches.state('locks')).toThrow(expect.objectContaining({ code: 'CACHE_CONFLICT' }))
    expect(() => caches.defineState('locks')).toThrow(expect.objectContaining({ code: 'CACHE_CONFLICT' }))
    expect(() => caches.state('no name')).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => caches.state('x', { maxEntries: 0 })).toThrow(/maxEntries/)
    expect(() => caches.state('x', { max: 1 } as never)).toThrow(/no option 'max'/)
  })

  it('keeps no more keys than it may', async () => {
    const caches = await openCaches()
    const state = caches.state('counts', { maxEntries: 10 })
    for (let key = 0; key < 100; key++) await state.step(`${key}`, counterStep, { by: 1, keptForMs: hourMs })
    expect(await state.entries.count()).toBe(10)
  })

  it('rejects when the backend does not answer, and opens the circuit', async () => {
    const backend = faultyBackend(
      referenceBackend(),
      onlyFor(['step'], () => ({ kind: 'fail', code: 'BACKEND_UNREACHABLE' })),
    )
    const caches = await openCaches({ backend })
    const state = caches.state('counts')
    const step = async () => state.step('k', counterStep, { by: 1, keptForMs: hourMs })
    for (let call = 0; call < 10; call++)
      await expect(step()).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await expect(step()).rejects.toThrow(/circuit breaker/)
  })

  it('refuses steps after its caches were closed', async () => {
    const caches = await openCaches()
    const state = caches.state('counts')
    await caches.close()
    const step = async () => state.step('k', counterStep, { by: 1, keptForMs: hourMs })
    await expect(step()).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => caches.state('later')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  })

  it('gives up a step that others hinder again and again, after pauses that grow and then stay', async () => {
    const readAtMs: number[] = []
    const backend = forwardingBackend(referenceBackend(), (store) => ({
      ...forwardingStore(store),
      step: undefined,
      read: (keys) => {
        readAtMs.push(clock.monotonicMs())
        return store.read(keys)
      },
      change: async (changes) => ({
        ...(await store.change([])),
        outcomes: changes.map(() => 'conflict' as const),
      }),
    }))
    const { caches, clock } = await openCachesInTime({ backend })
    const stepping = Promise.resolve(
      caches.state('counts').step('k', counterStep, { by: 1, keptForMs: hourMs }),
    ).catch((error: unknown) => error)
    await clock.advanceAsync(1000)
    expect(await stepping).toMatchObject({
      code: 'CONFLICT',
      message: 'A step lost 64 times against other writers; try again later',
    })
    const pauses = readAtMs.slice(1).map((atMs, index) => atMs - (readAtMs[index] ?? 0))
    expect(pauses.slice(0, 7)).toEqual([0.5, 1, 2, 4, 8, 10, 10])
    expect(pauses).toHaveLength(63)
    expect(pauses.slice(7).every((pauseMs) => pauseMs === 10)).toBe(true)
  })

  it('asks for no change where a step makes none', async () => {
    let changes = 0
    const backend = forwardingBackend(referenceBackend(), (store) => ({
      ...forwardingStore(store),
      step: undefined,
      change: (asked) => {
        changes++
        return store.change(asked)
      },
    }))
    const caches = await openCaches({ backend })
    const state = caches.state('counts')
    const look = { by: 0, keptForMs: undefined }
    await state.step('k', counterStep, look)
    expect(changes).toBe(0)
    await state.step('k', counterStep, { by: 2, keptForMs: hourMs })
    expect(changes).toBe(1)
    expect(await state.step('k', counterStep, look)).toMatchObject({ count: 2 })
    expect(changes).toBe(1)
  })
})
