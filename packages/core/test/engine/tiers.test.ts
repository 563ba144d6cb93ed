import { describe, expect, it } from 'vitest'
import {
  everyNth,
  during,
  faultyBackend,
  forwardingBackend,
  forwardingStore,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Caches, CachesOptions } from '../../src/index.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'

/** Two processes with a tier of their own over one store, in one time. */
async function twoProcesses(
  options: Partial<CachesOptions> = {},
): Promise<{ a: Caches; b: Caches; clock: ManualClock }> {
  const clock = new ManualClock()
  const storage = referenceStorage()
  const environment = { clock, random: () => 0.5 }
  const open = (): Promise<Caches> =>
    openCaches({ backend: referenceBackend({ storage }), l1: memory(), environment, ...options })
  return { a: await open(), b: await open(), clock }
}

describe('L1 over a shared store', () => {
  it('answers without the store, and says so', async () => {
    const { a } = await twoProcesses()
    const cache = a.define<{ n: number }>('values')
    await cache.set('k', { n: 1 })
    expect(cache.peek('k')).toEqual({ n: 1 })
    expect((await cache.getWithMeta('k'))?.source).toBe('l1')
    await cache.get('k')
    expect(cache.stats()).toMatchObject({ storeHits: 0, localHits: 2 })
  })

  it('is filled by reads and loads', async () => {
    const { a, b } = await twoProcesses()
    const [here, there] = [a.define<number>('values'), b.define<number>('values')]
    await here.set('read', 1)
    await here.getOrLoad('loaded', () => 2)
    expect(here.peek('loaded')).toBe(2)
    expect(await there.get('read')).toBe(1)
    expect(await there.getOrLoad('loaded', () => 3)).toBe(2)
    expect(there.peek('read')).toBe(1)
    expect(there.peek('loaded')).toBe(2)
  })

  it.each(['delete', 'set', 'tag', 'clear', 'expire'] as const)(
    'follows a %s of another process within the bound',
    async (kind) => {
      const { a, b, clock } = await twoProcesses()
      const [here, there] = [a.define<string>('values'), b.define<string>('values')]
      await here.set('k', 'old', { tags: ['t'] })
      await there.get('k')
      expect(there.peek('k')).toBe('old')
      if (kind === 'delete') await here.delete('k')
      else if (kind === 'set') await here.set('k', 'new')
      else if (kind === 'tag') await a.invalidateTags(['t'])
      else if (kind === 'clear') await here.clear()
      else await here.expire('k')
      clock.advance(1001)
      expect(await there.get('k')).toBe(kind === 'set' ? 'new' : undefined)
      clock.advance(600)
      await there.get('k')
      await settle()
      expect(there.peek('k')).toBe(kind === 'set' ? 'new' : undefined)
    },
  )

  it('asks for changes half way through the bound, so that busy caches stay in step', async () => {
    const { a, b, clock } = await twoProcesses()
    const [here, there] = [a.define<string>('values'), b.define<string>('values')]
    await here.setMany([
      ['k', 'old'],
      ['other', 'x'],
    ])
    await there.getMany(['k', 'other'])
    await here.delete('k')
    clock.advance(600)
    expect(there.peek('other')).toBe('x')
    await settle()
    expect(there.peek('k')).toBeUndefined()
    clock.advance(900)
    expect(there.peek('other')).toBe('x')
  })

  it('is not asked when it may be further behind than the bound', async () => {
    const { a, clock } = await twoProcesses({ within: '100ms' })
    const cache = a.define<string>('values')
    await cache.set('k', 'v')
    await cache.get('k')
    clock.advance(101)
    expect(cache.peek('k')).toBeUndefined()
    expect(await cache.get('k')).toBe('v')
  })

  it('answers within a bound of 0 where the store can say that nothing changed', async () => {
    const { a, b } = await twoProcesses({ within: 0 })
    const [here, there] = [a.define<string>('values'), b.define<string>('values')]
    await here.set('k', 'old', { tags: ['t'] })
    await here.set('other', 'x')
    expect(await there.get('k')).toBe('old')
    expect(there.peek('k')).toBe('old')
    const changes = [
      () => here.set('k', 'new'),
      () => a.invalidateTags(['t']),
      () => here.delete('other'),
      () => here.clear(),
    ]
    for (const change of changes) {
      await change()
      expect(there.peek('k')).toBeUndefined()
      expect(await there.get('k')).toBe(await here.get('k'))
      await settle()
    }
    await here.set('k', 'last')
    await there.get('k')
    await settle()
    await there.get('k')
    expect(there.peek('k')).toBe('last')
    expect(there.stats().localHits).toBeGreaterThan(0)
  })

  it('is not kept where the bound is 0 and the store cannot say so', async () => {
    const { a } = await twoProcesses({
      backend: forwardingBackend(referenceBackend(), (store) => ({
        ...forwardingStore(store),
        unchangedSince: undefined,
      })),
    })
    const cache = a.define<string>('values', { l1: { within: 0 } })
    await cache.set('k', 'v')
    expect(cache.peek('k')).toBeUndefined()
    expect(await cache.get('k')).toBe('v')
    expect(cache.stats().localEntries).toBe(0)
  })

  it('has a time of its own, never longer than the entry has left', async () => {
    const { a, b, clock } = await twoProcesses({ within: '1h' })
    const [here, there] = [
      a.define<string>('values', { ttl: '1m' }),
      b.define<string>('values', { ttl: '1m', l1: { ttl: '100ms' } }),
    ]
    await here.set('k', 'v')
    clock.advance(59_950)
    await there.get('k')
    clock.advance(49)
    expect(there.peek('k')).toBe('v')
    clock.advance(1)
    expect(there.peek('k')).toBeUndefined()
    expect(await there.get('k')).toBeUndefined()
  })

  it('never keeps what an invalidation overtook on the way', async () => {
    const clock = new ManualClock()
    const storage = referenceStorage()
    let isSlow = false
    const slow = faultyBackend(referenceBackend({ storage }), ({ operation }) =>
      operation === 'read' && isSlow ? { kind: 'delay', ms: 50 } : undefined,
    )
    const caches = await openCaches({ backend: slow, l1: memory(), environment: { clock } })
    const cache = caches.define<string>('values')
    const other = (
      await openCaches({ backend: referenceBackend({ storage }), environment: { clock } })
    ).define<string>('values')
    await cache.get('warm')
    await other.set('k', 'old')
    isSlow = true
    const reading = cache.get('k')
    await settle()
    await cache.delete('k')
    await clock.advanceAsync(50)
    await reading
    expect(cache.peek('k')).toBeUndefined()
  })

  it('loads once for all processes, and the others wait for it', async () => {
    const { a, b, clock } = await twoProcesses()
    const [here, there] = [a.define<string>('values'), b.define<string>('values')]
    const held = gate<string>()
    let loads = 0
    const load = (): Promise<string> => {
      loads++
      return held.promise
    }
    const first = here.getOrLoad('k', load)
    await settle()
    const second = there.getOrLoad('k', load)
    await settle()
    held.resolve('v')
    await first
    await clock.advanceAsync(100)
    expect(await second).toBe('v')
    expect(loads).toBe(1)
  })

  it('another process takes over when the lease of a silent loader ends', async () => {
    const clock = new ManualClock()
    const storage = referenceStorage()
    const frozen = new ManualClock()
    const dead = await openCaches({ backend: referenceBackend({ storage }), environment: { clock: frozen } })
    void dead
      .define<string>('values')
      .getOrLoad('k', () => new Promise(() => undefined))
      .catch(() => undefined)
    await settle()
    const alive = (
      await openCaches({ backend: referenceBackend({ storage }), environment: { clock } })
    ).define<string>('values')
    let loads = 0
    const call = alive.getOrLoad('k', () => {
      loads++
      return 'v'
    })
    await clock.advanceAsync(2900)
    await settle()
    expect(loads).toBe(0)
    await clock.advanceAsync(200)
    expect(await call).toBe('v')
  })

  it('keeps nothing across caches, versions or prefixes', async () => {
    const { a, b, clock } = await twoProcesses()
    const old = a.define<string>('values', { version: 1 })
    const next = b.define<string>('values', { version: 2 })
    await old.set('k', 'v1')
    expect(await next.get('k')).toBeUndefined()
    await next.getOrLoad('k', () => 'v2')
    expect(await old.get('k')).toBe('v1')
    await next.delete('k')
    clock.advance(1001)
    expect(await old.get('k')).toBeUndefined()
  })

  it('reaches caches that only another process has defined', async () => {
    const { a, b } = await twoProcesses()
    const cache = b.define<string>('theirs', { l1: false })
    await cache.set('k', 'v', { tags: ['t'] })
    await a.invalidateTags(['t'])
    expect(await cache.get('k')).toBeUndefined()
    await cache.set('k', 'v')
    await a.clear()
    expect(await cache.get('k')).toBeUndefined()
  })

  it('is empty after a change that was not acknowledged', async () => {
    const clock = new ManualClock()
    let down = false
    const backend = faultyBackend(
      referenceBackend(),
      during(() => down, { kind: 'lose-reply', code: 'BACKEND_TIMEOUT' }),
    )
    const caches = await openCaches({ backend, l1: memory(), environment: { clock } })
    const cache = caches.define<string>('values')
    await cache.set('k', 'v')
    await cache.set('other', 'v')
    down = true
    await expect(cache.delete('k')).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
    expect(cache.peek('k')).toBeUndefined()
    down = false
    expect(await cache.get('other')).toBe('v')
    expect(await cache.get('k')).toBeUndefined()
  })

  it('serves what was loaded while the store was away, for the bound and no longer', async () => {
    const clock = new ManualClock()
    const backend = faultyBackend(
      referenceBackend(),
      everyNth(1, { kind: 'fail', code: 'BACKEND_UNREACHABLE' }),
    )
    const caches = await openCaches({ backend, l1: memory(), environment: { clock } })
    const cache = caches.define<number>('values')
    let loads = 0
    const load = (): number => ++loads
    for (let call = 0; call < 3; call++) expect(await cache.getOrLoad('k', load)).toBe(1)
    clock.advance(1000)
    expect(await cache.getOrLoad('k', load)).toBe(2)
  })
})

describe('a tier that is written and not read', () => {
  it('keeps up with the log, so that it need not be emptied', async () => {
    const { a } = await twoProcesses()
    const cache = a.define<number>('values')
    for (let index = 0; index < 3000; index++) await cache.set(`k${index}`, index)
    await settle()
    expect(cache.peek('k0')).toBe(0)
    expect(cache.peek('k2999')).toBe(2999)
    await settle()
    expect(cache.peek('k0')).toBe(0)
    expect(cache.stats().localEntries).toBe(3000)
  })
})
