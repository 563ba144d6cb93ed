import fc from 'fast-check'
import { TestServer } from '@cache/tooling-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BanPolicy, LimitInput } from '../src/limit-input.ts'
import { limitScript } from '../src/limit-script.ts'
import { runLimit, type LimitState } from '../src/limit-state.ts'
import { limitStep } from '../src/limit-step.ts'
import { checkedRule, type RuleOptions } from '../src/rule.ts'

let server: TestServer
beforeAll(async () => {
  server = await TestServer.start({ kind: 'redis' })
})
afterAll(() => server.stop())

const startUs = 1_770_000_000_000_000

/** The script at a moment of the test's own, whose keys do not end by the server's. */
const timedScript = limitScript.lua
  .replace(`redis.call('TIME')`, `{table.remove(ARGV, 1), table.remove(ARGV, 1)}`)
  .replaceAll(/, 'PX', .*$/gm, ')')
  .trim()

async function runScript(key: string, input: LimitInput, nowUs: number): Promise<unknown> {
  const time = [Math.floor(nowUs / 1_000_000), nowUs % 1_000_000]
  const reply = await server.command(['EVAL', timedScript, 1, key, ...time, ...limitScript.args(input)])
  return limitScript.output(reply, input)
}

/** Times, limits and bans as large as they come, and small enough to meet. */
const rulesOf = fc.array(
  fc.oneof(
    fc.record({
      limit: fc.integer({ min: 4, max: 12 }),
      per: fc.constantFrom('100ms' as const, '1s' as const),
    }),
    fc.record({ limit: fc.constantFrom(300, 100_000), per: fc.constant('1s' as const) }),
    fc.record({
      limit: fc.integer({ min: 5, max: 12 }),
      per: fc.constantFrom('100ms' as const, '1h' as const),
      algorithm: fc.constant('gcra' as const),
      burst: fc.integer({ min: 4, max: 5 }),
    }),
  ),
  { minLength: 1, maxLength: 3 },
) satisfies fc.Arbitrary<RuleOptions[]>

const calls = fc.array(
  fc.record({
    operation: fc.constantFrom('take', 'take', 'take', 'take', 'look', 'note', 'back', 'reset', 'ban'),
    passedUs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 50_000 }),
      fc.integer({ min: 0, max: 1_200_000 }),
    ),
    cost: fc.integer({ min: 0, max: 4 }),
    maxWaitUs: fc.constantFrom(0, 0, 0, 300_000),
    debt: fc.constantFrom(0, 0, 0, 0, 2),
    banUs: fc.constantFrom(0, 40_000),
    agoUs: fc.constantFrom(0, 60_000, 2_000_000),
  }),
  { minLength: 5, maxLength: 60 },
)

const bans = fc.constantFrom<BanPolicy>(
  { after: 0, withinUs: 0, forUs: 0 },
  { after: 2, withinUs: 30_000, forUs: 100_000 },
)

describe('the script', () => {
  it('answers as the function does, call by call', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(rulesOf, bans, calls, async (options, ban, replay) => {
        const rules = options.map((rule) => checkedRule(rule))
        const key = `run${run++}`
        let state: LimitState | undefined
        let nowUs = startUs
        let endsUs = 0
        for (const { passedUs, agoUs, operation, ...rest } of replay) {
          nowUs += passedUs
          const input = { ...rest, operation, rules, ban, atUs: nowUs - agoUs } as LimitInput
          // The server's own time does not move with the test's, so what has ended there is ended here by hand.
          if (endsUs <= nowUs) {
            state = undefined
            await server.command(['DEL', key])
          }
          const before = state && limitStep.decode(limitStep.encode(state))
          const { output, state: after, keptForMs } = runLimit(before, input, nowUs / 1000 + 1e-4)
          expect(await runScript(key, input, nowUs)).toEqual(output)
          if (after === undefined) continue
          state = keptForMs > 0 ? after : undefined
          endsUs = nowUs + Math.round(keptForMs * 1000)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('lets a key end by itself, no earlier than what it counts', async () => {
    const input = {
      rules: [checkedRule({ limit: 5, per: '2s' })],
      operation: 'take',
      cost: 1,
      maxWaitUs: 0,
    } as const
    const ban = { after: 0, withinUs: 0, forUs: 0 }
    const args = limitScript.args({ ...input, ban, debt: 0, banUs: 0, atUs: 0 })
    await server.command(['EVAL', limitScript.lua, 1, 'ends', ...args])
    const leftMs = Number(await server.command(['PTTL', 'ends']))
    expect(leftMs).toBeGreaterThan(1000)
    expect(leftMs).toBeLessThanOrEqual(2001)
  })
})
