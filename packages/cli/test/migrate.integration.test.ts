import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { createCaches, type CacheBackend, type Caches } from '@cache/core'
import { encryption } from '@cache/crypto'
import { redis } from '@cache/redis'
import { valkey } from '@cache/valkey'
import { TcpProxy, TestServer, usableServer, type UsableServer } from '@cache/tooling-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directory, fillQuotes, run, TerminalSession, withSqlite } from './support.ts'

const kinds = ['redis', 'valkey'] as const
const servers = new Map<string, UsableServer>()

beforeAll(async () => {
  for (const kind of kinds) servers.set(kind, await usableServer(kind))
})
afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())))

/** A prefix of its own for each test: the servers are shared. */
let prefixes = 0
function newPrefix(): string {
  return `migration${prefixes++}`
}

function placeOf(kind: 'redis' | 'valkey'): string {
  return (servers.get(kind)?.url ?? '').replace(/^redis/, kind)
}

function backendOf(kind: 'redis' | 'valkey'): CacheBackend {
  const url = servers.get(kind)?.url ?? ''
  return kind === 'redis' ? redis({ url }) : valkey({ url })
}

async function withServer(
  kind: 'redis' | 'valkey',
  prefix: string,
  work: (caches: Caches) => Promise<void>,
  options: Partial<Parameters<typeof createCaches>[0]> = {},
): Promise<void> {
  const caches = await createCaches({ backend: backendOf(kind), prefix, ...options })
  try {
    await work(caches)
  } finally {
    await caches.close()
  }
}

describe.each(kinds)('SQLite to %s and back', (kind) => {
  it('keeps values, tags, times, versions and schema versions, and counts them', async () => {
    const cwd = directory()
    const prefix = newPrefix()
    await withSqlite(join(cwd, 'a'), async (caches) => {
      await fillQuotes(caches, 1200)
      const users = caches.define<unknown>('users', { version: 3, ttl: '2h', loading: { staleFor: '1h' } })
      await users.set('ann', { since: new Date(0), big: 7n }, { tags: ['user:ann'], version: 5 })
      await users.set('stale', 1)
      await users.expire('stale')
      await users.set('forever', 1, { ttl: Number.POSITIVE_INFINITY })
    })
    const there = await run(cwd, ['migrate', 'sqlite:a', placeOf(kind), '--prefix', prefix])
    expect(there.errors + there.out).toContain('All 1,203 are there.')
    expect([there.code, existsSync(join(cwd, '.cache-migration.json'))]).toEqual([0, false])
    await withServer(kind, prefix, async (caches) => {
      const quotes = caches.define<{ last: number }>('market:quote')
      const users = caches.define<unknown>('users', { version: 3 })
      expect(await quotes.get(['NSE', 'S77'])).toEqual({ last: 77 })
      expect(await users.getWithMeta('ann')).toMatchObject({
        value: { since: new Date(0), big: 7n },
        tags: ['user:ann'],
        version: 5,
      })
      const leftMs = (await users.ttl('ann')) ?? 0
      expect(leftMs).toBeGreaterThan(6_000_000)
      expect(leftMs).toBeLessThanOrEqual(7_200_000)
      expect(await users.ttl('forever')).toBe(Number.POSITIVE_INFINITY)
      expect(await users.getWithMeta('stale')).toMatchObject({ stale: true, value: 1 })
      await quotes.invalidateTags(['exchange:NSE'])
      expect(await quotes.get(['NSE', 'S77'])).toBeUndefined()
    })
    const back = await run(cwd, ['migrate', placeOf(kind), 'sqlite:b', '--prefix', prefix, '--json'])
    expect(JSON.parse(back.out)).toMatchObject({ done: true, missing: 0 })
    await withSqlite(join(cwd, 'b'), async (caches) => {
      const users = caches.define<unknown>('users', { version: 3 })
      expect(await users.get('ann')).toEqual({ since: new Date(0), big: 7n })
    })
  })

  it('keeps ciphertext as it is: what is sealed opens there, and is readable nowhere on the way', async () => {
    const cwd = directory()
    const prefix = newPrefix()
    const seal = () => encryption({ keyFile: join(cwd, 'key') })
    await withSqlite(
      join(cwd, 'a'),
      async (caches) => {
        await caches.define<object>('auth', { sensitive: true, ttl: '1h' }).set('ann', { token: 'hunter2' })
      },
      { protection: seal(), prefix },
    )
    const snapshot = join(cwd, 'entries.snapshot')
    for (const [from, to] of [
      ['sqlite:a', `memory:${snapshot}`],
      [`memory:${snapshot}`, placeOf(kind)],
    ] as const) {
      const moved = await run(cwd, ['migrate', from, to, '--prefix', prefix])
      expect([moved.errors, moved.code]).toEqual(['', 0])
    }
    expect(readFileSync(snapshot, 'utf8')).not.toContain('hunter2')
    expect(statSync(snapshot).mode & 0o777).toBe(0o600)
    await withServer(
      kind,
      prefix,
      async (caches) => {
        const auth = caches.define<object>('auth', { sensitive: true })
        expect(await auth.get('ann')).toEqual({ token: 'hunter2' })
      },
      { protection: seal() },
    )
  })

  it('leaves what the target has where that is wanted', async () => {
    const cwd = directory()
    const prefix = newPrefix()
    await withServer(kind, prefix, async (caches) => {
      await caches.define<object>('market:quote').set(['NSE', 'S1'], { last: -1 })
    })
    await withSqlite(join(cwd, 'a'), (caches) => fillQuotes(caches, 3))
    const flags = ['--prefix', prefix, '--keep-existing', '--json']
    const { out } = await run(cwd, ['migrate', 'sqlite:a', placeOf(kind), ...flags])
    expect(JSON.parse(out)).toMatchObject({ written: 2, kept: 1, missing: 0 })
    await withServer(kind, prefix, async (caches) => {
      expect(await caches.define<object>('market:quote').get(['NSE', 'S1'])).toEqual({ last: -1 })
    })
  })
})

