import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReplayGuard } from '../../src/engine/replay-guard.ts'

const toleranceMs = 10
/** Names that are remembered. */
const bound = 16_384

type Step =
  | { readonly kind: 'change' | 'tag' | 'clear'; readonly name: string; readonly ms: number }
  | { readonly kind: 'admit'; readonly name: string; readonly tags: readonly string[]; readonly ms: number }

const names = fc.constantFrom('a', 'b', 'c')
const ms = fc.integer({ min: 0, max: 60 })
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('change', 'tag', 'clear'), name: names, ms }),
    fc.record({ kind: fc.constant('admit' as const), name: names, tags: fc.subarray(['a', 'b']), ms }),
  ),
  { maxLength: 40 },
)

describe('an entry that was put back', () => {
  it('is admitted only if nothing newer is known of its key, its tags or the cache, within the tolerance', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const guard = new ReplayGuard(toleranceMs)
        const never = Number.NEGATIVE_INFINITY
        let keys: Record<string, number> = {}
        let tags: Record<string, number> = {}
        let clearedMs = never
        for (const step of run) {
          if (step.kind === 'admit') {
            const latest = Math.max(
              keys[step.name] ?? never,
              clearedMs,
              ...step.tags.map((tag) => tags[tag] ?? never),
            )
            const admitted = step.ms >= latest - toleranceMs
            expect(guard.admits(step.name, step.tags, step.ms)).toBe(admitted)
            if (admitted) keys[step.name] = Math.max(keys[step.name] ?? never, step.ms)
          } else if (step.kind === 'change') {
            guard.keyChanged(step.name, step.ms)
            keys[step.name] = step.ms
          } else if (step.kind === 'tag') {
            guard.tagChanged(step.name, step.ms)
            tags[step.name] = step.ms
          } else {
            guard.cleared(step.ms)
            clearedMs = step.ms
            keys = {}
            tags = {}
          }
        }
      }),
    )
  })

  it('is told from the current one for the latest keys and tags, and the oldest are forgotten first', () => {
    const guard = new ReplayGuard(0)
    guard.keyChanged('used', 100)
    guard.keyChanged('unused', 100)
    guard.tagChanged('tag', 100)
    expect(guard.admits('used', [], 101)).toBe(true)
    for (let index = 0; index < bound - 1; index++) guard.keyChanged(`key${index}`, 100)
    expect(guard.admits('used', [], 100)).toBe(false)
    expect(guard.admits('unused', [], 1)).toBe(true)
    for (let index = 0; index < bound - 1; index++) guard.tagChanged(`tag${index}`, 100)
    expect(guard.admits('other', ['tag'], 99)).toBe(false)
    guard.tagChanged('one more', 100)
    expect(guard.admits('other', ['tag'], 99)).toBe(true)
  })
})
