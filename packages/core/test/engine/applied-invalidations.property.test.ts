import type { Invalidation, LocalEntry } from '@cache/ports'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppliedInvalidations } from '../../src/engine/applied-invalidations.ts'
import { keyPattern } from '../../src/keys/key-pattern.ts'
import { patternTag } from '../../src/keys/tags.ts'
import { entryAt, newTier } from '../support/local-entries.ts'

/** How many names are remembered one by one. */
const bound = 4096

const keyNames = ['a', 'ab', 'b', 'ba', 'c']
const tagNames = ['t', 'u', 'v']
const patterns = ['a*', '*a', '*']

type Change =
  | { readonly kind: 'keys' | 'tags' | 'patterns'; readonly names: readonly string[] }
  | { readonly kind: 'clear' }

const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: named('keys', keyNames) },
  { weight: 3, arbitrary: named('tags', tagNames) },
  { weight: 1, arbitrary: named('patterns', patterns) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' } as const) },
)

function named(kind: 'keys' | 'tags' | 'patterns', names: readonly string[]): fc.Arbitrary<Change> {
  return fc.record({
    kind: fc.constant(kind),
    names: fc.subarray([...names], { minLength: 1, maxLength: 2 }),
  })
}

function invalidation(change: Change, sequence: number): Invalidation {
  switch (change.kind) {
    case 'keys':
      return { kind: 'keys', keys: change.names, sequence }
    case 'tags':
      return { kind: 'tags', tags: change.names, sequence }
    case 'patterns':
      return { kind: 'tags', tags: change.names.map(patternTag), sequence }
    default:
      return { kind: 'clear', sequence }
  }
}

/** Whether a change makes an entry void, had it been made before the change. */
function touches(change: Change, key: string, tags: readonly string[]): boolean {
  if (change.kind === 'clear') return true
  if (change.kind === 'keys') return change.names.includes(key)
  if (change.kind === 'tags') return tags.some((tag) => change.names.includes(tag))
  return change.names.some((pattern) => keyPattern(pattern).matches(key))
}

interface Step {
  readonly change: Change
  /** The sequence of the change, counted from the latest: those of this process come early. */
  readonly aheadBy: number
  /** What a read brings afterwards, and how far behind the latest change it is. */
  readonly reads: readonly {
    readonly key: string
    readonly tags: readonly string[]
    readonly behindBy: number
  }[]
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    change: changes,
    aheadBy: fc.integer({ min: 0, max: 2 }),
    reads: fc.array(
      fc.record({
        key: fc.constantFrom(...keyNames),
        tags: fc.subarray(tagNames),
        behindBy: fc.integer({ min: 0, max: 6 }),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 40 },
)

describe('the changes that a local tier knows of', () => {
  it('leave nothing in it that a later change made void, and refuse nothing else', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (run, inOrder) => {
        const tier = newTier()
        const applied = new AppliedInvalidations(tier)
        const seen: { readonly change: Change; readonly sequence: number }[] = []
        const isVoid = (key: string, entry: LocalEntry): boolean =>
          seen.some(({ change, sequence }) => sequence > entry.sequence && touches(change, key, entry.tags))
        let latest = 0
        for (const { change, aheadBy, reads } of run) {
          const sequence = latest + 1 + (inOrder ? 0 : aheadBy)
          latest++
          if (inOrder) applied.apply(invalidation(change, sequence))
          else applied.note(invalidation(change, sequence))
          seen.push({ change, sequence })
          for (const { key, tags, behindBy } of reads) {
            const entry = entryAt(key, Math.max(0, latest - behindBy), tags)
            // What arrives late is refused below a pattern, whatever its key.
            const isBelowPattern = seen.some(
              (each) => each.change.kind === 'patterns' && each.sequence > entry.sequence,
            )
            expect(applied.permits(key, entry)).toBe(!isVoid(key, entry) && !isBelowPattern)
            if (applied.permits(key, entry)) tier.set(key, entry)
          }
          for (const [key, entry] of tier.entries()) expect(applied.tagsHold(entry)).toBe(!isVoid(key, entry))
        }
        expect(applied.sequence).toBe(inOrder ? latest : 0)
      }),
    )
  })

  it('count what they make void, once for each entry', () => {
    const tier = newTier()
    const counts: number[] = []
    const applied = new AppliedInvalidations(tier, (count) => counts.push(count))
    for (const key of keyNames) tier.set(key, entryAt(key, 1, ['t']))
    applied.apply({ kind: 'keys', keys: ['a', 'none'], sequence: 2 })
    applied.apply({ kind: 'tags', tags: [patternTag('ab*')], sequence: 3 })
    expect(counts).toEqual([1, 1])
    applied.apply({ kind: 'tags', tags: ['t'], sequence: 4 })
    const [[, entry] = ['', entryAt('', 0)]] = tier.entries()
    expect(applied.tagsHold(entry)).toBe(false)
    expect(counts).toEqual([1, 1, 1])
    expect(applied.tagsHold(entry)).toBe(false)
    expect(counts).toEqual([1, 1, 1])
    applied.apply({ kind: 'clear', sequence: 5 })
    expect(counts).toEqual([1, 1, 1, 3])
    expect(tier.size).toBe(0)
  })

