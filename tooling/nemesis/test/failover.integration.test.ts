import { createCaches, type Caches } from '@cache/core'
import { createLocks } from '@cache/lock'
import { rateLimiter } from '@cache/rate-limit'
import { redis } from '@cache/redis'
import { TestSentinel, until } from '@cache/tooling-servers'
import { valkey } from '@cache/valkey'
import { describe, expect, it, onTestFinished } from 'vitest'

const limit = 10

/** A primary dies, and a replica that has not heard of the latest takes its place: what locks, limits and counters promise. */
describe.each([
  ['redis', redis],
  ['valkey', valkey],
] as const)('a failover of %s to a replica that lags behind', { timeout: 180_000 }, (kind, backendOf) => {
  async function setUp(): Promise<{ readonly setup: TestSentinel; readonly open: () => Promise<Caches> }> {
    const setup = await TestSentinel.start({ kind, replicas: 1 })
    onTestFinished(() => setup.stop())
    const sentinel = {
      addresses: setup.sentinels.map(({ host, port }) => `${host}:${port}`),
      name: setup.primaryName,
    }
    const open = async (): Promise<Caches> => {
      const caches = await createCaches({
        backend: backendOf({ sentinel }),
        resilience: { openFor: 50 },
        upkeep: { onStart: false },
      })
      onTestFinished(() => caches.close())
      return caches
    }
    return { setup, open }
  }

  /** What was said before is on the replica. */
  async function replicated(setup: TestSentinel): Promise<void> {
    const primary = await setup.primary()
    const offset = Number(await primary.info('master_repl_offset'))
    for (const replica of setup.servers.filter((server) => server !== primary))
      await until('the replica has it', async () => Number(await replica.info('slave_repl_offset')) >= offset)
  }

  async function failOver(setup: TestSentinel): Promise<void> {
    const former = await setup.primary()
    await former.kill()
    await setup.failedOver(former)
  }

  it('fencing tokens go on growing, and the former holder learns that it lost its lock', async () => {
    const { setup, open } = await setUp()
    const [one, other] = [createLocks(await open(), { ttl: '6s' }), createLocks(await open(), { ttl: '6s' })]
    const early = await one.acquire('job')
    await early.release()
    await replicated(setup)
    await setup.letReplicasFallBehind()
    const unknown = await one.acquire('warm-up')
    await unknown.release()
    const former = await one.acquire('job')
    expect(former.token).toBeGreaterThan(early.token)
    await failOver(setup)
    const next = await until('the lock can be had', () => other.tryAcquire('job'))
    expect(next.token).toBeGreaterThan(former.token)
    await until('the former holder was told', async () => former.signal.aborted)
    expect(former.signal.reason).toMatchObject({ code: 'LOCK_LOST' })
    const last = next.token
    expect(await next.release()).toBe(true)
    const after = await one.acquire('job')
    expect(after.token).toBeGreaterThan(last)
    await after.release()
  })

  it('a limit admits what the replica knows to be left, and no more', async () => {
    const { setup, open } = await setUp()
    const limiters = await Promise.all(
      [open(), open()].map(async (caches) =>
        rateLimiter(await caches, { name: 'logins', rules: { limit, per: '1h' } }),
      ),
    )
    const admitted = async (calls: number): Promise<number> => {
      let count = 0
      for (let call = 0; call < calls; call++)
        for (const limiter of limiters) if ((await limiter.consume('user')).allowed) count++
      return count
    }
    const known = await admitted(2)
    await replicated(setup)
    await setup.letReplicasFallBehind()
    const lost = await admitted(1)
    await failOver(setup)
    await until('the new primary answers', async () => !(await limiters[0]?.check('user'))?.local)
    await until('it answers to both', async () => !(await limiters[1]?.check('user'))?.local)
    const after = await admitted(limit)
    expect([known, lost]).toEqual([4, 2])
    // At most as many calls too many as the replica has not heard of.
    expect(known + after).toBeLessThanOrEqual(limit)
    expect(known + lost + after).toBeGreaterThanOrEqual(limit)
  })

  it('a counter begins anew, and then loses nothing: it never goes on from an older number', async () => {
    const { setup, open } = await setUp()
    const counters = (await Promise.all([open(), open()])).map((caches) =>
      caches.define<number>('orders', { ttl: Number.POSITIVE_INFINITY }),
    )
    for (const counter of counters) for (let add = 0; add < 5; add++) await counter.increment('today')
    await replicated(setup)
    await setup.letReplicasFallBehind()
    for (const counter of counters) expect(await counter.increment('today')).toBeGreaterThan(10)
    await failOver(setup)
    const first = await until(
      'a counter can be raised',
      () => counters[0]?.increment('today') ?? Promise.resolve(undefined),
    )
    expect(first).toBeLessThan(10)
    await until('the other as well', () => counters[1]?.increment('today') ?? Promise.resolve(undefined))
    const before = (await counters[0]?.get('today')) ?? 0
    await Promise.all(
      counters.flatMap((counter) => Array.from({ length: 50 }, () => counter.increment('today'))),
    )
    expect(await counters[1]?.get('today')).toBe(before + 100)
  })
})
