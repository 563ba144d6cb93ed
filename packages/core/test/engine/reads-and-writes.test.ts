import { describe, expect, it } from 'vitest'
import { openCaches, openCachesInTime } from '../support/open-caches.ts'

describe('get and set', () => {
  it('give back what was stored', async () => {
    const users = (await openCaches()).define<{ name: string }>('users')
    expect(await users.get('u1')).toBeUndefined()
    expect(await users.set('u1', { name: 'Asha' })).toBe(true)
    expect(await users.get('u1')).toEqual({ name: 'Asha' })
    expect(users.peek('u1')).toEqual({ name: 'Asha' })
    expect(await users.has('u1')).toBe(true)
  })

  it.each([0, '', false, null])('take %j for a value, not for a miss', async (value) => {
    const cache = (await openCaches()).define<unknown>('values')
    await cache.set('k', value)
    expect(await cache.get('k')).toBe(value)
    expect(await cache.has('k')).toBe(true)
    expect(await cache.getOrLoad('k', () => 'loaded')).toBe(value)
  })

  it('never share what a caller can change', async () => {
    const cache = (await openCaches()).define<{ tags: string[] }>('values')
    const original = { tags: ['a'] }
    await cache.set('k', original)
    original.tags.push('b')
    const hit = await cache.get('k')
    expect(hit).toEqual({ tags: ['a'] })
    expect(() => hit?.tags.push('c')).toThrow(TypeError)
    expect(await cache.get('k')).toEqual({ tags: ['a'] })
  })

  it('give each caller a copy of what freezing does not protect', async () => {
    const cache = (await openCaches()).define<Map<string, Date>>('values')
    await cache.set('k', new Map([['at', new Date(0)]]))
    const one = await cache.get('k')
    one?.set('at', new Date(1))
    expect(await cache.get('k')).toEqual(new Map([['at', new Date(0)]]))
  })

  it('give copies, or the value itself, where that is asked for', async () => {
    const caches = await openCaches()
    const cloning = caches.define<{ n: number }>('cloning', { values: { sharing: 'clone' } })
    const sharing = caches.define<{ n: number }>('sharing', { values: { sharing: 'reference' } })
    const value = { n: 1 }
    await cloning.set('k', value)
    await sharing.set('k', value)
    expect(await cloning.get('k')).not.toBe(await cloning.get('k'))
    expect(await sharing.get('k')).toBe(value)
  })

  it('keep types on a hit as they were on the miss', async () => {
    const cache = (await openCaches()).define<unknown>('values')
    const load = (): unknown => ({ at: new Date(5), ids: new Set([1n]), none: undefined })
    const miss = await cache.getOrLoad('k', load)
    expect(await cache.getOrLoad('k', load)).toStrictEqual(miss)
    expect(miss).toStrictEqual(load())
  })

  it.each([
    undefined,
    () => 1,
    new (class Money {
      readonly amount = 1
    })(),
  ])('refuse %s', async (value) => {
    const cache = (await openCaches()).define<unknown>('values')
    await expect(cache.set('k', value)).rejects.toMatchObject({ code: 'INVALID_VALUE' })
  })

  it('refuse a value above the limit', async () => {
    const cache = (await openCaches()).define<string>('values', { maxValueBytes: 1000 })
    await expect(cache.set('k', 'x'.repeat(1001))).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' })
  })

  it('work on many keys in order, with holes', async () => {
    const cache = (await openCaches()).define<number>('values')
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    expect(await cache.getMany(['b', 'x', 'a', 'b'])).toEqual([2, undefined, 1, 2])
    expect(await cache.deleteMany(['a', 'x', 'b'])).toBe(2)
    expect(await cache.getMany([])).toEqual([])
  })

  it('reject a bad key without throwing synchronously', async () => {
    const cache = (await openCaches()).define<number>('values')
    for (const call of [
      () => cache.get(''),
      () => cache.set('', 1),
      () => cache.delete(''),
      () => cache.getMany(['']),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_KEY' })
    }
  })

  it('tell a list of parts from the same text', async () => {
    const cache = (await openCaches()).define<string>('values')
    await cache.set(['a', 'b'], 'list')
    expect(await cache.get('a:b')).toBeUndefined()
    await cache.set('a:b', 'text')
    expect(await cache.get(['a', 'b'])).toBe('list')
    expect(cache.peek('a:b')).toBe('text')
  })
})

describe('times to live', () => {
  it('end to the millisecond, also after 30 days', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: '30d' })
    await cache.set('k', 1)
    clock.advance(30 * 86_400_000 - 1)
    expect(await cache.get('k')).toBe(1)
    clock.advance(1)
    expect(await cache.get('k')).toBeUndefined()
    expect(cache.peek('k')).toBeUndefined()
  })

  it('do not follow the wall clock', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: '1m' })
    await cache.set('k', 1)
    clock.stepWall(-3_600_000)
    clock.advance(60_000)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('never end when infinite', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: Number.POSITIVE_INFINITY })
    await cache.set('k', 1)
    clock.advance(1e12)
    expect(await cache.get('k')).toBe(1)
    expect(await cache.ttl('k')).toBe(Number.POSITIVE_INFINITY)
  })

  it('store nothing when 0, and remove what was there', async () => {
    const cache = (await openCaches()).define<number>('values')
    await cache.set('k', 1)
    await cache.set('k', 2, { ttl: 0 })
    expect(await cache.get('k')).toBeUndefined()
  })

  it.each([-1, Number.NaN, '5 minutes'])('refuse %s', async (ttl) => {
    const caches = await openCaches()
    expect(() => caches.define('bad', { ttl: ttl as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_TTL' }),
    )
    const cache = caches.define<number>('values')
    await expect(cache.set('k', 1, { ttl: ttl as never })).rejects.toMatchObject({ code: 'INVALID_TTL' })
  })

  it('are told and changed', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: '1m' })
    await cache.set('k', 1)
    clock.advance(20_000)
    expect(await cache.ttl('k')).toBe(40_000)
    expect(await cache.expire('k', '2m')).toBe(true)
    expect(await cache.ttl('k')).toBe(120_000)
    expect(await cache.expire('k')).toBe(true)
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.expire('nothing')).toBe(false)
  })

  it('are shortened by jitter, never lengthened', async () => {
    const { caches } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: 1000, loading: { jitter: 0.2 } })
    await cache.set('k', 1)
    expect(await cache.ttl('k')).toBe(900)
  })
})

