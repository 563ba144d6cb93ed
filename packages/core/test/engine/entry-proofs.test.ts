import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../conformance/src/index.ts'
import { EntryProofs } from '../../src/engine/entry-proofs.ts'
import { entryAt, newTier } from '../support/local-entries.ts'

/** Proofs of a tier over a store that has each of `stored` as the tier has it. */
function proving() {
  const clock = new ManualClock()
  const tier = newTier()
  const stored = new Set<string>()
  const asked: string[][] = []
  const onVoid = vi.fn<(count: number) => void>()
  const read = async (keys: readonly string[]) => {
    asked.push([...keys])
    return { entries: keys.map((key) => (stored.has(key) ? { revision: 'r' } : undefined)) }
  }
  const proofs = new EntryProofs({ tier, clock, store: { read } as never, onVoid })
  const hold = (...keys: readonly string[]): void => {
    for (const key of keys) tier.set(key, entryAt(key, 1))
  }
  return { clock, tier, stored, asked, onVoid, proofs, hold }
}

describe('touches', () => {
  it('are gathered for ten milliseconds into one question, and what proves void is counted', async () => {
    const { clock, tier, stored, asked, onVoid, proofs, hold } = proving()
    hold('a', 'b', 'c')
    stored.add('b')
    proofs.touch(['a', 'x'])
    await clock.advanceAsync(9)
    proofs.touch(['b', 'a'])
    expect(asked).toEqual([])
    await clock.advanceAsync(1)
    expect(asked).toEqual([['a', 'b']])
    expect(['a', 'b', 'c'].filter((key) => tier.peek(key))).toEqual(['b', 'c'])
    expect(onVoid.mock.calls).toEqual([[1]])
    expect([proofs.count, clock.pendingTimers]).toEqual([2, 0])
  })

  it('of what has left the tier meanwhile ask nothing', async () => {
    const { clock, tier, asked, onVoid, proofs, hold } = proving()
    hold('a')
    proofs.touch(['a'])
    tier.delete('a')
    await clock.advanceAsync(100)
    expect(asked).toEqual([])
    expect(onVoid).not.toHaveBeenCalled()
  })

  it('of anything drop everything, once, and count it', () => {
    const { tier, onVoid, proofs, hold, clock } = proving()
    hold('a', 'b')
    proofs.touchAll()
    expect([tier.size, proofs.count]).toEqual([0, 1])
    proofs.touchAll()
    expect(onVoid.mock.calls).toEqual([[2]])
    expect(clock.pendingTimers).toBe(0)
  })

  it('of anything leave nothing to be asked', async () => {
    const { asked, proofs, hold, clock } = proving()
    hold('a')
    proofs.touch(['a'])
    proofs.touchAll()
    hold('a')
    await clock.advanceAsync(100)
    expect(asked).toEqual([])
  })
})

describe('an entry that was asked for', () => {
  it('after the latest touch is believed, and before a touch of its key is not', async () => {
    const { clock, asked, proofs, hold } = proving()
    const before = proofs.count
    proofs.touch(['a'])
    hold('a', 'b')
    proofs.kept('a', proofs.count)
    proofs.kept('b', before)
    await clock.advanceAsync(100)
    expect(asked).toEqual([])
    proofs.kept('a', before)
    await clock.advanceAsync(100)
    expect(asked).toEqual([['a']])
  })

  it('before anything was touched is not believed, whatever its key', async () => {
    const { clock, asked, proofs, hold } = proving()
    const before = proofs.count
    proofs.touchAll()
    hold('a')
    proofs.kept('a', before)
    await clock.advanceAsync(100)
    expect(asked).toEqual([['a']])
    proofs.touch(['x'])
    hold('b')
    proofs.kept('b', 1)
    await clock.advanceAsync(100)
    expect(asked).toHaveLength(1)
  })

  it('before a touch that is remembered no more is not believed', async () => {
    const { clock, asked, proofs, hold } = proving()
    proofs.touch(['first'])
    for (let index = 0; index < 4095; index++) proofs.touch([`k${index}`])
    hold('other')
    proofs.kept('other', 0)
    await clock.advanceAsync(100)
    expect(asked).toEqual([])
    proofs.touch(['one more'])
    proofs.kept('other', 0)
    await clock.advanceAsync(100)
    expect(asked).toEqual([['other']])
  })

  it('is remembered as touched by the latest touch of its key', async () => {
    const { clock, asked, proofs, hold } = proving()
    proofs.touch(['a'])
    for (let index = 0; index < 4095; index++) proofs.touch([`k${index}`])
    proofs.touch(['a'])
    proofs.touch(['one more'])
    hold('a')
    proofs.kept('a', 4096)
    await clock.advanceAsync(100)
    expect(asked).toEqual([['a']])
  })
})
