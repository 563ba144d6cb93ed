import type { Invalidation } from '@cache/ports'
import { expect, it } from 'vitest'
import { Ahead, firstSequence } from '../../src/engine/ahead.ts'

/** One that stands for the changes from `first` to `sequence`. */
function of(sequence: number, first?: number): Invalidation {
  return { kind: 'keys', keys: [`k${sequence}`], sequence, first }
}

it('what came early is found by the sequence that it begins with, once', () => {
  const ahead = new Ahead()
  expect(ahead.isEmpty).toBe(true)
  ahead.add(of(7, 5))
  ahead.add(of(9))
  expect([firstSequence(of(7, 5)), firstSequence(of(9))]).toEqual([5, 9])
  expect(ahead.isEmpty).toBe(false)
  expect(ahead.take(7)).toBeUndefined()
  expect(ahead.take(5)).toEqual(of(7, 5))
  expect(ahead.take(5)).toBeUndefined()
  expect(ahead.isEmpty).toBe(false)
  expect(ahead.take(9)).toEqual(of(9))
  expect(ahead.isEmpty).toBe(true)
})

it('what a tier has applied by now is forgotten, and what lasts beyond it is not', () => {
  const ahead = new Ahead()
  for (const each of [of(5), of(8, 6), of(10, 9), of(12)]) ahead.add(each)
  ahead.dropUpTo(8)
  expect([ahead.take(5), ahead.take(6)]).toEqual([undefined, undefined])
  expect([ahead.take(9), ahead.take(12)]).toEqual([of(10, 9), of(12)])
  ahead.add(of(20))
  ahead.clear()
  expect(ahead.isEmpty).toBe(true)
})

it('as many as can be repaired cheaply are kept, and what comes after them is not', () => {
  const ahead = new Ahead()
  for (let sequence = 1; sequence <= 1025; sequence++) ahead.add(of(sequence))
  expect(ahead.take(1024)).toEqual(of(1024))
  expect(ahead.take(1025)).toBeUndefined()
})
