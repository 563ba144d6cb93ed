import { describe, expect, it } from 'vitest'
import { checkCacheName, isStateName, namesCollide, stateName } from '../../src/keys/cache-name.ts'

describe('checkCacheName', () => {
  it.each(['auth', 'market:quote', 'api_keys', 'user-1', 'Auth', 'a', 'x'.repeat(100)])(
    'takes %s',
    (name) => {
      expect(checkCacheName(name)).toBe(name)
    },
  )

  it.each(['', ':', 'a:', '1a', 'a b', 'a/../b', 'a%', '%a', 'a:1', 'a::b', '-a', 'x'.repeat(101)])(
    'refuses %j',
    (name) => {
      expect(() => checkCacheName(name)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(/^A cache name is up to 100 letters/) as string,
        }) as Error,
      )
    },
  )
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

describe('the name of a state', () => {
  it('stands apart from those of caches', () => {
    expect(stateName('locks')).toBe('state:locks')
    expect(() => stateName('no name')).toThrow('A cache name is')
    expect(['state', 'State', 'state:locks', 'STATE:a:b'].every(isStateName)).toBe(true)
    expect(['states', 'stat', 'locks', 'locks:state'].some(isStateName)).toBe(false)
  })
})
