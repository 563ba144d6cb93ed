import { describe, expect, it } from 'vitest'
import { openCaches, openCachesInTime, settle } from '../support/open-caches.ts'

describe('atomic operations', () => {
  it('lose no concurrent increment', async () => {
    const cache = (await openCaches()).define<number>('counters')
    const sums = await Promise.all(Array.from({ length: 200 }, () => cache.increment('k')))
    expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
    expect(await cache.increment('k', -150)).toBe(50)
  })

  it('lose no concurrent append, and keep the newest within the bound', async () => {
    const cache = (await openCaches()).define<number[]>('lists')
    await Promise.all(Array.from({ length: 50 }, (_, index) => cache.append('k', [index])))
    expect((await cache.get('k'))?.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, index) => index),
    )
    expect(await cache.append('k', [100, 101], { maxLength: 3 })).toBe(3)
    expect((await cache.get('k'))?.slice(-2)).toEqual([100, 101])
  })

  it('refuse what is no number and no list', async () => {
    const caches = await openCaches()
    const mixed = caches.define<unknown>('mixed')
    await mixed.set('k', 'text')
    await expect((mixed as never as typeof numbers).increment('k')).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    })
    await expect((mixed as never as typeof lists).append('k', [1])).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    })
    const numbers = caches.define<number>('numbers')
    const lists = caches.define<number[]>('lists')
    await expect(numbers.increment('n', Number.NaN)).rejects.toMatchObject({ code: 'INVALID_VALUE' })
    await expect(lists.append('l', [1], { maxLength: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('keep the time and the tags of the entry', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('counters', { ttl: '1m' })
    await cache.set('k', 1, { tags: ['t'] })
    clock.advance(30_000)
    await cache.increment('k')
    expect(await cache.ttl('k')).toBe(30_000)
    expect((await cache.getWithMeta('k'))?.tags).toEqual(['t'])
    clock.advance(30_000)
    expect(await cache.increment('k')).toBe(1)
    expect(await cache.ttl('k')).toBe(60_000)
  })

  it('update by a function, also one that waits, and leave the entry when it says undefined', async () => {
    const cache = (await openCaches()).define<{ cash: number }>('balances')
    await cache.set('a', { cash: 100 })
    const debit = (amount: number): Promise<unknown> =>
      cache.update('a', async (balance) => {
        await Promise.resolve()
        return balance && balance.cash >= amount ? { cash: balance.cash - amount } : undefined
      })
    await Promise.all([debit(60), debit(60), debit(30)])
    expect(await cache.get('a')).toEqual({ cash: 10 })
  })

  it('store nothing for a TTL of 0', async () => {
    const cache = (await openCaches()).define<number>('values')
    expect(await cache.update('k', () => 1, { ttl: 0 })).toBe(1)
    expect(await cache.get('k')).toBeUndefined()
    await cache.set('k', 1)
    expect(await cache.update('k', (n = 0) => n + 1, { ttl: 0 })).toBe(2)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('begin anew when the time of the entry ends while its new value is worked out', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('counters', { ttl: '1m' })
    await cache.set('k', 5)
    const seen: (number | undefined)[] = []
    const call = cache.update('k', (current) => {
      seen.push(current)
      if (seen.length === 1) clock.advance(60_000)
      return (current ?? 0) + 1
    })
    await settle()
    await clock.advanceAsync(100)
    expect(await call).toBe(1)
    expect(seen).toEqual([5, undefined])
  })

  it('pass on what the function throws, and go on', async () => {
    const cache = (await openCaches()).define<number>('values')
    await expect(
      cache.update('k', () => {
        throw new RangeError('no')
      }),
    ).rejects.toThrow('no')
    expect(await cache.update('k', () => 1)).toBe(1)
  })

  it('compare and set on the revision', async () => {
    const cache = (await openCaches()).define<number>('values')
    expect(await cache.add('k', 1)).toBe(true)
    expect(await cache.add('k', 2)).toBe(false)
    const { revision } = (await cache.getWithMeta('k'))!
    expect(await cache.compareAndSet('k', revision, 3)).toBe(true)
    expect(await cache.compareAndSet('k', revision, 4)).toBe(false)
    expect(await cache.deleteIf('k', revision)).toBe(false)
    expect(await cache.expireIf('k', revision)).toBe(false)
    const now = (await cache.getWithMeta('k'))!
    expect(now.value).toBe(3)
    expect(await cache.expireIf('k', now.revision, '1h')).toBe(true)
    expect(await cache.deleteIf('k', now.revision)).toBe(true)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('refuse an older version of the source', async () => {
    const cache = (await openCaches()).define<string>('values')
    await cache.set('k', 'v5', { version: 5 })
    await cache.set('k', 'v4', { version: 4 })
    expect(await cache.get('k')).toBe('v5')
    await cache.set('k', 'v6', { version: 6 })
    expect(await cache.get('k')).toBe('v6')
  })
})
