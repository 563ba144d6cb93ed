import { describe, expect, it } from 'vitest'
import { gate, openCachesInTime, settle } from '../support/open-caches.ts'

describe('stale entries', () => {
  it('are served at once while one caller loads anew', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', { ttl: '1m', loading: { staleFor: '1m' } })
    await cache.set('k', 'old')
    clock.advance(60_000)
    const held = gate<string>()
    let loads = 0
    const load = (): Promise<string> => {
      loads++
      return held.promise
    }
    expect(await Promise.all([cache.getOrLoad('k', load), cache.getOrLoad('k', load)])).toEqual([
      'old',
      'old',
    ])
    expect(await cache.getWithMeta('k')).toMatchObject({ value: 'old', stale: true })
    held.resolve('new')
    await settle()
    expect(loads).toBe(1)
    expect(await cache.get('k')).toBe('new')
  })

  it('are served after the soft timeout when the load is waited for', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { staleFor: '1m', staleWhileRevalidate: false, softTimeout: '200ms' } as const
    const cache = caches.define<string>('values', { ttl: '1m', loading })
    await cache.set('quick', 'old')
    await cache.set('slow', 'old')
    clock.advance(60_000)
    expect(await cache.getOrLoad('quick', () => 'new')).toBe('new')
    const held = gate<string>()
    const call = cache.getOrLoad('slow', () => held.promise)
    await settle()
    await clock.advanceAsync(200)
    expect(await call).toBe('old')
    held.resolve('new')
    await settle()
    expect(await cache.get('slow')).toBe('new')
  })

  it('are served when the load fails, which is not tried again for a while', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { staleFor: '10m', staleWhileRevalidate: false, retryAfter: '5s' } as const
    const cache = caches.define<string>('values', { ttl: '1m', loading })
    await cache.set('k', 'old')
    clock.advance(60_000)
    let loads = 0
    const load = (): string => {
      loads++
      throw new RangeError('down')
    }
    for (let call = 0; call < 5; call++) expect(await cache.getOrLoad('k', load)).toBe('old')
    expect(loads).toBe(1)
    clock.advance(5000)
    expect(await cache.getOrLoad('k', () => 'new')).toBe('new')
  })

  it('are never served once invalidated, and never past their time', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<string>('values', { ttl: '1m', loading: { staleFor: '1m' } })
    await cache.set('deleted', 'old')
    await cache.set('gone', 'old')
    clock.advance(60_000)
    await cache.delete('deleted')
    const load = (): never => {
      throw new RangeError('down')
    }
    await expect(cache.getOrLoad('deleted', load)).rejects.toThrow('down')
    clock.advance(60_000)
    await expect(cache.getOrLoad('gone', load)).rejects.toThrow('down')
  })

  it('can be kept when the source says that nothing changed', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { staleFor: '1m', staleWhileRevalidate: false } as const
    const cache = caches.define<{ etag: string }>('values', { ttl: '1m', loading })
    await cache.set('k', { etag: 'a' })
    clock.advance(60_000)
    const value = await cache.getOrLoad('k', (context) => {
      expect(context.stale).toEqual({ etag: 'a' })
      context.notModified()
      return undefined
    })
    expect(value).toEqual({ etag: 'a' })
    expect(await cache.ttl('k')).toBe(60_000)
    await expect(
      cache.getOrLoad('new', (context) => {
        context.notModified()
        return undefined
      }),
    ).rejects.toMatchObject({
      code: 'LOADER_FAILED',
    })
  })

  it('are avoided by loading ahead of time, behind the lease', async () => {
    const { caches, clock } = await openCachesInTime()
    const cache = caches.define<number>('values', { ttl: '10s', loading: { refreshAhead: true } })
    let loads = 0
    const load = (): number => {
      clock.advance(1000)
      return ++loads
    }
    await cache.getOrLoad('k', load)
    expect(await cache.getOrLoad('k', load)).toBe(1)
    clock.advance(8500)
    expect(await cache.getOrLoad('k', load)).toBe(1)
    await settle()
    expect(loads).toBe(2)
    expect(await cache.get('k')).toBe(2)
  })

  it.each([{}, { maxAge: '1m' }] as const)(
    'are avoided by loading in the last part of the time (%o)',
    async (options) => {
      const { caches, clock } = await openCachesInTime()
      const loading = { refreshAhead: '4s' } as const
      const cache = caches.define<number>('values', { ttl: '10s', loading })
      let loads = 0
      const load = (): number => ++loads
      await cache.getOrLoad('k', load, options)
      clock.advance(5999)
      expect(await cache.getOrLoad('k', load, options)).toBe(1)
      await settle()
      expect(loads).toBe(1)
      clock.advance(1)
      expect(await cache.getOrLoad('k', load, options)).toBe(1)
      await settle()
      expect(loads).toBe(2)
      clock.advance(5999)
      expect(await cache.getOrLoad('k', load, options)).toBe(2)
    },
  )

  it('that are to be avoided are tried once where the load fails, until retryAfter has passed', async () => {
    const { caches, clock } = await openCachesInTime()
    const loading = { refreshAhead: '6s', retryAfter: '3s' } as const
    const cache = caches.define<number>('values', { ttl: '10s', loading })
    let loads = 0
    await cache.getOrLoad('k', () => ++loads)
    const fail = (): number => {
      loads++
      throw new Error('The source is down')
    }
    clock.advance(5000)
    for (let read = 0; read < 5; read++) {
      expect(await cache.getOrLoad('k', fail)).toBe(1)
      await settle()
    }
    expect(loads).toBe(2)
    clock.advance(3000)
    expect(await cache.getOrLoad('k', fail)).toBe(1)
    await settle()
    expect(loads).toBe(3)
  })
})
