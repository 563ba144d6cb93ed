import { during, faultyBackend, ManualClock, onlyFor, referenceBackend } from '@cache/conformance'
import { createCaches, type Caches } from '@cache/core'
import { memory } from '@cache/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rateLimiter, type RateLimiter, type RateLimiterOptions } from '../src/index.ts'

interface Opened {
  readonly clock: ManualClock
  readonly caches: Caches
  readonly limiter: RateLimiter
  isAway: boolean
}

async function open(options: Partial<RateLimiterOptions> = {}, remote = false): Promise<Opened> {
  const clock = new ManualClock()
  const opened = { clock, isAway: false }
  const outage = during(() => opened.isAway, { kind: 'fail', code: 'BACKEND_UNREACHABLE' })
  const backend = remote
    ? faultyBackend(referenceBackend(), onlyFor(['step', 'read', 'change'], outage))
    : memory()
  const caches = await createCaches({ backend, environment: { clock } })
  onTestFinished(() => caches.close())
  const limiter = rateLimiter(caches, { name: 'test', rules: { limit: 4, per: '1s' }, ...options })
  return Object.assign(opened, { caches, limiter })
}

async function allowed(limiter: RateLimiter, times: number, key = 'k'): Promise<number> {
  let count = 0
  for (let call = 0; call < times; call++) if ((await limiter.consume(key)).allowed) count++
  return count
}

/** How a call ends: with this code, or `'done'`. */
async function endOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  )
}

describe('a limiter', () => {
  it('does not care for steps of the wall clock', async () => {
    for (const stepMs of [-3_600_000, 3_600_000]) {
      const { clock, limiter } = await open()
      expect(await allowed(limiter, 5)).toBe(4)
      clock.stepWall(stepMs)
      expect(await allowed(limiter, 5)).toBe(0)
      await clock.advanceAsync(1000)
      expect(await allowed(limiter, 5)).toBe(4)
    }
  })

  it('counts across a boundary: 10 in any window is not 10 before and 10 after', async () => {
    const { clock, limiter } = await open({ rules: { limit: 10, per: '1s' } })
    await clock.advanceAsync(950)
    expect(await allowed(limiter, 20)).toBe(10)
    await clock.advanceAsync(100)
    expect(await allowed(limiter, 20)).toBe(0)
    await clock.advanceAsync(900)
    expect(await allowed(limiter, 20)).toBe(10)
  })

  it('forgets keys when their time is over', async () => {
    const { clock, caches, limiter } = await open()
    for (let key = 0; key < 500; key++) await limiter.consume(`key${key}`)
    await clock.advanceAsync(1100)
    expect(await caches.purge()).toBe(500)
  })

  it('keeps no more keys than it may', async () => {
    const { limiter } = await open({ maxKeys: 10, rules: { limit: 1, per: '1h' } })
    for (let key = 0; key < 100; key++) await limiter.consume(`key${key}`)
    expect(await allowed(limiter, 1, 'key99')).toBe(0)
    expect(await allowed(limiter, 1, 'key0')).toBe(1)
  })

  it('waits for a turn, and gives it back when the wait is aborted', async () => {
    const { clock, limiter } = await open()
    await allowed(limiter, 4)
    const abort = new AbortController()
    const aborted = endOf(limiter.reserve('k', { signal: abort.signal }))
    const turn = limiter.reserve('k')
    await clock.advanceAsync(500)
    abort.abort()
    expect(await aborted).toBe('ABORTED')
    await clock.advanceAsync(500)
    expect(await turn).toMatchObject({ allowed: true })
    await expect(limiter.reserve('k', { signal: abort.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('ends waits with the caches', async () => {
    const { caches, limiter } = await open()
    await allowed(limiter, 4)
    const waiting = endOf(limiter.reserve('k'))
    await new Promise((resolve) => setImmediate(resolve))
    await caches.close()
    expect(await waiting).toBe('CLOSED')
    await expect(limiter.consume('k')).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('is not undone when all caches are cleared', async () => {
    const { caches, limiter } = await open()
    await allowed(limiter, 4)
    await caches.clear()
    expect(await allowed(limiter, 4)).toBe(0)
  })

  it.each([
    [{ rules: [] }, /rules/],
    [{ rules: Array.from({ length: 9 }, () => ({ limit: 1, per: '1s' })) }, /rules/],
    [{ name: 'no name' }, /name/],
    [{ ban: { after: 0, within: '1s', for: '1s' } }, /ban.after/],
    [{ ban: { after: 1, within: '1s', for: 0 } }, /ban.for/],
    [{ ban: { after: 1, within: '1s', for: '1s', until: 1 } }, /no option 'until'/],
    [{ whenAway: { share: 0 } }, /whenAway.share/],
    [{ whenAway: 'open' }, /whenAway/],
    [{ maxKeys: 0 }, /maxEntries/],
    [{ points: 1 }, /no option 'points'/],
  ])('refuses what makes no sense, naming it: %j', async (options, message) => {
    await expect(open(options as never)).rejects.toThrow(message)
  })

  it('refuses costs that could never be admitted', async () => {
    const { limiter } = await open({ rules: { limit: 9, per: '1s', algorithm: 'gcra', burst: 3 } })
    for (const cost of [-1, 1.5, 4, Number.NaN])
      await expect(async () => limiter.consume('k', { cost })).rejects.toThrow(/cost/)
  })
})

describe('a limiter whose backend goes away', () => {
  it('admits a share in this process, knowing what was admitted before', async () => {
    const opened = await open({}, true)
    expect(await allowed(opened.limiter, 1)).toBe(1)
    opened.isAway = true
    expect(await allowed(opened.limiter, 10)).toBe(1)
    expect(await allowed(opened.limiter, 10, 'other')).toBe(2)
    expect(await opened.limiter.consume('k')).toMatchObject({ allowed: false, local: true })
  })

  it('tells the backend afterwards what it admitted, so that both together keep the limit', async () => {
    const opened = await open({ rules: { limit: 4, per: '1m' } }, true)
    opened.isAway = true
    expect(await allowed(opened.limiter, 10)).toBe(2)
    opened.isAway = false
    await opened.clock.advanceAsync(2000)
    expect(await allowed(opened.limiter, 10)).toBe(2)
    await opened.clock.advanceAsync(60_001)
    expect(await allowed(opened.limiter, 10)).toBe(4)
  })

  it('refuses everything where it was told so', async () => {
    const opened = await open({ whenAway: 'refuse' }, true)
    opened.isAway = true
    expect(await opened.limiter.consume('k')).toMatchObject({ allowed: false, local: true })
    expect(await opened.limiter.check('k')).toMatchObject({ allowed: false })
  })

  it('goes on refusing who was banned', async () => {
    const opened = await open({}, true)
    await opened.limiter.ban('k', { for: '1h' })
    opened.isAway = true
    expect(await opened.limiter.consume('k')).toMatchObject({ allowed: false, banned: true, local: true })
    await expect(opened.limiter.unban('k')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
  })

  it('is never open: neither with many keys nor with waiting', async () => {
    const opened = await open({}, true)
    opened.isAway = true
    for (let key = 0; key < 12_000; key++) await opened.limiter.consume(`key${key}`)
    expect(await allowed(opened.limiter, 10, 'key11999')).toBeLessThanOrEqual(1)
    expect(await opened.limiter.reserve('key11999', { maxWait: 10 })).toMatchObject({ allowed: false })
  })
})
