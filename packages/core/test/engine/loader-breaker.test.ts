import { describe, expect, it } from 'vitest'
import { onCacheEvent } from '../../src/index.ts'
import { gate, openCachesInTime, settle } from '../support/open-caches.ts'

const resilience = { minimumCalls: 4, windowCalls: 8, openFor: '1s' } as const

describe('the circuit breaker of the loaders', () => {
  it('fails calls at once while the source is down, lets one try, and closes when that succeeds', async () => {
    const { caches, clock } = await openCachesInTime({ resilience })
    const cache = caches.define<number>('values', { loading: { breaker: true } })
    const states: string[] = []
    const stop = onCacheEvent('cache:breaker', ({ breaker, state }) => states.push(`${breaker} ${state}`))
    let loads = 0
    const fail = (): never => {
      loads++
      throw new RangeError('down')
    }
    for (let call = 0; call < 4; call++)
      await expect(cache.getOrLoad(`k${call}`, fail)).rejects.toThrow('down')
    await expect(cache.getOrLoad('k', fail)).rejects.toMatchObject({ code: 'LOADER_FAILED' })
    expect(loads).toBe(4)
    clock.advance(1000)
    const held = gate<number>()
    const probe = cache.getOrLoad('probe', () => held.promise)
    await settle()
    await expect(cache.getOrLoad('other', fail)).rejects.toMatchObject({ code: 'LOADER_FAILED' })
    held.resolve(1)
    expect(await probe).toBe(1)
    expect(await cache.getOrLoad('other', () => 2)).toBe(2)
    stop()
    expect(states).toEqual(['loader values open', 'loader values half-open', 'loader values closed'])
  })

  it('leaves stale entries to be served, and counts no call that was aborted', async () => {
    const { caches, clock } = await openCachesInTime({ resilience })
    const loading = { breaker: true, staleFor: '1h', staleWhileRevalidate: false, retryAfter: 0 } as const
    const cache = caches.define<string>('values', { ttl: '1m', loading })
    await cache.set('k', 'old')
    const never = (): Promise<string> => new Promise(() => undefined)
    for (let call = 0; call < 8; call++) {
      const controller = new AbortController()
      const aborted = cache.getOrLoad(`a${call}`, never, { signal: controller.signal })
      await settle()
      controller.abort()
      await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    }
    expect(await cache.getOrLoad('b', () => 'loaded')).toBe('loaded')
    clock.advance(60_000)
    let loads = 0
    const fail = (): never => {
      loads++
      throw new RangeError('down')
    }
    for (let call = 0; call < 20; call++) expect(await cache.getOrLoad('k', fail)).toBe('old')
    expect(loads).toBeLessThan(10)
  })

  it('is not there unless it is asked for', async () => {
    const { caches } = await openCachesInTime({ resilience })
    const cache = caches.define<number>('values')
    for (let call = 0; call < 20; call++) {
      const load = (): never => {
        throw new RangeError('no such thing')
      }
      await expect(cache.getOrLoad(`k${call}`, load)).rejects.toThrow('no such thing')
    }
  })
})
