import { describe, expect, it, vi } from 'vitest'
import {
  forwardingBackend,
  forwardingStore,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import type { Cache, CacheOptions, EntryStore } from '../../src/index.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'

/** A cache in two processes, and the store as somebody has it who never comes back. */
async function twoProcesses(options: CacheOptions<string> = {}): Promise<{
  readonly here: Cache<string>
  readonly there: Cache<string>
  readonly lost: EntryStore
  readonly clock: ManualClock
  /** When the other process asked for the right to load. */
  readonly askedMs: number[]
}> {
  const clock = new ManualClock()
  const storage = referenceStorage()
  const askedMs: number[] = []
  const noting = (store: EntryStore): EntryStore => ({
    ...forwardingStore(store),
    acquire: (key, request) => {
      askedMs.push(clock.monotonicMs())
      return store.acquire(key, request)
    },
  })
  const environment = { clock, random: () => 0.5 }
  const open = async (backend = referenceBackend({ storage })): Promise<Cache<string>> =>
    (await openCaches({ backend, environment })).define<string>('values', options)
  const here = await open()
  const there = await open(forwardingBackend(referenceBackend({ storage }), noting))
  const third = referenceBackend({ storage })
  await third.start({ prefix: 'cache', clock, report: () => undefined })
  const limits = { maxEntries: Infinity, maxBytes: Infinity, onEvict: () => undefined }
  const lost = third.store({ cache: 'values', version: 1, ...limits })
  return { here, there, lost, clock, askedMs }
}

describe('a load in another process', () => {
  it('is waited for, and its value is that of all', async () => {
    const { here, there, clock } = await twoProcesses()
    const held = gate<string>()
    const loading = here.getOrLoad('k', () => held.promise)
    await settle()
    const load = vi.fn<() => string>(() => 'there')
    const waiting = there.getOrLoad('k', load)
    await clock.advanceAsync(500)
    held.resolve('here')
    await clock.advanceAsync(60)
    expect([await loading, await waiting]).toEqual(['here', 'here'])
    expect(load).not.toHaveBeenCalled()
  })

  it('is asked for after 2, 4, 8 … and at most 50 milliseconds', async () => {
    const { there, lost, clock, askedMs } = await twoProcesses()
    await lost.acquire('k', { token: 'lost', leaseMs: 10_000, refresh: false })
    const startMs = clock.monotonicMs()
    const waiting = there.getOrLoad('k', () => 'there')
    await clock.advanceAsync(240)
    expect(askedMs.map((ms) => ms - startMs)).toEqual([0, 2, 6, 14, 30, 62, 112, 162, 212])
    await clock.advanceAsync(10_000)
    expect(await waiting).toBe('there')
  })

  it('is taken over within the lease time when its process is gone', async () => {
    const { there, lost, clock } = await twoProcesses({ loading: { leaseTime: '2s' } })
    await lost.acquire('k', { token: 'lost', leaseMs: 2000, refresh: false })
    const load = vi.fn<() => string>(() => 'there')
    const waiting = there.getOrLoad('k', load)
    await clock.advanceAsync(1999)
    expect(load).not.toHaveBeenCalled()
    await clock.advanceAsync(51)
    expect(await waiting).toBe('there')
    expect(load).toHaveBeenCalledOnce()
  })

  it('is waited for as long as it renews its lease, and leaves no timer behind', async () => {
    const { here, there, clock } = await twoProcesses({ loading: { hardTimeout: '10m' } })
    const idle = clock.pendingTimers
    const held = gate<string>()
    const loading = here.getOrLoad('k', () => held.promise)
    await settle()
    const load = vi.fn<() => string>(() => 'there')
    const waiting = there.getOrLoad('k', load)
    await clock.advanceAsync(60_000)
    expect(load).not.toHaveBeenCalled()
    held.resolve('here')
    await clock.advanceAsync(60)
    expect([await loading, await waiting]).toEqual(['here', 'here'])
    expect(clock.pendingTimers).toBe(idle)
  })

  it('is waited for no longer than the hard timeout, and is not made up for without the lease', async () => {
    const { there, lost, clock } = await twoProcesses({ loading: { hardTimeout: '2s' } })
    await lost.acquire('k', { token: 'lost', leaseMs: 3_600_000, refresh: false })
    const load = vi.fn<() => string>(() => 'there')
    const outcome = there.getOrLoad('k', load).catch((error: unknown) => error)
    await clock.advanceAsync(2060)
    expect(await outcome).toMatchObject({
      code: 'LOADER_TIMEOUT',
      message: 'Another process held the lease for longer than the hard timeout',
    })
    expect(load).not.toHaveBeenCalled()
  })

  it('that failed is followed at once by one of those who wait', async () => {
    const { here, there, clock } = await twoProcesses()
    const held = gate<string>()
    const loading = here.getOrLoad('k', () => held.promise).catch((error: unknown) => error)
    await settle()
    const waiting = there.getOrLoad('k', () => 'there')
    held.reject(new Error('down'))
    await clock.advanceAsync(5)
    expect(await loading).toEqual(new Error('down'))
    expect(await waiting).toBe('there')
  })

  it('whose result is not to be stored lets the next ones load side by side, for a third of the lease time', async () => {
    const { here, there, clock } = await twoProcesses()
    await here.getOrLoad('k', ({ skip }) => {
      skip()
      return 'not stored'
    })
    const held = gate<string>()
    const loads = [here, there].map((cache) => cache.getOrLoad('k', () => held.promise))
    await settle()
    const second = vi.fn<() => Promise<string>>(() => held.promise)
    loads.push(here.getOrLoad('k', second))
    await settle()
    expect(second).toHaveBeenCalledOnce()
    held.resolve('each')
    expect(await Promise.all(loads)).toEqual(['each', 'each', 'each'])
    expect(await here.get('k')).toBeUndefined()
    await clock.advanceAsync(1000)
    const load = vi.fn<() => Promise<string>>(async () => 'stored')
    const [one, other] = [here.getOrLoad('k', load), there.getOrLoad('k', load)]
    await clock.advanceAsync(60)
    expect([await one, await other]).toEqual(['stored', 'stored'])
    expect(load).toHaveBeenCalledOnce()
  })

  it('that fails leaves a stale entry to all, and is not tried again before its time', async () => {
    const options = { ttl: '1m', loading: { staleFor: '1h', retryAfter: '5s' } } as const
    const { here, there, clock } = await twoProcesses(options)
    await here.set('k', 'old')
    await clock.advanceAsync(61_000)
    const failing = vi.fn<() => Promise<string>>(() => Promise.reject(new Error('down')))
    expect(await here.getOrLoad('k', failing)).toBe('old')
    await settle()
    expect(failing).toHaveBeenCalledOnce()
    const load = vi.fn<() => string>(() => 'new')
    expect(await there.getOrLoad('k', load)).toBe('old')
    await clock.advanceAsync(4900)
    expect(await there.getOrLoad('k', load)).toBe('old')
    expect(load).not.toHaveBeenCalled()
    await clock.advanceAsync(200)
    expect(await there.getOrLoad('k', load)).toBe('old')
    await settle()
    expect(load).toHaveBeenCalledOnce()
    expect(await here.get('k')).toBe('new')
  })
})
