import { describe, expect, it } from 'vitest'
import { StatsCounters } from '../../src/stats/cache-stats.ts'

const facts = { cache: 'values', localEntries: 2, localBytes: 30, uptimeMs: 40 }

/** Each counter with a number of its own. */
function counted(): StatsCounters {
  const stats = new StatsCounters()
  let number = 1
  const counters = stats as unknown as Record<string, unknown>
  for (const [name, value] of Object.entries(counters)) if (value === 0) counters[name] = number++
  stats.refusals.epoch = 5
  stats.evictions.bytes = 6
  stats.storeLatency.record(1)
  stats.loadLatency.record(2)
  return stats
}

describe('the counters of a cache', () => {
  it('are told with their shares', () => {
    const stats = new StatsCounters()
    Object.assign(stats, { localHits: 6, storeHits: 2, misses: 2, loads: 3 })
    expect(stats.snapshot(facts)).toMatchObject({
      ...facts,
      hits: 8,
      hitRate: 0.8,
      localShare: 0.6,
      loads: 3,
    })
  })

  it('have shares of 0 while nobody has read', () => {
    expect(new StatsCounters().snapshot(facts)).toMatchObject({ hits: 0, hitRate: 0, localShare: 0 })
  })

  it('are all 0 after a reset, as at the beginning', () => {
    const stats = counted()
    const before = stats.snapshot(facts)
    expect(before).toMatchObject({
      refusals: { epoch: 5 },
      evictions: { bytes: 6 },
      storeLatency: { count: 1 },
      loadLatency: { count: 1 },
    })
    stats.reset()
    expect(stats.snapshot(facts)).toEqual(new StatsCounters().snapshot(facts))
    expect(Object.values(before).filter((value) => value === 0)).toEqual([])
  })

  it('are a copy: what is counted later does not show in what was told', () => {
    const stats = counted()
    const told = stats.snapshot(facts)
    stats.refusals.epoch++
    stats.evictions.bytes++
    expect([told.refusals.epoch, told.evictions.bytes]).toEqual([5, 6])
  })
})
