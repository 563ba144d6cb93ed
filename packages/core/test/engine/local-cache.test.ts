import type { ChangesReply } from '@cache/ports'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../conformance/src/index.ts'
import { LocalCache } from '../../src/engine/local-cache.ts'
import { settle } from '../support/open-caches.ts'
import { entryAt, newTier } from '../support/local-entries.ts'

/** L1 in front of a store that stands at sequence 10, in step with it. */
async function inStep({ withinMs = 1000, aloneForMs = 0 } = {}) {
  const clock = new ManualClock()
  let reply: ChangesReply | undefined = { kind: 'reset', stamp: { epoch: 'e', sequence: 10 } }
  const changesSince = vi.fn<() => Promise<ChangesReply>>(async () => {
    if (!reply) throw new Error('away')
    return reply
  })
  const unchangedSince = vi.fn<() => boolean>(() => true)
  const [onAlone, poll, onSync] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()]
  const read = async (keys: readonly string[]) => ({ entries: keys.map(() => undefined) })
  const store = { changesSince, unchangedSince, read } as never
  const local = new LocalCache(newTier(), clock, { store, withinMs, aloneForMs, onSync, onAlone, poll })
  await local.sync()
  const setReply = (next: ChangesReply | undefined): void => {
    reply = next
  }
  setReply({ kind: 'log', stamp: { epoch: 'e', sequence: 10 }, invalidations: [] })
  changesSince.mockClear()
  return { clock, local, changesSince, unchangedSince, onAlone, poll, setReply }
}

