import { describe, expect, it } from 'vitest'
import { ManualClock, referenceBackend, referenceStorage } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { onCacheEvent } from '../../src/index.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'

describe('deleteMatching', () => {
  it('deletes what matches, counts it, and tells of the pattern', async () => {
    const cache = (await openCaches()).define<number>('values')
    await cache.setMany([
      [['user', 1], 1],
      [['user', 2], 2],
      ['other', 3],
    ])
    const told: unknown[] = []
    const stop = onCacheEvent('cache:change', ({ change, names }) => told.push([change, names]))
    expect(await cache.deleteMatching('user:*')).toBe(2)
    stop()
    expect(await cache.getMany([['user', 1], ['user', 2], 'other'])).toEqual([undefined, undefined, 3])
    expect(told.at(-1)).toEqual(['pattern', ['user:*']])
    expect(cache.stats()).toMatchObject({ keysDeleted: 2, tagInvalidations: 0 })
  })

  it('refuses the load of a key that matches, though nothing is stored under it yet', async () => {
    const cache = (await openCaches()).define<string>('values')
    const held = gate()
    const load = (): Promise<string> => held.promise.then(() => 'old')
    const [matching, other] = [cache.getOrLoad(['user', 1], load), cache.getOrLoad('other', load)]
    await settle()
    await cache.deleteMatching('user:*')
    const late = cache.getOrLoad(['user', 1], () => 'new')
    held.resolve()
    expect(await Promise.all([matching, other, late])).toEqual(['old', 'old', 'new'])
    expect(await cache.get(['user', 1])).toBe('new')
    expect(await cache.get('other')).toBe('old')
    expect(cache.stats().refusals.lease).toBe(1)
  })

  it('reaches what only the local tier of another process still holds', async () => {
    const clock = new ManualClock()
    const storage = referenceStorage()
    const open = async () =>
      (
        await openCaches({ backend: referenceBackend({ storage }), l1: memory(), environment: { clock } })
      ).define<string>('values')
    const [here, there] = [await open(), await open()]
    await here.set(['user', 1], 'old')
    await here.set('other', 'kept')
    await there.getMany([['user', 1], 'other'])
    storage.caches.get('values')?.versions.get(1)?.rows.clear()
    expect(await here.deleteMatching('user:*')).toBe(0)
    expect(here.peek(['user', 1])).toBeUndefined()
    clock.advance(600)
    there.peek('other')
    await settle()
    expect(there.peek(['user', 1])).toBeUndefined()
    expect(there.peek('other')).toBe('kept')
  })

  it('takes no pattern that ends in the middle', async () => {
    const cache = (await openCaches()).define<number>('values')
    await expect(cache.deleteMatching('a\\')).rejects.toMatchObject({ code: 'INVALID_KEY' })
  })
})

describe('tags', () => {
  it.each([
    ['empty', ''],
    ['with a control character', 'a\u0000b'],
    ['with a lone surrogate', '\ud800'],
    ['no text', 7 as unknown as string],
  ])('that are %s are refused before anything runs', async (_name, tag) => {
    const caches = await openCaches()
    const cache = caches.define<number>('values')
    let loads = 0
    const load = (): number => ++loads
    for (const call of [
      () => cache.set('k', 1, { tags: [tag] }),
      () => cache.getOrLoad('k', load, { tags: ['fine', tag] }),
      () => cache.getOrLoad('k', ({ setTags }) => (setTags([tag]), 1)),
      () => cache.update('k', () => 1, { tags: [tag] }),
      () => cache.invalidateTags([tag]),
      () => caches.invalidateTags([tag]),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_KEY' })
    expect(loads).toBe(0)
  })

  it('may be ten thousand: each is one look-up, and any of them makes the entry void', async () => {
    const cache = (await openCaches()).define<number>('values')
    const tags = Array.from({ length: 10_000 }, (_, index) => `t${index}`)
    await cache.set('k', 1, { tags })
    expect(await cache.get('k')).toBe(1)
    await cache.invalidateTags(['t9999'])
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getOrLoad('k', () => 2, { tags })).toBe(2)
    await cache.invalidateTags(tags)
    expect(await cache.get('k')).toBeUndefined()
  })
})