describe('keys', () => {
  it('are listed by pattern, and round-trip', async () => {
    const cache = (await openCaches()).define<number>('values')
    await cache.setMany([
      [['user', 1], 1],
      [['user', 'a:b'], 2],
      ['other', 3],
    ])
    const keys = await Array.fromAsync(cache.keys('user:*'))
    expect(new Set(keys.map(String))).toEqual(
      new Set(
        [
          ['user', '1'],
          ['user', 'a:b'],
        ].map(String),
      ),
    )
    expect(await cache.get(['user', 'a:b'])).toBe(2)
    expect(await cache.deleteMatching('user:*')).toBe(2)
    expect(await Array.fromAsync(cache.keys())).toEqual(['other'])
  })

  it('with a tag never show an entry that left it', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: '1m' })
    await cache.set('short', 1, { tags: ['t'], ttl: '1s' })
    await cache.set('gone', 1, { tags: ['t'] })
    await cache.set('moved', 1, { tags: ['t'] })
    await cache.set('stays', 1, { tags: ['t', 'u'] })
    await cache.delete('gone')
    await cache.set('moved', 2, { tags: ['u'] })
    clock.advance(1000)
    expect(await Array.fromAsync(cache.keysWithTag('t'))).toEqual(['stays'])
    expect(await cache.countWithTags(['t', 'u'])).toBe(2)
    expect(await cache.countWithTags([])).toBe(0)
  })
})

describe('invalidation', () => {
  it('is complete when it resolves: by key, by tag, of all', async () => {
    const caches = await openCaches()
    const cache = caches.define<number>('values')
    const other = caches.define<number>('others')
    for (const invalidate of [
      () => cache.delete('k'),
      () => cache.invalidateTags(['user:1']),
      () => caches.invalidateTags(['user:1']),
      () => cache.clear(),
      () => caches.clear(),
    ]) {
      await cache.set('k', 1, { tags: ['user:1', 'all'] })
      await invalidate()
      expect(cache.peek('k')).toBeUndefined()
      expect(await cache.get('k')).toBeUndefined()
    }
    await other.set('k', 2, { tags: ['user:2'] })
    await caches.invalidateTags(['user:1'])
    expect(await other.get('k')).toBe(2)
  })

  it('counts what it deleted', async () => {
    const cache = (await openCaches()).define<number>('values')
    await cache.set('k', 1)
    expect(await cache.delete('k')).toBe(true)
    expect(await cache.delete('k')).toBe(false)
    expect(cache.stats()).toMatchObject({ deletes: 2, keysDeleted: 1, writes: 1 })
  })
})
