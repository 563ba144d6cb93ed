import { describe, expect, it } from 'vitest'
import { forwardingBackend, forwardingStore, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache, CachesOptions } from '../../src/index.ts'
import { eventsOf } from '../support/fleet.ts'
import { openCaches, openCachesInTime } from '../support/open-caches.ts'

/** A cache over a shared store, and how many keys or changes each of its calls was for. */
async function counted(upkeep: CachesOptions['upkeep']): Promise<{
  readonly cache: Cache<number>
  readonly asked: { readonly read: number[]; readonly change: number[]; readonly scan: number[] }
}> {
  const asked = { read: [] as number[], change: [] as number[], scan: [] as number[] }
  const backend = forwardingBackend(referenceBackend(), (store) => ({
    ...forwardingStore(store),
    read: (keys) => (asked.read.push(keys.length), store.read(keys)),
    change: (changes) => (asked.change.push(changes.length), store.change(changes)),
    scan: (request) => (asked.scan.push(request.limit), store.scan(request)),
  }))
  const cache = (await openCaches({ backend, upkeep })).define<number>('values')
  return { cache, asked }
}

const entries = ['a', 'b', 'c', 'd', 'e'].map((key, index) => [key, index] as const)
const keys = entries.map(([key]) => key)

describe('calls for many keys', () => {
  it('go to the backend in pieces of pipelineSize, one after the other, and in order', async () => {
    const { cache, asked } = await counted({ pipelineSize: 2, scanCount: 3 })
    expect(await cache.setMany(entries)).toBe(true)
    expect(await cache.getMany(keys)).toEqual([0, 1, 2, 3, 4])
    expect(await cache.getMany(['e', 'none', 'a'])).toEqual([4, undefined, 0])
    expect(await cache.getMany(['b', 'c'])).toEqual([1, 2])
    expect(await cache.deleteMany([...keys, 'none'])).toBe(5)
    expect(asked.change).toEqual([2, 2, 1, 2, 2, 2])
    expect(asked.read).toEqual([2, 2, 1, 2, 1, 2])
    expect(await Array.fromAsync(cache.keys())).toEqual([])
    expect(asked.scan).toEqual([3])
  })

  it('go there at once where nothing is set', async () => {
    const { cache, asked } = await counted({})
    await cache.setMany(entries)
    expect(await cache.getMany(keys)).toEqual([0, 1, 2, 3, 4])
    expect(await cache.deleteMany(keys)).toBe(5)
    expect([asked.read, asked.change]).toEqual([[5], [5, 5]])
  })

  it('of nothing ask nothing', async () => {
    const { cache, asked } = await counted({ pipelineSize: 2 })
    expect(await cache.setMany([])).toBe(true)
    expect(await cache.getMany([])).toEqual([])
    expect(await cache.deleteMany([])).toBe(0)
    expect(asked.change).toEqual([])
  })

  it('list page by page what matches', async () => {
    const { cache, asked } = await counted({ scanCount: 2 })
    await cache.setMany(entries, { tags: ['t'] })
    expect(new Set(await Array.fromAsync(cache.keys()))).toEqual(new Set(keys))
    expect(new Set(await Array.fromAsync(cache.keysWithTag('t')))).toEqual(new Set(keys))
    expect(await Array.fromAsync(cache.keysWithTag('other'))).toEqual([])
    expect(await cache.countWithTags(['t', 'other'])).toBe(5)
    expect(new Set(asked.scan)).toEqual(new Set([2]))
    expect(asked.scan.length).toBeGreaterThanOrEqual(9)
  })
})

describe('what is looked at in this process alone', () => {
  it('is counted and told of as a hit of L1, whatever the form of its key', async () => {
    const { caches, clock } = await openCachesInTime({ backend: referenceBackend(), l1: memory() })
    const cache = caches.define<unknown>('values', { ttl: '1m' })
    const map = new Map([['a', 1]])
    await cache.setMany([
      ['plain', { a: 1 }],
      [['list', 1], 2],
      ['mutable', map],
    ])
    const reads = eventsOf('cache:read')
    expect(cache.peek('plain')).toEqual({ a: 1 })
    expect(cache.peek(['list', 1])).toBe(2)
    expect(cache.peek('mutable')).toEqual(map)
    expect(cache.peek('mutable')).not.toBe(cache.peek('mutable'))
    expect(cache.peek('none')).toBeUndefined()
    expect(cache.stats()).toMatchObject({ localHits: 5, misses: 0 })
    expect(await cache.get('plain')).toEqual({ a: 1 })
    expect(await cache.get(['list', 1])).toBe(2)
    expect(await cache.get('mutable')).toEqual(map)
    expect(reads.map(({ outcome, key }) => `${outcome} ${key}`)).toEqual([
      'l1-hit plain',
      'l1-hit list:1',
      'l1-hit mutable',
    ])
    expect(await cache.getOrLoad('plain', () => 'never')).toEqual({ a: 1 })
    expect(reads.at(-1)).toMatchObject({ outcome: 'l1-hit', key: 'plain', prefix: 'cache', cache: 'values' })
    clock.advance(60_000)
    expect(cache.peek('plain')).toBeUndefined()
  })

  it('is counted from the last reset on', async () => {
    const { caches, clock } = await openCachesInTime()
    clock.advance(500)
    const cache = caches.define<number>('values')
    clock.advance(300)
    await cache.set('k', 1)
    expect(cache.stats()).toMatchObject({ cache: 'values', uptimeMs: 300, localEntries: 1, writes: 1 })
    expect(cache.stats().localBytes).toBeGreaterThan(0)
    cache.resetStats()
    clock.advance(20)
    expect(cache.stats()).toMatchObject({ uptimeMs: 20, localEntries: 1, writes: 0 })
  })
})

describe('increment and append', () => {
  it('begin with nothing, go by one, and keep the last of a list', async () => {
    const caches = await openCaches()
    const numbers = caches.define<number>('numbers')
    expect([
      await numbers.increment('n'),
      await numbers.increment('n'),
      await numbers.increment('n', 5),
    ]).toEqual([1, 2, 7])
    const lists = caches.define<string[]>('lists')
    expect(await lists.append('l', ['a', 'b'])).toBe(2)
    expect(await lists.append('l', ['c', 'd'], { maxLength: 3, tags: ['t'] })).toBe(3)
    expect(await lists.getWithMeta('l')).toMatchObject({ value: ['b', 'c', 'd'], tags: ['t'] })
    expect(await lists.append('l', [], { maxLength: 1 })).toBe(1)
    expect(await lists.get('l')).toEqual(['d'])
  })
})
