import { ManualClock } from '@cache/conformance'
import { expect, it } from 'vitest'

import { ServerTime } from '../src/resp-time.ts'

it('the time at the server lies between what sending and receiving allow', () => {
  const clock = new ManualClock()
  const time = new ServerTime(clock)
  expect(time.latestMs()).toBeUndefined()
  const sentMs = clock.monotonicMs()
  clock.advance(10)
  time.learn(5000, sentMs)
  expect(time.latestMs()).toBe(5010)
  expect(time.earliestMs()).toBe(5000)
})

it('a quicker answer makes it more exact, a slower one does not', () => {
  const clock = new ManualClock()
  const time = new ServerTime(clock)
  time.learn(5000, clock.monotonicMs() - 10)
  time.learn(5000, clock.monotonicMs() - 2)
  expect(time.latestMs()).toBe(5002)
  time.learn(5000, clock.monotonicMs() - 50)
  expect(time.latestMs()).toBe(5002)
})

it('a server clock that was set is followed at once', () => {
  const clock = new ManualClock()
  const time = new ServerTime(clock)
  time.learn(5000, clock.monotonicMs())
  time.learn(90_000, clock.monotonicMs() - 20)
  expect(time.latestMs()).toBe(90_020)
  time.learn(1000, clock.monotonicMs() - 20)
  expect(time.latestMs()).toBe(1020)
})

it('nothing is known after a while, after a sleep of the machine, or of another server', () => {
  const clock = new ManualClock()
  const time = new ServerTime(clock)
  time.learn(5000, clock.monotonicMs())
  clock.advance(10_001)
  expect(time.latestMs()).toBeUndefined()
  time.learn(5000, clock.monotonicMs())
  clock.stepWall(60_000)
  expect(time.latestMs()).toBeUndefined()
  time.learn(5000, clock.monotonicMs())
  time.forget()
  expect(time.latestMs()).toBeUndefined()
})
