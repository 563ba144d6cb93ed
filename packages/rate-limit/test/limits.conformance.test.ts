import { setTimeout as sleep } from 'node:timers/promises'
import { createCaches, type CacheBackend, type Caches } from '@cache/core'
import { Child, places, processPlaces, serverPlaces, type Place } from '@cache/tooling-backends'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { rateLimiter, type RateLimiter, type RateLimiterOptions } from '../src/index.ts'
import { mostInWindow } from './support/most-in-window.ts'

let names = 0
const timeout = 60_000

async function cachesOver(backend: CacheBackend): Promise<Caches> {
  const caches = await createCaches({
    backend,
    resilience: { commandTimeout: '20s' },
    upkeep: { onStart: false },
  })
  onTestFinished(() => caches.close())
  return caches
}

/** A limiter that no other test has, in a process of its own. */
async function limiterOver(
  place: Place,
  options: Omit<RateLimiterOptions, 'name'>,
  name = `limit${++names}`,
): Promise<RateLimiter> {
  return rateLimiter(await cachesOver(place.open()), { name, ...options })
}

async function allowed(limiter: RateLimiter, key: string, times: number): Promise<number> {
  const results = await Promise.all(Array.from({ length: times }, () => limiter.consume(key)))
  return results.filter((result) => result.allowed).length
}

describe.each(places)('limits over %s', (_name, make) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)
  afterAll(() => place.remove())

  it('admit as many as they say, and tell what is left', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 5, per: '1h', name: 'hourly' } })
    expect(await limiter.check('k')).toMatchObject({
      allowed: true,
      remaining: 5,
      limit: 5,
      rule: 'hourly',
      cost: 0,
    })
    expect(await limiter.consume('k', { cost: 2 })).toMatchObject({
      allowed: true,
      remaining: 3,
      retryAfterMs: 0,
      cost: 2,
    })
    expect(await allowed(limiter, 'k', 10)).toBe(3)
    const refused = await limiter.consume('k')
    expect(refused).toMatchObject({
      allowed: false,
      remaining: 0,
      rule: 'hourly',
      banned: false,
      local: false,
      cost: 0,
    })
    expect(refused.retryAfterMs).toBeGreaterThan(3_500_000)
    expect(refused.retryAfterMs).toBeLessThanOrEqual(3_600_000)
    expect(await limiter.consume('k', { cost: 0 })).toMatchObject({ allowed: true })
    expect(await allowed(limiter, 'other', 10)).toBe(5)
  })

  it('admit again when their window has moved on', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 3, per: '400ms' } })
    expect(await allowed(limiter, 'k', 5)).toBe(3)
    const { retryAfterMs } = await limiter.check('k')
    await sleep(Math.ceil(retryAfterMs) + 20)
    expect((await limiter.consume('k')).allowed).toBe(true)
  })

  it('count in all rules or in none', { timeout }, async () => {
    const rules = [
      { limit: 3, per: '1h', name: 'small' },
      { limit: 5, per: '2h', name: 'large', algorithm: 'gcra', burst: 5 },
    ] as const
    const limiter = await limiterOver(place, { rules })
    expect(await allowed(limiter, 'k', 10)).toBe(3)
    expect(await limiter.consume('k')).toMatchObject({ allowed: false, rule: 'small', limit: 3 })
    await limiter.reset('k')
    expect(await limiter.consume('k', { cost: 3 })).toMatchObject({
      allowed: true,
      remaining: 0,
      rule: 'small',
    })
  })

  it('give back what did not happen, and forget what they are told to', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 2, per: '1h' } })
    const taken = await limiter.consume('k', { cost: 2 })
    await limiter.giveBack('k', taken)
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, remaining: 1 })
    await limiter.giveBack('k', await limiter.consume('k', { cost: 2 }))
    expect(await limiter.check('k')).toMatchObject({ remaining: 1 })
    await limiter.reset('k')
    expect(await limiter.check('k')).toMatchObject({ remaining: 2 })
  })

  it('let callers wait for their turn, in order', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 2, per: '300ms' } })
    const turns = await Promise.all([1, 2, 3, 4, 5].map(() => limiter.reserve('k', { maxWait: '30s' })))
    expect(turns.every((turn) => turn.allowed)).toBe(true)
    const times = turns.map(({ atUs }) => atUs)
    expect(times).toEqual([...times].sort((one, other) => one - other))
    expect(mostInWindow(turns, 300_000)).toBe(2)
    await allowed(limiter, 'k', 2)
    expect(await limiter.reserve('k', { maxWait: 1 })).toMatchObject({ allowed: false })
  })

  it('ban who is refused again and again, and list and lift bans', { timeout }, async () => {
    const limiter = await limiterOver(place, {
      rules: { limit: 1, per: '1h' },
      ban: { after: 3, within: '10m', for: '1d' },
    })
    expect(await allowed(limiter, 'k', 3)).toBe(1)
    const last = await limiter.consume('k')
    expect(last).toMatchObject({ allowed: false, banned: true, newlyBanned: true })
    expect(last.retryAfterMs).toBeGreaterThan(86_000_000)
    expect(await limiter.consume('k')).toMatchObject({ banned: true, newlyBanned: false })
    await limiter.ban('203.0.113.7', { for: '1h', reason: 'by hand' })
    expect(await limiter.check('203.0.113.7')).toMatchObject({ allowed: false, banned: true })
    const bans = await limiter.bans()
    expect(bans.map(({ key, reason }) => `${key} ${reason}`).sort()).toEqual([
      '203.0.113.7 by hand',
      'k refused too often',
    ])
    await limiter.reset('k')
    expect(await limiter.check('k')).toMatchObject({ banned: true })
    await limiter.unban('k')
    expect(await limiter.consume('k')).toMatchObject({ allowed: true })
    expect((await limiter.bans()).map(({ key }) => key)).toEqual(['203.0.113.7'])
  })

  it('end a ban with its time', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 1, per: '1h' } })
    await limiter.ban('k', { for: 300 })
    expect(await limiter.consume('k')).toMatchObject({ banned: true })
    await sleep(330)
    expect(await limiter.consume('k')).toMatchObject({ allowed: true })
    expect(await limiter.bans()).toEqual([])
  })

  it('count attempts that fail, also those that run at the same time', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 3, per: '1h' } })
    let tries = 0
    const guess = async (): Promise<boolean> => {
      tries++
      await sleep(5)
      return false
    }
    await Promise.all(Array.from({ length: 8 }, () => limiter.attempt('k', guess)))
    expect(tries).toBe(3)
    expect((await limiter.attempt('k', guess)).limit.allowed).toBe(false)
    await limiter.reset('k')
    expect(await limiter.attempt('k', async () => 'right')).toMatchObject({ outcome: 'right' })
    expect(await limiter.check('k')).toMatchObject({ remaining: 3 })
  })

  it('tell keys apart, whatever they are', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 1, per: '1h' } })
    const odd = [
      'a',
      'a:b',
      'a b',
      '%',
      '\u{1f600}',
      '\ud800',
      '__proto__',
      'x'.repeat(10_000),
      'x'.repeat(10_001),
    ]
    for (const key of odd) expect(await allowed(limiter, key, 2)).toBe(1)
    await expect(async () => limiter.consume('')).rejects.toMatchObject({ code: 'INVALID_KEY' })
  })
})

