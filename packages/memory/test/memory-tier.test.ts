import type { EvictionReason, LocalTier } from '@cache/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { memory, type Memory } from '../src/index.ts'
import { entryOverheadBytes, tagOverheadBytes } from '../src/memory-tier.ts'
import { keysNamed, tierEntry } from './support.ts'

let evicted: (readonly [string, EvictionReason])[]

beforeEach(() => {
  evicted = []
})

function tierOf(
  from: Memory,
  limits: { readonly maxEntries?: number; readonly maxBytes?: number } = {},
): LocalTier {
  return from.createTier({
    cache: 'c',
    maxEntries: limits.maxEntries ?? Number.POSITIVE_INFINITY,
    maxBytes: limits.maxBytes ?? Number.POSITIVE_INFINITY,
    onEvict: (key, reason) => void evicted.push([key, reason]),
  })
}

/** Bytes that the entries of {@link tierEntry} take, with keys of this length. */
function bytesOf(entries: number, keyLength: number): number {
  return entries * (entryOverheadBytes + keyLength + 100)
}

describe('a tier', () => {
  it('keeps entries and counts them and their bytes', () => {
    const tier = tierOf(memory())
    const entry = tierEntry('a')
    tier.set('a', entry)
    tier.set('b', tierEntry('b'))
    tier.set('b', tierEntry('b', { sizeBytes: 250 }))
    expect(tier.get('a')).toBe(entry)
    expect(tier.peek('c')).toBeUndefined()
    expect([tier.size, tier.sizeBytes]).toEqual([2, 350])
    expect([tier.delete('b'), tier.delete('b')]).toEqual([true, false])
    expect([tier.size, tier.sizeBytes]).toEqual([1, 100])
    tier.clear()
    expect([tier.size, tier.sizeBytes, tier.get('a')]).toEqual([0, 0, undefined])
    expect(evicted).toEqual([])
  })

  it('counts an entry that is set again once', () => {
    const tier = tierOf(memory())
    const entry = tierEntry('a')
    tier.set('a', entry)
    tier.set('a', entry)
    expect([tier.size, tier.sizeBytes]).toEqual([1, 100])
  })

  it('evicts the least recently used beyond its entries; a peek is no use', () => {
    const tier = tierOf(memory(), { maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) tier.set(key, tierEntry(key))
    tier.get('a')
    tier.peek('b')
    tier.set('d', tierEntry('d'))
    expect(evicted).toEqual([['b', 'entries']])
    tier.set('a', tierEntry('a'))
    tier.set('e', tierEntry('e'))
    expect(evicted.at(-1)).toEqual(['c', 'entries'])
  })

  it('takes the lower limit on entries of the process and of the cache', () => {
    const tier = tierOf(memory({ maxEntries: 2 }), { maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) tier.set(key, tierEntry(key))
    expect(tier.size).toBe(2)
  })

  it('evicts as many as a large entry needs', () => {
    const tier = tierOf(memory(), { maxBytes: 1000 })
    for (const key of keysNamed('k', 10)) tier.set(key, tierEntry(key))
    tier.set('large', tierEntry('large', { sizeBytes: 750 }))
    expect(tier.sizeBytes).toBeLessThanOrEqual(1000)
    expect(evicted).toHaveLength(8)
    expect(new Set(evicted.map(([, reason]) => reason))).toEqual(new Set(['bytes']))
    expect(tier.get('large')).toBeDefined()
  })

  it('does not keep an entry larger than its limit, and drops what was under the key', () => {
    const tier = tierOf(memory(), { maxBytes: 1000 })
    tier.set('k', tierEntry('k'))
    tier.set('other', tierEntry('other'))
    tier.set('k', tierEntry('k', { sizeBytes: 1001 }))
    expect(tier.get('k')).toBeUndefined()
    expect(tier.get('other')).toBeDefined()
    expect([tier.sizeBytes, evicted]).toEqual([100, []])
  })

  it('can be changed while its entries are looped over', () => {
    const tier = tierOf(memory())
    const keys = keysNamed('k', 100)
    for (const key of keys) tier.set(key, tierEntry(key))
    const seen: string[] = []
    for (const [key] of tier.entries()) {
      seen.push(key)
      tier.delete(key)
      if (seen.length > 1000) break
      if (seen.length === 50) tier.clear()
    }
    expect(seen).toHaveLength(50)
    expect(tier.size).toBe(0)
  })

  it('keeps what is used again and again among a hundred times as many that are not', () => {
    const tier = tierOf(memory(), { maxEntries: 1000 })
    const used = keysNamed('used', 100)
    for (const key of used) tier.set(key, tierEntry(key))
    for (const key of keysNamed('once', 10_000)) {
      tier.set(key, tierEntry(key))
      if (key.endsWith('9')) for (const each of used) tier.get(each)
    }
    expect(used.filter((key) => tier.peek(key))).toHaveLength(100)
  })
})

describe('the budget of a process', () => {
  it('bounds all tiers together, values, keys and bookkeeping', () => {
    const process = memory({ maxBytes: bytesOf(100, 7) })
    const tiers = [tierOf(process), tierOf(process), tierOf(process)]
    for (const [index, key] of keysNamed('k', 1000).entries()) tiers[index % 3]?.set(key, tierEntry(key))
    expect(tiers.reduce((sum, { size }) => sum + size, 0)).toBe(100)
    expect(evicted).toHaveLength(900)
    expect(evicted.every(([, reason]) => reason === 'budget')).toBe(true)
  })

  it('takes from the largest tier, so that a small one keeps its entries', () => {
    const process = memory({ maxBytes: bytesOf(100, 7) })
    const [small, large] = [tierOf(process), tierOf(process)]
    for (const key of keysNamed('s', 10)) small.set(key, tierEntry(key))
    for (const key of keysNamed('l', 10_000)) large.set(key, tierEntry(key))
    expect([small.size, large.size]).toEqual([10, 90])
    for (const key of keysNamed('m', 10)) small.set(key, tierEntry(key))
    expect([small.size, large.size]).toEqual([20, 80])
  })

  it('keeps what was just added, though its tier is the largest', () => {
    const process = memory({ maxBytes: 10_000 })
    const [many, one] = [tierOf(process), tierOf(process)]
    for (const key of keysNamed('m', 20)) many.set(key, tierEntry(key))
    one.set('large', tierEntry('large', { sizeBytes: 7000 }))
    expect(one.get('large')).toBeDefined()
    expect(many.size).toBeLessThan(10)
  })

  it('does not keep an entry that it cannot hold at all', () => {
    const process = memory({ maxBytes: 10_000 })
    const tier = tierOf(process)
    tier.set('k', tierEntry('k'))
    tier.set('k', tierEntry('k', { sizeBytes: 10_000 }))
    expect([tier.size, evicted]).toEqual([0, []])
  })

  it('counts tags, and entries of no size', () => {
    const process = memory({ maxBytes: 100_000 })
    const tier = tierOf(process)
    const tags = keysNamed('t', 10)
    for (const key of keysNamed('k', 1000)) tier.set(key, tierEntry(key, { sizeBytes: 0, tags }))
    expect(tier.size).toBe(Math.floor(100_000 / (entryOverheadBytes + 7 + 10 * tagOverheadBytes)))
  })

  it('is free again for others when a tier is cleared', () => {
    const process = memory({ maxBytes: bytesOf(100, 7) })
    const [first, second] = [tierOf(process), tierOf(process)]
    for (const key of keysNamed('k', 100)) first.set(key, tierEntry(key))
    first.clear()
    for (const key of keysNamed('k', 100)) second.set(key, tierEntry(key))
    expect([second.size, evicted]).toEqual([100, []])
  })
})
