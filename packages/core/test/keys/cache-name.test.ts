import { describe, expect, it } from 'vitest'
import { checkCacheName, namesCollide } from '../../src/keys/cache-name.ts'

describe('checkCacheName', () => {
  it.each(['auth', 'market:quote', 'api_keys', 'user-1'])('takes %s', (name) => {
    expect(checkCacheName(name)).toBe(name)
  })

  it.each(['', ':', 'a:', '1a', 'a b', 'a/../b', 'a%', 'x'.repeat(101)])('refuses %j', (name) => {
    expect(() => checkCacheName(name)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('namesCollide', () => {
  it.each([
    ['auth', 'auth', true],
    ['auth', 'Auth', true],
    ['market', 'market:quote', true],
    ['market:quote', 'market', true],
    ['market:quote', 'market:bar', false],
    ['mark', 'market', false],
  ])('of %s and %s is %s', (one, other, collide) => {
    expect(namesCollide(one, other)).toBe(collide)
  })
})
