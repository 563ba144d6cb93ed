import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LimitInput, LimitOperation } from '../src/limit-input.ts'
import { runLimit, type LimitState } from '../src/limit-state.ts'
import { limitStep } from '../src/limit-step.ts'
import { checkedRule, type Rule, type RuleOptions } from '../src/rule.ts'
import { mostInWindow, type Admitted } from './support/most-in-window.ts'

/** Microseconds as a store's milliseconds, such that no rounding of binary fractions takes one away. */
function msOf(us: number): number {
  return us / 1000 + 1e-6
}

interface Call {
  readonly passedUs: number
  readonly cost: number
  readonly what: 'take' | 'reserve' | 'undo' | 'look' | 'note'
}

const calls = fc.array(
  fc.record({
    passedUs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 1_100_000 }),
    ),
    cost: fc.integer({ min: 0, max: 4 }),
    what: fc.constantFrom(
      'take' as const,
      'take' as const,
      'take' as const,
      'reserve' as const,
      'undo' as const,
      'look' as const,
    ),
  }),
  { minLength: 20, maxLength: 200 },
)

function inputOf(
  operation: LimitOperation,
  rules: readonly Rule[],
  cost: number,
  more: Partial<LimitInput> = {},
): LimitInput {
  const ban = { after: 0, withinUs: 0, forUs: 0 }
  return { operation, rules, cost, ban, maxWaitUs: 0, debt: 0, banUs: 0, atUs: 0, ...more }
}

/** Replays calls on a state that is written down and read again each time, and keeps what was really admitted. */
function admittedBy(rules: readonly Rule[], replay: readonly Call[]): Admitted[] {
  const admitted: Admitted[] = []
  let state: LimitState | undefined
  let nowUs = 0
  for (const { passedUs, cost, what } of replay) {
    nowUs += passedUs
    const operation = what === 'undo' ? 'back' : what === 'reserve' ? 'take' : what
    const undone = what === 'undo' ? admitted.findLastIndex((each) => each.cost === cost) : 0
    if (undone < 0) continue
    const atUs = what === 'undo' ? (admitted[undone]?.atUs ?? 0) : 0
    const input = inputOf(operation, rules, cost, { maxWaitUs: what === 'reserve' ? 400_000 : 0, atUs })
    const before = state && limitStep.decode(limitStep.encode(state))
    const { output, state: after, keptForMs } = runLimit(before, input, msOf(nowUs))
    if (after) state = keptForMs > 0 ? after : undefined
    if (what === 'undo') admitted.splice(undone, 1)
    if (operation === 'take' && output.allowed) admitted.push(output)
  }
  return admitted
}

const someRules: readonly [string, RuleOptions[]][] = [
  ['a window of 10', [{ limit: 10, per: '1s' }]],
  ['a window of 1', [{ limit: 4, per: '100ms' }]],
  ['a large window, whose moments are rounded', [{ limit: 300, per: '1s' }]],
  ['GCRA, evenly spread', [{ limit: 10, per: '1s', algorithm: 'gcra', burst: 4 }]],
  ['GCRA with a burst as large as the limit', [{ limit: 10, per: '1s', algorithm: 'gcra', burst: 10 }]],
  [
    'several rules',
    [
      { limit: 6, per: '200ms' },
      { limit: 10, per: '1s' },
      { limit: 12, per: '1s', algorithm: 'gcra', burst: 5 },
    ],
  ],
]

