import { expect, it } from 'vitest'
import { ManualClock } from '../src/index.ts'

it('moves both clocks by what it is told, and neither by itself', () => {
  const clock = new ManualClock({ monotonicMs: 5, wallMs: 1000 })
  clock.advance(10.5)
  expect([clock.monotonicMs(), clock.wallMs()]).toEqual([15.5, 1010.5])
})

it('steps the wall clock alone', () => {
  const clock = new ManualClock({ monotonicMs: 5, wallMs: 1000 })
  clock.stepWall(-400)
  expect([clock.monotonicMs(), clock.wallMs()]).toEqual([5, 600])
})

it('fires timers in order of time, then of setting, each at its own moment', () => {
  const clock = new ManualClock({ monotonicMs: 0 })
  const fired: string[] = []
  const at = (delayMs: number, name: string) =>
    clock.setTimer(delayMs, () => fired.push(`${name}@${clock.monotonicMs()}`))
  at(30, 'c')
  at(10, 'a')
  at(10, 'b')
  at(40, 'd')
  clock.advance(30)
  expect(fired).toEqual(['a@10', 'b@10', 'c@30'])
  expect(clock.pendingTimers).toBe(1)
})

it('fires what a timer sets, if it falls due in the same span', () => {
  const clock = new ManualClock({ monotonicMs: 0 })
  const fired: number[] = []
  const again = () => {
    fired.push(clock.monotonicMs())
    clock.setTimer(10, again)
  }
  clock.setTimer(10, again)
  clock.advance(35)
  expect(fired).toEqual([10, 20, 30])
})

it('does not fire a cancelled timer', () => {
  const clock = new ManualClock()
  let fired = false
  const timer = clock.setTimer(10, () => (fired = true))
  timer.cancel()
  timer.cancel()
  clock.advance(100)
  expect(fired).toBe(false)
})

it('fires a timer of 30 days after 30 days', () => {
  const clock = new ManualClock()
  const days = 86_400_000
  let fired = false
  clock.setTimer(30 * days, () => (fired = true))
  clock.advance(30 * days - 1)
  expect(fired).toBe(false)
  clock.advance(1)
  expect(fired).toBe(true)
})

it('lets promises settle between timers', async () => {
  const clock = new ManualClock({ monotonicMs: 0 })
  const seen: number[] = []
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimer(ms, resolve))
  const work = (async () => {
    for (let round = 0; round < 3; round++) {
      await sleep(10)
      seen.push(clock.monotonicMs())
    }
  })()
  await clock.advanceAsync(30)
  await work
  expect(seen).toEqual([10, 20, 30])
})

it('refuses to go back or to the end of time', () => {
  const clock = new ManualClock()
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => clock.advance(ms)).toThrow(RangeError)
})
