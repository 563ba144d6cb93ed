import { describe, expect, it, onTestFinished } from 'vitest'
import { everyNth, faultyBackend, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache } from '../../src/index.ts'
import { openCaches, openCachesInTime, placesOfValues, settle } from '../support/open-caches.ts'

/** Rejections that nobody handled while the test ran. */
function unhandledRejections(): unknown[] {
  const seen: unknown[] = []
  const onRejection = (reason: unknown): void => void seen.push(reason)
  process.on('unhandledRejection', onRejection)
  onTestFinished(() => void process.off('unhandledRejection', onRejection))
  return seen
}

describe.each(placesOfValues)('over %s', (_name, open) => {
  it('a loader that throws fails its callers alone, and the next call loads', async () => {
    const rejections = unhandledRejections()
    const cache = (await open()).define<number>('values')
    const failing = (): never => {
      throw new RangeError('down')
    }
    const calls = Array.from({ length: 20 }, () => cache.getOrLoad('k', failing))
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ status: 'rejected', reason: new RangeError('down') })
    expect(await cache.getOrLoad('k', () => 1)).toBe(1)
    await settle()
    expect(rejections).toEqual([])
  })

  it('a loader that returns undefined gives undefined, and nothing is stored', async () => {
    const cache = (await open()).define<number>('values')
    expect(await cache.getOrLoad('k', () => undefined)).toBeUndefined()
    expect(await cache.getWithMeta('k')).toBeUndefined()
    await expect(cache.set('k', undefined as never)).rejects.toMatchObject({ code: 'INVALID_VALUE' })
  })

  it('a cyclic value is stored, and comes back as one', async () => {
    interface Ring {
      readonly name: string
      self?: Ring
    }
    const cache = (await open()).define<Ring>('values')
    const ring: Ring = { name: 'ring' }
    ring.self = ring
    for (const value of [await cache.getOrLoad('loaded', () => ring), await cache.get('loaded')]) {
      expect(value?.self).toBe(value)
      expect(value?.name).toBe('ring')
    }
    expect(await cache.set('set', ring)).toBe(true)
    expect((await cache.get('set'))?.self?.self?.name).toBe('ring')
  })

  it('a loader that asks for its own key fails, also by way of another key', async () => {
    const rejections = unhandledRejections()
    const cache: Cache<number> = (await open()).define<number>('values')
    const outer = (): Promise<number | undefined> => cache.getOrLoad('inner', inner)
    const inner = (): Promise<number | undefined> => cache.getOrLoad('outer', outer)
    await expect(cache.getOrLoad('outer', outer)).rejects.toMatchObject({ code: 'LOADER_FAILED' })
    expect(await cache.getOrLoad('outer', () => 1)).toBe(1)
    expect(await cache.getOrLoad('inner', () => 2)).toBe(2)
    await settle()
    expect(rejections).toEqual([])
  })

  it('10,000 tags are stored and each of them invalidates', async () => {
    const cache = (await open()).define<number>('values')
    const tags = Array.from({ length: 10_000 }, (_item, index) => `tag-${index}`)
    expect(await cache.set('k', 1, { tags })).toBe(true)
    expect((await cache.getWithMeta('k'))?.tags).toHaveLength(10_000)
    await cache.invalidateTags(['tag-9999'])
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getOrLoad('k', () => 2, { tags })).toBe(2)
    await cache.invalidateTags(tags)
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getOrLoad('k', () => 3, { tags })).toBe(3)
    expect(await cache.get('k')).toBe(3)
  })
})

describe('a loader that never settles', () => {
  it('fails its callers at the hard timeout, and what it does later reaches nobody', async () => {
    const rejections = unhandledRejections()
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { loading: { hardTimeout: '2s' } })
    const late = Promise.withResolvers<number>()
    const calls = Promise.allSettled([
      cache.getOrLoad('k', () => late.promise),
      cache.getOrLoad('k', () => late.promise),
    ])
    await settle()
    await clock.advanceAsync(2000)
    for (const result of await calls)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'LOADER_TIMEOUT' } })
    late.reject(new RangeError('late'))
    await settle()
    expect(await cache.getOrLoad('k', () => 1)).toBe(1)
    expect(rejections).toEqual([])
  })
})

describe('a backend that errors on every second call', () => {
  it('answers every call with a value, a miss or a CacheError, and leaves no rejection behind', async () => {
    const rejections = unhandledRejections()
    const fault = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const
    const backend = faultyBackend(referenceBackend(), everyNth(2, fault))
    const caches = await openCaches({ backend, l1: memory() })
    const cache = caches.define<number>('values')
    const refused = { code: expect.stringMatching(/^BACKEND_/) as string }
    const orRefused = async (call: Promise<unknown>): Promise<void> => {
      const [result] = await Promise.allSettled([call])
      if (result?.status === 'rejected') expect(result.reason).toMatchObject(refused)
    }
    for (let round = 0; round < 40; round++) {
      const key = `k${round % 5}`
      expect(await cache.getOrLoad(key, () => round, { tags: ['t'] })).toBeTypeOf('number')
      expect(await cache.set(key, round)).toBeTypeOf('boolean')
      expect([undefined, round]).toContain(await cache.get(key))
      await orRefused(cache.increment('n'))
      await orRefused(cache.delete(key))
      await orRefused(cache.invalidateTags(['t']))
      await orRefused(cache.size())
    }
    await settle()
    expect(rejections).toEqual([])
  })
})
