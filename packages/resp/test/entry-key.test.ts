import { describe, expect, it } from 'vitest'
import { cacheKeysOf, KeyLayout, parseEntryKey } from '../src/key-layout.ts'

describe('the key of an entry', () => {
  it.each(['k', '', 'a:b', '{x}', 'line\nbreak', 'v1:k', '#1}:v2:k'])('tells its cache and %j', (key) => {
    for (const layout of [new KeyLayout('app', 'users'), new KeyLayout('app', 'users', 12)])
      expect(parseEntryKey('app', layout.entries(3) + key)).toEqual({ cache: 'users', key })
    expect(parseEntryKey('app', new KeyLayout('app', 'a:b-c_d').entries(1) + key)?.cache).toBe('a:b-c_d')
  })

  it('is told from all other keys', () => {
    const layout = new KeyLayout('app', 'users')
    const others = [
      layout.state,
      layout.channel,
      layout.stepState(1, 'k'),
      `${layout.base}i1`,
      `${layout.base}v1`,
    ]
    for (const name of [...others, `${layout.base}vx:k`, 'app:caches', '{app:}:v1:k', ''])
      expect(parseEntryKey('app', name)).toBeUndefined()
    expect(parseEntryKey('ap', layout.entries(1))).toBeUndefined()
    expect(parseEntryKey('app', new KeyLayout('app2', 'users').entries(1))).toBeUndefined()
  })

  it('begins with what those of all caches of the prefix begin with', () => {
    expect(new KeyLayout('app', 'users').entries(1).startsWith(cacheKeysOf('app'))).toBe(true)
    expect(new KeyLayout('app2', 'users').entries(1).startsWith(cacheKeysOf('app'))).toBe(false)
  })
})
