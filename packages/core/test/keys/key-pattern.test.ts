import { describe, expect, it } from 'vitest'
import { keyPattern } from '../../src/keys/key-pattern.ts'

describe('a key pattern', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['user', ['user'], ['', 'use', 'users', 'User', 'a:user']],
    ['', [''], ['a']],
    ['*', ['', 'a', 'a:b', '*'], []],
    ['**', ['', 'a', 'ab'], []],
    ['?', ['a', '*', '🔑'], ['', 'ab']],
    ['??', ['ab', '🔑🔑'], ['a', 'abc']],
    ['user:*', ['user:', 'user:1', 'user:1:orders'], ['user', 'users:1']],
    ['*:orders', [':orders', 'user:orders', 'a:orders:orders'], ['orders', 'user:orders:1']],
    ['a*b', ['ab', 'acb', 'abb', 'abab'], ['a', 'b', 'aba', 'cab']],
    ['a*b*c', ['abc', 'a-b-c', 'abbc', 'abcbc'], ['ac', 'acb', 'abcb']],
    ['a?c*', ['abc', 'a:cd'], ['ac', 'abd']],
    ['*a?', ['ab', 'aab', 'xaab', 'aa'], ['a', 'abc']],
    ['a***', ['a', 'ab'], ['', 'b']],
    ['*?*', ['a', 'ab'], ['']],
    ['a\\*', ['a*'], ['a', 'ab', 'a\\*']],
    ['\\**', ['*', '*a'], ['', 'a']],
    ['*\\*', ['*', 'a*'], ['', 'a']],
    ['a\\?b', ['a?b'], ['acb', 'ab']],
    ['a\\\\', ['a\\'], ['a', 'a\\\\']],
    ['\\a', ['a'], ['\\a', 'b']],
  ])('%j matches what it says, and nothing else', (pattern, matching, others) => {
    const { matches } = keyPattern(pattern)
    expect(matching.filter((key) => !matches(key))).toEqual([])
    expect(others.filter((key) => matches(key))).toEqual([])
  })

  it.each([
    ['user:*', 'user:'],
    ['user', 'user'],
    ['u?er:*', 'u'],
    ['*', ''],
    ['?', ''],
    ['a\\*b*c', 'a*b'],
    ['\\?*', '?'],
  ])('%j says what every match begins with', (pattern, prefix) => {
    expect(keyPattern(pattern).prefix).toBe(prefix)
  })

  it.each(['\\', 'a\\', 'a\\\\\\'])('%j, which ends with a lone backslash, is refused', (pattern) => {
    expect(() => keyPattern(pattern)).toThrow(
      expect.objectContaining({
        code: 'INVALID_KEY',
        message: 'A key pattern must not end with a lone backslash',
      }) as Error,
    )
  })

  it('with many stars takes no longer than its length times that of the key', () => {
    const { matches } = keyPattern('*a'.repeat(200))
    expect(matches('a'.repeat(2000))).toBe(true)
    expect(matches(`${'a'.repeat(2000)}b`)).toBe(false)
  })
})
