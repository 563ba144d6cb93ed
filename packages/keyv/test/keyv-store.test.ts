import { createCache } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { Keyv } from 'keyv'
import { Keyv as Keyv5 } from 'keyv-5'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCaches } from '@cache/core'
import { during, faultyBackend, ManualClock, referenceBackend } from '@cache/conformance'
import { memory } from '@cache/memory'
import { KeyvStore } from '../src/index.ts'
import { openCache } from './support.ts'

const majors = [
  ['Keyv 6', Keyv],
  ['Keyv 5', Keyv5 as unknown as typeof Keyv],
] as const

describe.each(majors)('%s', (_major, KeyvOfMajor) => {
  it('keeps values of all kinds, one by one and many at once', async () => {
    const keyv = new KeyvOfMajor({ store: new KeyvStore(await openCache()) })
    await keyv.set('object', { a: [1, 2], b: null })
    await keyv.setMany<unknown>([
      { key: 'text', value: 'x' },
      { key: 'number', value: 0, ttl: 60_000 },
      { key: 'a:b%c*', value: false },
    ])
    expect(await keyv.get('object')).toEqual({ a: [1, 2], b: null })
    expect(await keyv.getMany(['text', 'number', 'a:b%c*', 'none'])).toEqual(['x', 0, false, undefined])
    expect(await keyv.has('number')).toBe(true)
    expect(await keyv.delete('text')).toBe(true)
    expect(await keyv.has('text')).toBe(false)
  })

  it('keeps namespaces of one store apart', async () => {
    const store = new KeyvStore(await openCache())
    const users = new KeyvOfMajor({ store, namespace: 'users' })
    const orders = new KeyvOfMajor({ store, namespace: 'orders' })
    await users.set('1', 'ann')
    await orders.set('1', 'order')
    expect([await users.get('1'), await orders.get('1')]).toEqual(['ann', 'order'])
    expect(await users.delete('1')).toBe(true)
    expect([await users.get('1'), await orders.get('1')]).toEqual([undefined, 'order'])
  })

  it('clears its own namespace and nothing else', async () => {
    const cache = await openCache()
    const users = new KeyvOfMajor({ store: new KeyvStore(cache), namespace: 'a*' })
    const orders = new KeyvOfMajor({ store: new KeyvStore(cache), namespace: 'ab' })
    await users.set('1', 'ann')
    await orders.set('1', 'order')
    await users.clear()
    expect([await users.get('1'), await orders.get('1')]).toEqual([undefined, 'order'])
  })

  it('iterates over more than a page', async () => {
    const keyv = new KeyvOfMajor({ store: new KeyvStore(await openCache()), namespace: 'n' })
    const entries = Array.from({ length: 250 }, (_, index) => ({ key: `k${index}`, value: index }))
    await keyv.setMany(entries)
    const seen = new Map<string, unknown>()
    for await (const [key, value] of keyv.iterator()) seen.set(key, value)
    expect(seen.size).toBe(250)
    expect(seen.get('k249')).toBe(249)
  })

  it('lets entries end in time by the clock of the cache', async () => {
    const clock = new ManualClock()
    const caches = await createCaches({ backend: memory(), environment: { clock } })
    onTestFinished(() => caches.close())
    const cache = caches.define<unknown>('keyv', { ttl: Number.POSITIVE_INFINITY })
    const keyv = new KeyvOfMajor({ store: new KeyvStore(cache) })
    await keyv.set('short', 1, 60_000)
    await keyv.set('long', 1)
    clock.advance(60_000)
    // Keyv 5 puts its default namespace before a key.
    const left = async () =>
      (await Array.fromAsync(cache.keys())).map((key) => String(key).replace('keyv:', ''))
    expect(await left()).toEqual(['long'])
    clock.advance(40 * 86_400_000)
    expect(await left()).toEqual(['long'])
  })
})

describe('a failing backend', () => {
  it('makes reads misses, tells of values that were not stored, and rejects deletions', async () => {
    let down = false
    const fault = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const
    const backend = faultyBackend(
      referenceBackend(),
      during(() => down, fault),
    )
    const store = new KeyvStore(await openCache(backend))
    const errors: unknown[] = []
    expect(await store.set('a', 1)).toBe(true)
    down = true
    expect(await store.set('a', 2)).toBe(false)
    store.on('error', (error) => errors.push(error))
    expect(await store.set('a', 2)).toBe(false)
    expect(
      await store.setMany([
        { key: 'a', value: 1 },
        { key: 'b', value: 1, ttl: 5 },
      ]),
    ).toEqual([false, false])
    expect(await store.get('a')).toBeUndefined()
    expect(errors).toHaveLength(3)
    expect(errors[0]).toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
  })
})

describe('an entry', () => {
  it('is gone with a time to live of nothing, and has that of its cache without one', async () => {
    const clock = new ManualClock()
    const caches = await createCaches({ backend: memory(), environment: { clock } })
    onTestFinished(() => caches.close())
    const store = new KeyvStore(caches.define<unknown>('keyv', { ttl: '1m' }))
    await store.set('a', 1)
    await store.set('b', 1)
    await store.set('b', 1, -5)
    expect(await store.hasMany(['a', 'b'])).toEqual([true, false])
    clock.advance(60_000)
    expect(await store.has('a')).toBe(false)
    await store.disconnect()
    expect(await store.set('still', 'open')).toBe(true)
  })
})

describe('what takes a Keyv', () => {
  it('takes ours: cacheable', async () => {
    const primary = new Keyv5({ store: new KeyvStore(await openCache()) })
    const cacheable = new Cacheable({ primary })
    await cacheable.set('a', { n: 1 }, '1h')
    expect(await cacheable.get('a')).toEqual({ n: 1 })
    expect(await cacheable.getMany(['a', 'b'])).toEqual([{ n: 1 }, undefined])
    await cacheable.delete('a')
    expect(await cacheable.has('a')).toBe(false)
  })

  it('takes ours: cache-manager', async () => {
    const stores = [new Keyv5({ store: new KeyvStore(await openCache()), namespace: 'n' })]
    const manager = createCache({ stores })
    expect(await manager.wrap('a', async () => 7, 60_000)).toBe(7)
    expect(await manager.get('a')).toBe(7)
    await manager.mset([{ key: 'b', value: 2 }])
    expect(await manager.mget(['a', 'b'])).toEqual([7, 2])
    expect(await manager.del('a')).toBe(true)
    await manager.clear()
    expect(await manager.get('b')).toBeUndefined()
  })
})