describe.each(someRules)('%s', (_name, options) => {
  const rules = options.map((rule) => checkedRule(rule))

  it('never admits more than the limit in any window', () => {
    fc.assert(
      fc.property(calls, (replay) => {
        // GCRA cannot take back, so what was undone still counts there, which is only stricter.
        const admitted = admittedBy(rules, replay)
        for (const { windowUs, limit } of rules)
          expect(mostInWindow(admitted, windowUs)).toBeLessThanOrEqual(limit)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses nothing for which there is room, but for the rounding of moments', () => {
    fc.assert(
      fc.property(calls, (replay) => {
        const taking = replay.filter(({ what, cost }) => what === 'take' && cost > 0)
        const admitted: Admitted[] = []
        let state: LimitState | undefined
        let nowUs = 0
        for (const { passedUs, cost } of taking) {
          nowUs += passedUs
          const { output, state: after } = runLimit(state, inputOf('take', rules, cost), msOf(nowUs))
          if (after) state = after
          if (output.allowed) admitted.push({ atUs: nowUs, cost })
          else if (rules.every(({ kind }) => kind === 'window')) {
            const roomy = rules.every(({ windowUs, bucketUs, limit }) => {
              const counted = admitted.filter(({ atUs }) => atUs > nowUs - windowUs - bucketUs + 1)
              return counted.reduce((sum, each) => sum + each.cost, cost) <= limit
            })
            expect(roomy).toBe(false)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('admits at the moment that a refusal names, and not a microsecond earlier', () => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 4 }), (replay, cost) => {
        let state: LimitState | undefined
        let nowUs = 0
        for (const { passedUs } of replay) {
          nowUs += passedUs
          const { output, state: after } = runLimit(state, inputOf('take', rules, cost), msOf(nowUs))
          if (after) state = after
          if (output.allowed) continue
          const waitUs = Math.round(output.retryAfterMs * 1000)
          const at = (us: number) => runLimit(state, inputOf('look', rules, cost), msOf(nowUs + us)).output
          expect(at(waitUs - 1).allowed).toBe(false)
          expect(at(waitUs).allowed).toBe(true)
          return
        }
      }),
      { numRuns: 200 },
    )
  })

  it('keeps a state small and no longer than it matters', () => {
    const lasts = rules.map(({ windowUs, burst, intervalUs }) => Math.max(windowUs, burst * intervalUs))
    const longestMs = Math.max(1000, (1.02 * Math.max(...lasts)) / 1000)
    fc.assert(
      fc.property(calls, (replay) => {
        let state: LimitState | undefined
        let nowUs = 0
        for (let round = 0; round < 5; round++) {
          for (const { passedUs } of replay) {
            nowUs += passedUs
            const { state: after, keptForMs } = runLimit(state, inputOf('take', rules, 1), msOf(nowUs))
            if (after === undefined) continue
            state = after
            expect(limitStep.encode(after).length).toBeLessThan(limitStep.maxBytes * rules.length)
            expect(keptForMs).toBeLessThanOrEqual(longestMs)
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('the limiters of others, set to 10 in a window,', () => {
  const windowUs = 1_000_000
  /** As many as are let through at each microsecond of interest. */
  function attack(admits: (nowUs: number) => boolean, moments: readonly number[]): number {
    const admitted: Admitted[] = []
    for (const atUs of moments)
      for (let call = 0; call < 40; call++) if (admits(atUs)) admitted.push({ atUs, cost: 1 })
    return mostInWindow(admitted, windowUs)
  }
  const boundary = [1_950_000, 2_000_000, 2_050_000, 2_500_000, 2_900_000]

  it('admit more across a boundary: fixed window, GCRA with a burst of the limit', () => {
    const counts = new Map<number, number>()
    const fixed = (nowUs: number): boolean => {
      const count = (counts.get(Math.floor(nowUs / windowUs)) ?? 0) + 1
      counts.set(Math.floor(nowUs / windowUs), count)
      return count <= 10
    }
    let paidUs = 0
    const gcra = (nowUs: number): boolean => {
      const next = Math.max(paidUs, nowUs) + windowUs / 10
      if (next - nowUs > windowUs) return false
      paidUs = next
      return true
    }
    expect(attack(fixed, boundary)).toBe(20)
    expect(attack(gcra, boundary)).toBe(19)
  })

  it.each(someRules.filter(([, [rule]]) => rule?.limit === 10))('unlike %s', (_name, options) => {
    const rules = options.map((rule) => checkedRule(rule))
    let state: LimitState | undefined
    const ours = (nowUs: number): boolean => {
      const { output, state: after } = runLimit(state, inputOf('take', rules, 1), msOf(nowUs))
      if (after) state = after
      return output.allowed
    }
    expect(attack(ours, boundary)).toBe(10)
  })
})
