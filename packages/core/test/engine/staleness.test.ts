import { describe, expect, it } from 'vitest'
import {
  faultyBackend,
  ManualClock,
  referenceBackend,
  referenceStorage,
} from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Caches } from '../../src/index.ts'
import { gate, openCaches, openCachesInTime, settle } from '../support/open-caches.ts'

const staleFor = { ttl: '1m', loading: { staleFor: '10m', retryAfter: '5s' } } as const

function failing(): never {
  throw new RangeError('down')
}

describe('why an entry is stale', () => {
  it('is that nobody asked, that it is being loaded, or that its load failed lately', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', staleFor)
    await cache.set('k', 'old')
    const because = async (): Promise<string | undefined> => (await cache.getWithMeta('k'))?.staleBecause
    expect(await because()).toBeUndefined()
    clock.advance(60_000)
    expect(await because()).toBe('expired')
    const held = gate<string>()
    await cache.getOrLoad('k', () => held.promise)
    expect(await because()).toBe('loading')
    held.reject(new RangeError('down'))
    await settle()
    expect(await because()).toBe('throttled')
    clock.advance(5000)
    expect(await because()).toBe('expired')
    await cache.getOrLoad('k', () => 'new')
    await settle()
    expect(await cache.getWithMeta('k')).toMatchObject({ value: 'new', stale: false })
    expect(await because()).toBeUndefined()
  })

  it('is told of loads in another process once this one asked for a load', async () => {
    const clock = new ManualClock()
    const storage = referenceStorage()
    const open = (): Promise<Caches> =>
      openCaches({ backend: referenceBackend({ storage }), environment: { clock } })
    const here = (await open()).define<string>('values', staleFor)
    const there = (await open()).define<string>('values', staleFor)
    await here.set('k', 'old')
    clock.advance(60_000)
    const held = gate<string>()
    await here.getOrLoad('k', () => held.promise)
    expect(await there.getOrLoad('k', failing)).toBe('old')
    expect((await there.getWithMeta('k'))?.staleBecause).toBe('loading')
    held.reject(new RangeError('down'))
    await settle()
    expect(await there.getOrLoad('k', failing)).toBe('old')
    expect((await there.getWithMeta('k'))?.staleBecause).toBe('throttled')
  })

  it('says nothing of a later entry under the same key', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', staleFor)
    await cache.set('k', 'old')
    clock.advance(60_000)
    await cache.getOrLoad('k', failing)
    await settle()
    expect((await cache.getWithMeta('k'))?.staleBecause).toBe('throttled')
    await cache.set('k', 'new')
    await cache.expire('k')
    expect(await cache.getWithMeta('k')).toMatchObject({ value: 'new', staleBecause: 'expired' })
  })

  it('is remembered for a bounded number of keys', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', staleFor)
    const keys = Array.from({ length: 1025 }, (_item, index) => `k${index}`)
    await cache.setMany(keys.map((key) => [key, 1] as const))
    clock.advance(60_000)
    for (const key of keys) await cache.getOrLoad(key, failing)
    await settle()
    expect((await cache.getWithMeta('k0'))?.staleBecause).toBe('expired')
    expect((await cache.getWithMeta('k1'))?.staleBecause).toBe('throttled')
  })
})

describe('isCurrent', () => {
  it('is true for the fresh entry with that revision alone', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', staleFor)
    await cache.set('k', 'one')
    const revision = (await cache.getWithMeta('k'))?.revision ?? ''
    expect(await cache.isCurrent('k', revision)).toBe(true)
    expect(await cache.isCurrent('other', revision)).toBe(false)
    clock.advance(60_000)
    expect(await cache.isCurrent('k', revision)).toBe(false)
    await cache.set('k', 'one')
    expect(await cache.isCurrent('k', revision)).toBe(false)
    await expect(cache.isCurrent('', revision)).rejects.toMatchObject({ code: 'INVALID_KEY' })
  })

  it('asks a shared store once and decodes nothing, and asks nothing while L1 may answer', async () => {
    const clock = new ManualClock()
    const calls: string[] = []
    let away = false
    const backend = faultyBackend(referenceBackend(), ({ operation }) => {
      calls.push(operation)
      return away ? { kind: 'fail', code: 'BACKEND_UNREACHABLE' } : undefined
    })
    const caches = await openCaches({ backend, l1: memory(), environment: { clock } })
    let decoded = 0
    const codec = {
      id: 200,
      name: 'counted',
      encode: (value: unknown) => String(value),
      decode: (payload: string | Uint8Array) => {
        decoded++
        return payload
      },
    }
    const far = caches.define<string>('far', { l1: false, values: { codec } })
    await far.set('k', 'v')
    const revision = (await far.getWithMeta('k'))?.revision ?? ''
    decoded = 0
    calls.length = 0
    expect(await far.isCurrent('k', revision)).toBe(true)
    expect(calls).toEqual(['read'])
    expect(decoded).toBe(0)

    const near = caches.define<string>('near')
    await near.set('k', 'v')
    const written = (await near.getWithMeta('k'))?.revision ?? ''
    calls.length = 0
    expect(await near.isCurrent('k', written)).toBe(true)
    expect(calls).toEqual([])
    away = true
    expect(await far.isCurrent('k', revision)).toBe(false)
  })
})