describe.each(processPlaces)('limits of several processes over %s', (_name, make) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)
  afterAll(() => place.remove())

  it('hold for all of them, and after all of them were closed', { timeout }, async () => {
    const options = { rules: { limit: 10, per: '1h' } } as const
    const two = [await limiterOver(place, options, 'common'), await limiterOver(place, options, 'common')]
    const counts = await Promise.all(two.map((limiter) => allowed(limiter, 'k', 10)))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10)
    await two[0]?.ban('banned', { for: '1h' })
    const later = await limiterOver(place, options, 'common')
    expect(await later.consume('k')).toMatchObject({ allowed: false })
    expect(await later.consume('banned')).toMatchObject({ banned: true })
  })

  it(
    'admit no more in any window to three processes, one of which is killed and starts again',
    { timeout },
    async () => {
      const start = (forMs: number): Child => {
        const child = new Child(new URL('children/taking.ts', import.meta.url), place.address, 'k', forMs)
        onTestFinished(() => child.kill())
        return child
      }
      const killed = start(60_000)
      const others = [start(2500), start(2500)]
      await killed.line()
      await killed.kill()
      others.push(start(1500))
      const lines = (await Promise.all(others.map((child) => child.lines()))).flat()
      const admitted = lines.map(
        (line) => JSON.parse(line) as { askedMs: number; answeredMs: number; atUs: number },
      )
      expect(admitted.length).toBeGreaterThanOrEqual(10)
      // By the store's time the limit is exact. A process on SQLite brings its own clock, which can be 1 ms off.
      const windowUs = 500_000 - (place.address?.kind === 'sqlite' ? 2000 : 0)
      expect(
        mostInWindow(
          admitted.map(({ atUs }) => ({ atUs, cost: 1 })),
          windowUs,
        ),
      ).toBeLessThanOrEqual(10)
    },
  )
})

describe.each(serverPlaces)('limits over %s', (_name, make) => {
  let place: Place
  beforeAll(async () => {
    place = await make()
  }, timeout)
  afterAll(() => place.remove())

  it('outlive the server, where it keeps what it has', { timeout }, async () => {
    const limiter = await limiterOver(place, { rules: { limit: 5, per: '1h' }, whenAway: 'refuse' })
    expect(await allowed(limiter, 'k', 3)).toBe(3)
    await limiter.ban('banned', { for: '1h' })
    await place.server?.kill()
    await place.server?.restart('saved')
    await expect.poll(async () => (await limiter.check('k')).local, { timeout: 30_000 }).toBe(false)
    expect(await allowed(limiter, 'k', 5)).toBe(2)
    expect(await limiter.check('banned')).toMatchObject({ banned: true })
  })

  it(
    'go on in this process while the server is away, with less, and settle afterwards',
    { timeout },
    async () => {
      const limiter = await limiterOver(place, { rules: { limit: 6, per: '1h' } })
      expect(await allowed(limiter, 'k', 1)).toBe(1)
      await place.server?.kill()
      const results = []
      for (let call = 0; call < 10; call++) results.push(await limiter.consume('k'))
      // Half of 6 is 3, and one was taken before.
      expect(results.filter((result) => result.allowed)).toHaveLength(2)
      expect(results.every((result) => result.local)).toBe(true)
      await expect(limiter.reset('k')).rejects.toMatchObject({ code: /^BACKEND_/ })
      await place.server?.restart('saved')
      await expect.poll(async () => (await limiter.check('k')).local, { timeout: 30_000 }).toBe(false)
      expect(await allowed(limiter, 'k', 10)).toBe(3)
    },
  )

  it('take one round trip', { timeout }, async () => {
    const limiter = await limiterOver(place, {
      rules: [
        { limit: 5, per: '1h' },
        { limit: 2, per: '1s' },
      ],
    })
    await limiter.consume('warm')
    await place.server?.command(['CONFIG', 'RESETSTAT'])
    await limiter.consume('k')
    const stats = String(await place.server?.command(['INFO', 'commandstats']))
    expect(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]).toBe('1')
  })
})
