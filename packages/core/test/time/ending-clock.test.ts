import { expect, it } from 'vitest'
import { ManualClock } from '../../../conformance/src/manual-clock.ts'
import { EndingClock } from '../../src/time/ending-clock.ts'

function clocks(): { readonly outer: ManualClock; readonly clock: EndingClock; readonly fired: string[] } {
  const outer = new ManualClock()
  return { outer, clock: new EndingClock(outer), fired: [] }
}

it('an ending clock shows the time of its clock, also after its end', () => {
  const { outer, clock } = clocks()
  clock.end()
  outer.advance(5)
  expect(clock.monotonicMs()).toBe(outer.monotonicMs())
  expect(clock.wallMs()).toBe(outer.wallMs())
})

it('its timers fire once, at their time, unless they are cancelled', () => {
  const { outer, clock, fired } = clocks()
  clock.setTimer(10, () => fired.push('kept'))
  clock.setTimer(10, () => fired.push('cancelled')).cancel()
  outer.advance(9)
  expect(fired).toEqual([])
  outer.advance(1)
  clock.end()
  expect(fired).toEqual(['kept'])
})

it('what is pending at its end fires then and never again; what was cancelled does not, and what is set later neither', () => {
  const { outer, clock, fired } = clocks()
  const late = clock.setTimer(10, () => {
    fired.push('pending')
    clock.setTimer(0, () => fired.push('set while it ends')).cancel()
  })
  clock.setTimer(10, () => fired.push('cancelled')).cancel()
  clock.end()
  clock.end()
  late.cancel()
  clock.setTimer(0, () => fired.push('set later'))
  expect(outer.pendingTimers).toBe(0)
  outer.advance(100)
  expect(fired).toEqual(['pending'])
})
