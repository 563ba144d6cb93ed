import { describe, expect, it } from 'vitest'
import { placesOfValues } from '../support/open-caches.ts'

describe.each(placesOfValues)('over %s', (_name, open) => {
  it('a value of 64 MB is given to the callers and not stored, and refused by set', async () => {
    const cache = (await open()).define<string>('values')
    const large = 'x'.repeat(64 * 1024 * 1024)
    const loaded = await Promise.all([cache.getOrLoad('k', () => large), cache.getOrLoad('k', () => large)])
    expect(loaded.map((value) => value?.length)).toEqual([large.length, large.length])
    expect(await cache.getWithMeta('k')).toBeUndefined()
    await expect(cache.set('k', large)).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' })
    expect(cache.stats().loads).toBeLessThanOrEqual(2)
    const roomy = (await open()).define<string>('roomy', { maxValueBytes: 80_000_000 })
    expect(await roomy.set('k', large)).toBe(true)
    expect((await roomy.get('k'))?.length).toBe(large.length)
  })
})
