import { describe, expect, it } from 'vitest'
import { during, faultyBackend, ManualClock, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { Cache, LocalOptions } from '../../src/index.ts'
import { openCaches, settle } from '../support/open-caches.ts'

interface Fixture {
  readonly cache: Cache<string>
  readonly clock: ManualClock
  setAway(isAway: boolean): void
}

async function overABackend(l1: LocalOptions): Promise<Fixture> {
  const clock = new ManualClock()
  let away = false
  const unreachable = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const
  const backend = faultyBackend(
    referenceBackend(),
    during(() => away, unreachable),
  )
  const caches = await openCaches({ backend, l1: memory(), environment: { clock } })
  const cache = caches.define<string>('values', { ttl: '1h', l1 })
  const setAway = (isAway: boolean): void => {
    away = isAway
  }
  await cache.set('k', 'v')
  await cache.set('l', 'w')
  return { cache, clock, setAway }
}

describe('L1 with the backend away', () => {
  it('stops at the bound, unless it may go on alone', async () => {
    const { cache, clock, setAway } = await overABackend({})
    setAway(true)
    clock.advance(1001)
    expect(await cache.get('k')).toBeUndefined()
    expect(cache.peek('k')).toBeUndefined()
    expect(await cache.getOrLoad('k', () => 'loaded')).toBe('loaded')
    expect(cache.stats().aloneHits).toBe(0)
  })

  it.each(['get', 'getMany', 'getOrLoad'] as const)(
    'answers %s alone from the first call on',
    async (how) => {
      const { cache, clock, setAway } = await overABackend({ aloneFor: '10s' })
      setAway(true)
      clock.advance(5000)
      if (how === 'get') expect(await cache.get('k')).toBe('v')
      else if (how === 'getMany')
        expect(await cache.getMany(['k', 'none', 'l'])).toEqual(['v', undefined, 'w'])
      else expect(await cache.getOrLoad('k', () => 'loaded')).toBe('v')
      expect(cache.peek('k')).toBe('v')
      expect((await cache.getWithMeta('k'))?.source).toBe('l1')
      expect(cache.stats().aloneHits).toBeGreaterThanOrEqual(2)
    },
  )

  it('does so for that long and no longer', async () => {
    const { cache, clock, setAway } = await overABackend({ aloneFor: '10s' })
    setAway(true)
    clock.advance(11_000)
    expect(await cache.get('k')).toBe('v')
    clock.advance(1)
    expect(await cache.get('k')).toBeUndefined()
    expect(cache.peek('k')).toBeUndefined()
    expect(await cache.getOrLoad('k', () => 'loaded')).toBe('loaded')
  })

  it('gives nothing older than a call allows', async () => {
    const { cache, clock, setAway } = await overABackend({ aloneFor: '10s' })
    setAway(true)
    clock.advance(5000)
    expect(await cache.getOrLoad('k', () => 'loaded', { maxAge: '4s' })).toBe('loaded')
  })

  it('only while the backend is away: the bound holds again once it answers', async () => {
    const { cache, clock, setAway } = await overABackend({ aloneFor: '1h' })
    setAway(true)
    clock.advance(5000)
    expect(await cache.get('k')).toBe('v')
    setAway(false)
    clock.advance(60_000)
    // Upkeep may be the breaker's probe.
    await settle()
    cache.peek('k')
    await settle()
    expect(cache.peek('k')).toBe('v')
    const { aloneHits } = cache.stats()
    clock.advance(2000)
    expect(cache.peek('k')).toBeUndefined()
    expect(cache.stats().aloneHits).toBe(aloneHits)
  })

  it('refuses to be asked for with a bound of 0', async () => {
    const caches = await openCaches()
    expect(() => caches.define('values', { l1: { within: 0, aloneFor: '1s' } })).toThrow('l1.aloneFor')
  })
})
