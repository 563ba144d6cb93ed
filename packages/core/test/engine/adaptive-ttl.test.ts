import { describe, expect, it } from 'vitest'
import { ManualClock, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { EntryLifetimes } from '../../src/engine/entry-lifetimes.ts'
import { openCaches, settle } from '../support/open-caches.ts'

const range = { shortestMs: 100, longestMs: 60_000 }

describe('the TTL of L1', () => {
  it('is a tenth of the time that entries live until they are invalidated', () => {
    const clock = new ManualClock()
    const lifetimes = new EntryLifetimes(clock, { size: 100 }, range)
    expect(lifetimes.ttlMs()).toBe(60_000)
    // 100 entries and one invalidation a second: each lives for 100 s.
    for (let second = 0; second < 600; second++) {
      clock.advance(1000)
      lifetimes.noteInvalidated(1)
    }
    expect(lifetimes.ttlMs()).toBeGreaterThan(9800)
    expect(lifetimes.ttlMs()).toBeLessThan(10_200)
    // Ten times as many: a tenth of it, once the past has faded.
    for (let second = 0; second < 600; second++) {
      clock.advance(1000)
      lifetimes.noteInvalidated(10)
    }
    expect(lifetimes.ttlMs()).toBeGreaterThan(980)
    expect(lifetimes.ttlMs()).toBeLessThan(1020)
  })

  it('stays within its limits, and grows again when nothing is invalidated', () => {
    const clock = new ManualClock()
    const lifetimes = new EntryLifetimes(clock, { size: 10 }, range)
    lifetimes.noteInvalidated(10)
    expect(lifetimes.ttlMs()).toBe(100)
    clock.advance(60_000)
    const later = lifetimes.ttlMs()
    expect(later).toBeGreaterThan(100)
    clock.advance(3_600_000)
    expect(lifetimes.ttlMs()).toBe(60_000)
  })

  it.each(['delete', 'tag', 'clear', 'pattern'] as const)('shortens after a %s', async (kind) => {
    const clock = new ManualClock()
    const caches = await openCaches({ backend: referenceBackend(), l1: memory(), environment: { clock } })
    const l1 = { within: '1h', ttl: '10s', shortestTtl: '50ms' } as const
    const cache = caches.define<string>('values', { ttl: '1h', l1 })
    const steady = caches.define<string>('steady', { ttl: '1h', l1: { within: '1h', ttl: '10s' } })
    for (const each of [cache, steady]) {
      await each.set('k', 'v', { tags: ['t'] })
      clock.advance(1)
      if (kind === 'delete') await each.delete('k')
      else if (kind === 'tag') await each.invalidateTags(['t'])
      else if (kind === 'clear') await each.clear()
      else await each.deleteMatching('k*')
      await settle()
      expect(each.peek('k')).toBeUndefined()
      await each.set('k', 'v')
    }
    clock.advance(50)
    expect(cache.peek('k')).toBeUndefined()
    expect(steady.peek('k')).toBe('v')
    expect(await cache.get('k')).toBe('v')
  })

  it('refuses a shortest that is longer than the longest, or 0', async () => {
    const caches = await openCaches()
    expect(() => caches.define('a', { l1: { ttl: 100, shortestTtl: 200 } })).toThrow('l1.shortestTtl')
    expect(() => caches.define('b', { l1: { shortestTtl: 0 } })).toThrow('l1.shortestTtl')
  })
})