describe('a migration that is interrupted', () => {
  it('stops in order at Ctrl-C, and the same command goes on from there', async () => {
    const cwd = directory()
    await using server = await TestServer.start({ kind: 'redis' })
    await using proxy = await TcpProxy.start(server.port)
    await withSqlite(join(cwd, 'a'), (caches) => fillQuotes(caches, 6000))
    proxy.behave({ replies: { delayMs: 80 } })
    const to = `redis://127.0.0.1:${proxy.port}/0`
    const session = new TerminalSession(cwd, ['migrate', 'sqlite:a', to, '--prefix', 'app'])
    await session.shows(/\[#+-+\] +\d+ %/)
    session.type('\u0003')
    expect(await session.ended).toBe(130)
    expect(session.text).toContain('The same command goes on from here.')
    const state = readFileSync(join(cwd, '.cache-migration.json'), 'utf8')
    const { written } = JSON.parse(state) as { written: number }
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(6000)
    proxy.behave({})
    const rest = await run(cwd, ['migrate', 'sqlite:a', to, '--prefix', 'app', '--json'])
    expect(rest.errors).toContain('Going on after')
    expect(JSON.parse(rest.out)).toMatchObject({ done: true, written: 6000, checked: 6000, missing: 0 })
    expect(existsSync(join(cwd, '.cache-migration.json'))).toBe(false)
  })

  it('leaves no half of a snapshot file behind', async () => {
    const cwd = directory()
    await using server = await TestServer.start({ kind: 'redis' })
    const from = `redis://127.0.0.1:${server.port}/0`
    await using proxy = await TcpProxy.start(server.port)
    const caches = await createCaches({ backend: redis({ url: from }), prefix: 'app' })
    await fillQuotes(caches, 4000)
    await caches.close()
    proxy.behave({ replies: { delayMs: 80 } })
    const slow = `redis://127.0.0.1:${proxy.port}/0`
    const session = new TerminalSession(cwd, ['migrate', slow, 'memory:out.snapshot', '--prefix', 'app'])
    await session.shows(/\[#+-+\] +\d+ %/)
    session.type('\u0003')
    expect(await session.ended).toBe(130)
    expect(session.text).toContain('The file was not written.')
    expect([existsSync(join(cwd, 'out.snapshot')), existsSync(join(cwd, 'out.snapshot.partial'))]).toEqual([
      false,
      false,
    ])
  })

  it('ends with 3 when the target goes away, and goes on when it is back', async () => {
    const cwd = directory()
    await using server = await TestServer.start({ kind: 'redis' })
    await using proxy = await TcpProxy.start(server.port)
    await withSqlite(join(cwd, 'a'), (caches) => fillQuotes(caches, 4000))
    proxy.behave({ replies: { delayMs: 60 } })
    const to = `redis://127.0.0.1:${proxy.port}/0`
    const session = new TerminalSession(cwd, ['migrate', 'sqlite:a', to, '--prefix', 'app'])
    await session.shows(/\[#+-+\] +\d+ %/)
    proxy.behave({ refuse: true })
    proxy.cut()
    expect(await session.ended).toBe(3)
    proxy.behave({})
    const rest = await run(cwd, ['migrate', 'sqlite:a', to, '--prefix', 'app'])
    expect(rest.out).toContain('All 4,000 are there.')
  })
})

describe('a verification', () => {
  it('finds what did not arrive, and ends with 1', async () => {
    const cwd = directory()
    await withSqlite(join(cwd, 'a'), (caches) => fillQuotes(caches, 30))
    await withSqlite(join(cwd, 'b'), async (caches) => {
      // The target holds newer versions of the caller's: they win, and are no loss; then one goes.
      await caches.define('market:quote').set(['NSE', 'S1'], 1)
    })
    const whole = await run(cwd, ['migrate', 'sqlite:a', 'sqlite:b'])
    expect(whole.out).toContain('All 30 are there.')
    expect((await run(cwd, ['migrate', 'sqlite:a', 'sqlite:b', '--no-verify'])).out).not.toContain('there.')
  })

  it('is not fooled by a snapshot that is cut short, damaged or something else', async () => {
    const cwd = directory()
    await withSqlite(join(cwd, 'a'), (caches) => fillQuotes(caches, 30))
    await run(cwd, ['migrate', 'sqlite:a', 'memory:s'])
    truncateSync(join(cwd, 's'), 2000)
    const cut = await run(cwd, ['migrate', 'memory:s', 'sqlite:c'])
    expect(cut.code).toBe(3)
    expect(cut.errors).toMatch(/is cut short|is damaged/)
    const none = await run(cwd, ['migrate', 'memory:none', 'sqlite:c'])
    expect(none.errors).toContain('There is no snapshot none')
    const other = await run(cwd, ['migrate', 'memory:.env', 'sqlite:c'])
    expect(other.code).toBe(3)
  })
})

describe('rotate-keys', () => {
  it('seals what holds secrets with a new key, and the old key can go', async () => {
    const cwd = directory()
    const keyFile = join(cwd, 'db/.cache_key')
    const names = ['auth', 'tokens']
    const work = async (check: (caches: Caches) => Promise<void>) =>
      withSqlite(join(cwd, 'db/cache'), check, { protection: encryption({ keyFile }) })
    await work(async (caches) => {
      for (const name of names) await caches.define<object>(name, { ttl: '1h' }).set('ann', { token: name })
    })
    const rotated = await run(cwd, ['rotate-keys', '--json'])
    expect(rotated.errors).toBe('')
    expect(JSON.parse(rotated.out)).toMatchObject({ resealed: 2, unreadable: 0, caches: names })
    const again = await run(cwd, ['rotate-keys', '--retire', 'destroy'])
    expect(again.out).toContain('2 entries of 2 caches are sealed with it.')
    await work(async (caches) => {
      for (const name of names) expect(await caches.define<object>(name).get('ann')).toEqual({ token: name })
    })
    expect((await run(cwd, ['rotate-keys', '--retire', 'burn'])).code).toBe(2)
  })

  it('says what is missing where nothing is encrypted', async () => {
    const { code, errors } = await run(directory(), ['rotate-keys'], { CACHE_ENCRYPTION_ENABLED: 'false' })
    expect([code, errors.includes('Nothing is encrypted here')]).toEqual([3, true])
  })
})
