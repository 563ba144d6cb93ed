import { expect, it } from 'vitest'

import { KeyLayout, literalPattern, slotOf } from '../src/key-layout.ts'

it('slots are those of the cluster specification', () => {
  expect(slotOf('123456789')).toBe(0x31c3)
  expect(slotOf('foo')).toBe(12_182)
  expect(slotOf('')).toBe(0)
  expect(slotOf('{foo}:a')).toBe(slotOf('foo'))
  expect(slotOf('a{foo}{bar}')).toBe(slotOf('foo'))
  expect(slotOf('{}foo')).not.toBe(slotOf(''))
  expect(slotOf('a}b{foo')).not.toBe(slotOf('foo'))
})

it('all keys of a cache share a hash tag, which no name of a cache can leave', () => {
  const layout = new KeyLayout('app', 'market:quote')
  expect(layout.state).toBe('{app:market:quote}:state')
  expect(layout.entries(3)).toBe('{app:market:quote}:v3:')
  expect(layout.channel).toBe('{app:market:quote}:changes')
  expect(layout.slot).toBe(slotOf('app:market:quote'))
})

it('text that is a pattern for itself', () => {
  expect(literalPattern('a*b?[c]\\^-')).toBe('a\\*b\\?\\[c\\]\\\\\\^\\-')
  expect(literalPattern('user:42')).toBe('user:42')
})
