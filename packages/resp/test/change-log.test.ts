import { expect, it } from 'vitest'

import { changesAfter, parseChangeMessage } from '../src/change-log.ts'

const stamp = { epoch: 'e', sequence: 7 }
const keys = '{"e":"e","s":5,"n":2,"k":["a","b"]}'
const tags = '{"e":"e","s":6,"n":1,"t":["t"]}'
const clear = '{"e":"e","s":7,"n":1,"c":true}'

it('reads what the scripts write', () => {
  expect(parseChangeMessage(keys)).toEqual({
    epoch: 'e',
    after: 3,
    invalidation: { sequence: 5, first: 4, kind: 'keys', keys: ['a', 'b'] },
  })
  expect(parseChangeMessage(tags)?.invalidation).toEqual({ sequence: 6, kind: 'tags', tags: ['t'] })
  expect(parseChangeMessage(clear)?.invalidation).toEqual({ sequence: 7, kind: 'clear' })
})

it.each([
  '',
  '{',
  'null',
  '5',
  '{"e":"e","s":1,"n":1}',
  '{"e":"e","s":"1","n":1,"c":true}',
  '{"e":"e","s":1,"n":1,"k":[1]}',
])('is not misled by what is none of it: %s', (text) => {
  expect(parseChangeMessage(text)).toBeUndefined()
})

it('gives what came after a sequence, in order', () => {
  const reply = changesAfter(3, stamp, [keys, tags, clear])
  expect(reply.kind).toBe('log')
  expect(reply.kind === 'log' && reply.invalidations.map(({ sequence }) => sequence)).toEqual([5, 6, 7])
})

it('begins anew where a record is missing, at the start, in between or at the end', () => {
  expect(changesAfter(2, stamp, [keys, tags, clear]).kind).toBe('reset')
  expect(changesAfter(3, stamp, [keys, clear]).kind).toBe('reset')
  expect(changesAfter(3, stamp, [keys, tags]).kind).toBe('reset')
  expect(changesAfter(3, stamp, [keys, 'damaged', clear]).kind).toBe('reset')
})