  it('leave an entry that reflects them, by key and by pattern, when they are told once more', () => {
    const tier = newTier()
    const applied = new AppliedInvalidations(tier)
    tier.set('a', entryAt('a', 5))
    tier.set('ab', entryAt('ab', 6))
    applied.note({ kind: 'keys', keys: ['a', 'ab'], sequence: 5 })
    applied.note({ kind: 'tags', tags: [patternTag('a*')], sequence: 5 })
    expect(tier.size).toBe(2)
    applied.note({ kind: 'tags', tags: [patternTag('a*')], sequence: 6 })
    expect([...tier.entries()].map(([key]) => key)).toEqual(['ab'])
    applied.note({ kind: 'keys', keys: ['ab'], sequence: 7 })
    expect(tier.size).toBe(0)
  })

  it('are bounded: an entry from before a key that was forgotten is refused, a later one is not', () => {
    const applied = new AppliedInvalidations(newTier())
    const noted = bound + 10
    for (let sequence = 1; sequence <= noted; sequence++)
      applied.apply({ kind: 'keys', keys: [`k${sequence}`], sequence })
    expect(applied.permits('other', entryAt('other', 9))).toBe(false)
    expect(applied.permits('other', entryAt('other', 10))).toBe(true)
    expect(applied.permits('k11', entryAt('k11', 10))).toBe(false)
    expect(applied.permits('k11', entryAt('k11', 11))).toBe(true)
  })

  it('remember a key by its latest change, and forget it the later for it', () => {
    const applied = new AppliedInvalidations(newTier())
    applied.apply({ kind: 'keys', keys: ['again', 'first', 'second'], sequence: 1 })
    applied.apply({ kind: 'keys', keys: ['again'], sequence: 2 })
    for (let sequence = 3; sequence < bound; sequence++)
      applied.apply({ kind: 'keys', keys: [`k${sequence}`], sequence })
    applied.apply({ kind: 'keys', keys: ['one more', 'and one'], sequence: bound })
    // `first` and `second` went, with their sequence 1; `again` with its 2 is known yet.
    expect(applied.permits('other', entryAt('other', 1))).toBe(true)
    expect(applied.permits('again', entryAt('again', 1))).toBe(false)
    applied.note({ kind: 'keys', keys: ['again'], sequence: 1 })
    expect(applied.permits('again', entryAt('again', 1))).toBe(false)
  })

  it('drop what is void by tags before these are forgotten, and nothing else', () => {
    const tier = newTier()
    const applied = new AppliedInvalidations(tier)
    tier.set('void', entryAt('void', 1, ['t1']))
    tier.set('untagged', entryAt('untagged', 1))
    tier.set('holds', entryAt('holds', 1, ['other']))
    tier.set('later', entryAt('later', bound + 1, ['t1']))
    for (let sequence = 2; sequence <= bound + 1; sequence++)
      applied.apply({ kind: 'tags', tags: [`t${sequence - 1}`], sequence })
    expect(tier.size).toBe(4)
    applied.apply({ kind: 'tags', tags: ['one more'], sequence: bound + 2 })
    expect([...tier.entries()].map(([key]) => key).toSorted()).toEqual(['holds', 'later', 'untagged'])
    for (const [, entry] of tier.entries()) expect(applied.tagsHold(entry)).toBe(true)
    expect(applied.permits('new', entryAt('new', bound + 1, ['t1']))).toBe(false)
    expect(applied.permits('new', entryAt('new', bound + 2, ['t1']))).toBe(true)
  })

  it('go back to nothing at a restart, but for what this process changed beyond it', () => {
    const applied = new AppliedInvalidations(newTier())
    applied.apply({ kind: 'keys', keys: ['a'], sequence: 50 })
    applied.apply({ kind: 'tags', tags: ['t'], sequence: 51 })
    applied.apply({ kind: 'clear', sequence: 52 })
    applied.restart(7, 9)
    expect(applied.sequence).toBe(7)
    expect(applied.permits('a', entryAt('a', 8, ['t']))).toBe(false)
    expect(applied.permits('a', entryAt('a', 9, ['t']))).toBe(true)
    applied.restart(7, 0)
    expect(applied.permits('a', entryAt('a', 6))).toBe(false)
    expect(applied.permits('a', entryAt('a', 7))).toBe(true)
  })

  it('advance, and never go back', () => {
    const tier = newTier()
    const applied = new AppliedInvalidations(tier)
    applied.apply({ kind: 'keys', keys: ['a'], sequence: 5 })
    tier.set('b', entryAt('b', 1))
    applied.apply({ kind: 'keys', keys: ['b'], sequence: 4 })
    expect(applied.sequence).toBe(5)
    applied.reach(3)
    expect(applied.sequence).toBe(5)
    applied.reach(8)
    expect(applied.sequence).toBe(8)
  })
})
