import { describe, expect, it } from 'vitest'
import { ExpiryQueue } from '../src/expiry-queue.ts'
import { InvalidationLog } from '../src/invalidation-log.ts'
import { LeaseTable } from '../src/lease-table.ts'
import { TagGenerations } from '../src/tag-generations.ts'
import { TagIndex } from '../src/tag-index.ts'
import { keysNamed, tierEntry } from './support.ts'

describe('the log', () => {
  it('tells what came after a sequence, or that it no longer knows', () => {
    const log = new InvalidationLog(0)
    for (let sequence = 1; sequence <= 20_000; sequence++) log.append({ sequence, kind: 'keys', keys: ['k'] })
    expect(log.since(20_000)).toEqual([])
    expect(log.since(19_990)?.map(({ sequence }) => sequence)).toEqual(
      keysNamed('', 10).map((_, index) => 19_991 + index),
    )
    expect(log.since(20_000 - 4096)).toHaveLength(4096)
    expect(log.since(20_000 - 4097)).toBeUndefined()
    expect(log.since(0)).toBeUndefined()
  })

  it('is bounded by the names in it as well', () => {
    const log = new InvalidationLog(0)
    const tags = keysNamed('tag', 10_000)
    for (let sequence = 1; sequence <= 100; sequence++) log.append({ sequence, kind: 'tags', tags })
    expect(log.since(94)).toHaveLength(6)
    expect(log.since(93)).toBeUndefined()
  })

  it('keeps nothing of a change too large for it, and says so', () => {
    const log = new InvalidationLog(0)
    log.append({ sequence: 1, kind: 'clear' })
    log.append({ sequence: 2, kind: 'tags', tags: keysNamed('tag', 70_000) })
    expect(log.since(1)).toBeUndefined()
    expect(log.since(2)).toEqual([])
    log.append({ sequence: 3, kind: 'clear' })
    expect(log.since(2)).toEqual([{ sequence: 3, kind: 'clear' }])
  })
})

describe('the generations of tags', () => {
  it('refuse what was invalidated after the load began, and nothing else', () => {
    const tags = new TagGenerations()
    tags.invalidate('t', 5)
    expect([tags.holdSince(['t', 'u'], 4), tags.holdSince(['t', 'u'], 5), tags.holdSince([], 0)]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('forget the oldest, which then counts as invalidated until then', () => {
    const tags = new TagGenerations()
    for (const [index, tag] of keysNamed('tag', 20_000).entries()) tags.invalidate(tag, index + 1)
    expect(tags.holdSince(['tag000000'], 1)).toBe(false)
    expect(tags.holdSince(['never seen'], 1)).toBe(false)
    expect(tags.holdSince(['tag000000'], 20_000)).toBe(true)
  })
})

describe('the leases', () => {
  it('that were abandoned go as others come', () => {
    const leases = new LeaseTable()
    for (const [index, key] of keysNamed('k', 10_000).entries()) {
      leases.put(key, { kind: 'lease', token: 't', sequence: 0, untilMs: index + 10 }, index)
    }
    expect(leases.size).toBeLessThan(20)
  })

  it('are bounded even if none ends', () => {
    const leases = new LeaseTable()
    const note = { kind: 'lease', token: 't', sequence: 0, untilMs: Number.POSITIVE_INFINITY } as const
    for (const key of keysNamed('k', 70_000)) leases.put(key, note, 0)
    expect(leases.size).toBe(65_536)
    expect(leases.holds('k069999', { token: 't', sequence: 0, epoch: '' }, 0)).toBe(true)
    expect(leases.find('k000000', 0)).toBeUndefined()
  })
})

describe('the queue of expiries', () => {
  it('gives what is due, earliest first, and what is for ever never', () => {
    const queue = new ExpiryQueue()
    const times = [50, 10, 40, 10, 30, Number.POSITIVE_INFINITY, 20]
    for (const [index, goneAtMs] of times.entries()) queue.push(`k${index}`, goneAtMs)
    const due: (string | undefined)[] = []
    for (let key = queue.takeDue(40); key !== undefined; key = queue.takeDue(40)) due.push(key)
    expect(due.slice(2)).toEqual(['k6', 'k4', 'k2'])
    expect(due.slice(0, 2).toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(['k1', 'k3'])
    expect([queue.size, queue.takeDue(50), queue.takeDue(50)]).toEqual([1, 'k0', undefined])
  })
})

describe('the index of tags', () => {
  it('knows the keys of a tag, and nothing when there are none', () => {
    const index = new TagIndex()
    const [first, second] = [tierEntry('a', { tags: ['t', 'u'] }), tierEntry('b', { tags: ['t'] })]
    index.add('a', first)
    index.add('b', second)
    expect([index.keysOf('t').sort(), index.keysOf('u'), index.keysOf('v')]).toEqual([['a', 'b'], ['a'], []])
    index.remove('a', first)
    expect([index.keysOf('t'), index.keysOf('u')]).toEqual([['b'], []])
  })
})