describe('L1', () => {
  it('that is the store itself answers whatever it holds, for its time', () => {
    const clock = new ManualClock()
    const local = new LocalCache(newTier(), clock, undefined)
    expect([local.ready, local.position(), local.touches]).toEqual([
      true,
      { epoch: undefined, sequence: 0, touches: 0 },
      0,
    ])
    local.put('k', { ...entryAt('k', 0), freshUntilMs: 2000, goneAtMs: 3000 }, local.position())
    clock.advance(999)
    expect(local.lookup('k')).toBeDefined()
    clock.advance(1)
    expect(local.lookup('k')).toBeUndefined()
    expect(local.find('k')).toBeDefined()
    clock.advance(1000)
    expect(local.find('k')).toBeUndefined()
    local.reset()
    expect(local.tier.size).toBe(0)
  })

  it('finds a key of several parts, and a text that looks like one, under what each is stored as', async () => {
    const { local } = await inStep()
    for (const stored of ['a:b', 'a%3Ab', 'plain']) local.put(stored, entryAt(stored, 10), local.position())
    expect(local.lookup(['a', 'b'])).toBe(local.tier.peek('a:b'))
    expect(local.lookup('a:b')).toBe(local.tier.peek('a%3Ab'))
    expect(local.lookup('plain')).toBe(local.tier.peek('plain'))
    expect(local.lookup(['plain'])).toBe(local.tier.peek('plain'))
    expect(local.lookup('a')).toBeUndefined()
  })

  it('keeps nothing that it cannot place: without a position, of another epoch, or older than a change', async () => {
    const { local } = await inStep()
    const position = local.position()
    expect(position).toEqual({ epoch: 'e', sequence: 10, touches: 0 })
    local.put('a', entryAt('a', 10), undefined)
    local.put('b', entryAt('b', 10), { epoch: 'f', sequence: 10, touches: 0 })
    local.put('c', entryAt('c', 9), position)
    expect(local.tier.size).toBe(0)
    local.receive('e', { kind: 'keys', keys: ['d'], sequence: 11 })
    local.put('d', entryAt('d', 10), position)
    local.put('e', entryAt('e', 10), position)
    expect([local.tier.peek('d'), local.tier.peek('e')?.sequence]).toEqual([undefined, 10])
    // What is not said to be coherent needs no place, and lives by its own short time.
    local.put('f', { ...entryAt('f', 0), coherent: false }, undefined)
    expect(local.lookup('f')).toBeDefined()
  })

  it('knows nothing after it was reset, until it has asked', async () => {
    const { local, setReply } = await inStep()
    local.reset()
    expect([local.ready, local.position()]).toEqual([false, undefined])
    setReply({ kind: 'reset', stamp: { epoch: 'e', sequence: 12 } })
    await local.sync()
    expect([local.ready, local.position()?.sequence]).toEqual([true, 12])
  })

  it('answers within its bound, and asks for changes once it is more than half way through it', async () => {
    const { local, clock, changesSince, poll } = await inStep()
    local.put('k', entryAt('k', 10), local.position())
    clock.advance(500)
    expect(local.lookup('k')).toBeDefined()
    expect(changesSince).not.toHaveBeenCalled()
    clock.advance(1)
    expect(local.lookup('k')).toBeDefined()
    expect(changesSince).toHaveBeenCalledOnce()
    await settle()
    expect(poll).toHaveBeenCalledTimes(2)
    clock.advance(1000)
    expect(local.find('k')).toBeDefined()
    await settle()
    clock.advance(1001)
    expect(local.find('k')).toBeUndefined()
    expect(poll).toHaveBeenCalledTimes(4)
  })

  it('answers past its bound only while the store is away, as long as it may, and says so', async () => {
    const { local, clock, setReply, onAlone } = await inStep({ aloneForMs: 5000 })
    local.put('k', entryAt('k', 10), local.position())
    setReply(undefined)
    clock.advance(1001)
    expect(local.lookup('k')).toBeUndefined()
    await settle()
    expect(local.lookup('k')).toBeDefined()
    expect(onAlone).toHaveBeenCalledOnce()
    await settle()
    clock.advance(4999)
    expect(local.lookup('k')).toBeDefined()
    await settle()
    clock.advance(1)
    expect(local.lookup('k')).toBeUndefined()
    expect(onAlone).toHaveBeenCalledTimes(2)
  })

  it('with a bound of 0 answers what the store says is unchanged, and whose tags hold', async () => {
    const { local, unchangedSince } = await inStep({ withinMs: 0 })
    local.put('k', entryAt('k', 10, ['t']), local.position())
    expect(local.lookup('k')).toBeDefined()
    unchangedSince.mockReturnValueOnce(false)
    expect(local.lookup('k')).toBeUndefined()
    await settle()
    expect(local.lookup('k')).toBeDefined()
    local.receive('e', { kind: 'tags', tags: ['t'], sequence: 11 })
    expect(local.lookup('k')).toBeUndefined()
  })

  it.each([true, false])('answers nothing whose tags were invalidated, coherent: %s', async (coherent) => {
    const { local } = await inStep()
    local.put('k', { ...entryAt('k', 10, ['t']), coherent }, local.position())
    expect(local.lookup('k')).toBeDefined()
    local.receive('e', { kind: 'tags', tags: ['t'], sequence: 11 })
    expect([local.lookup('k'), local.find('k')]).toEqual([undefined, undefined])
  })

  it('asks for proof of what was kept since before a touch, and drops everything where anything was touched', async () => {
    const { local, clock } = await inStep()
    const position = local.position()
    local.touched(['k'])
    expect(local.touches).toBe(1)
    local.put('k', entryAt('k', 10), position)
    await clock.advanceAsync(10)
    expect(local.tier.peek('k')).toBeUndefined()
    local.put('k', entryAt('k', 10), local.position())
    await clock.advanceAsync(10)
    expect(local.tier.peek('k')).toBeDefined()
    local.touched(undefined)
    expect([local.tier.size, local.touches]).toEqual([0, 2])
  })

  it('serves what it keeps for as long as it is told, where its times do not adapt', async () => {
    const { local } = await inStep()
    expect(local.ttlMs(5000)).toBe(5000)
  })
})
