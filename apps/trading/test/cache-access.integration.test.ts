import { asCaller, type Cache } from '@cache/core'
import { describe, expect, it } from 'vitest'

import { type App, openApp } from '../src/app.ts'
import { consoleCaller } from '../src/cache-access.ts'
import { readConfiguration } from '../src/config/configuration.ts'
import { cacheFigures } from '../src/diagnostics/cache-figures.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

const secrets = [
  'auth',
  'books',
  'feed-tokens',
  'invalid-api-keys',
  'sessions',
  'strategies-by-webhook',
  'telegram-codes',
  'user-strategies',
  'verified-api-keys',
  'workflows',
  'workflows-by-webhook',
]

async function openedApp(environment: Readonly<Record<string, string>> = {}): Promise<App> {
  const directory = await temporaryDirectory()
  const read = readConfiguration({
    flags: {},
    environment: { CACHE_BACKEND: 'sqlite', ...environment },
    file: {},
    directory,
    defaultDataDirectory: directory,
  })
  if ('faults' in read) throw new Error(read.faults.join('\n'))
  const app = await openApp(read.configuration, { info: () => undefined, warn: () => undefined })
  whenOver(() => app.close())
  return app
}

async function deniedIn(app: App, cache: string): Promise<number> {
  return (await cacheFigures(app)).find((one) => one.cache === cache)?.denied ?? Number.NaN
}

describe('the caches of secrets', () => {
  it('are all of the sensitive ones, and closed to every caller that no rule names', async () => {
    const app = await openedApp()
    const sensitive = app.caches.all.list().filter((one) => one.sensitive)
    expect(sensitive.map(({ name }) => name).toSorted()).toEqual(secrets)
    for (const name of secrets) {
      const found: Cache<unknown> = app.caches.all.open(name, { as: 'prices' })
      await expect(found.get('1')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
      const unnamed: Cache<unknown> = app.caches.all.open(name, {})
      await expect(unnamed.getOrLoad('1', () => 'forged')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
      expect(await deniedIn(app, name)).toBe(2)
    }
  })

  it('give no token to the code that asks for prices, and the refusal is counted, shown and audited', async () => {
    const app = await openedApp()
    await app.caches.quotes.getOrLoad(['NSE', 'INFY'], async () => {
      // What a dependency of the market data might try while it runs.
      const tokens: Cache<unknown> = app.caches.all.open('auth', {})
      await expect(asCaller('prices', () => tokens.get('1'))).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
      return undefined
    })
    expect(await deniedIn(app, 'auth')).toBe(1)
    expect(app.cacheConsole.news.latest).toContainEqual(
      expect.objectContaining({ kind: 'denied', cache: 'auth', text: 'get was refused to prices' }),
    )
    expect(await app.cacheConsole.audit?.latest(10, 'refused')).toMatchObject([
      { cache: 'auth', operation: 'get', caller: 'prices', outcome: 'denied' },
    ])
  })

  it('do for their owner what it needs, and no more', async () => {
    const app = await openedApp()
    expect(await app.connections.get(1)).toBeUndefined()
    expect(await app.connections.token(1)).toBeUndefined()
    expect(await app.apiKeys.check('wrong')).toEqual({ userId: undefined, known: false })
    expect(await app.apiKeys.check('wrong')).toEqual({ userId: undefined, known: true })
    expect(await deniedIn(app, 'auth')).toBe(0)
    await expect(app.caches.auth.get(1)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await expect(app.caches.auth.clear()).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await expect(app.caches.invalidApiKeys.delete('x')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(await deniedIn(app, 'auth')).toBe(2)
  })

  it('let an administrator look and end, and write nothing', async () => {
    const app = await openedApp()
    const sessions: Cache<unknown> = app.caches.all.open('sessions', {})
    const asAdmin = <T>(run: () => Promise<T>): Promise<T> => asCaller(consoleCaller('asha'), run)
    expect(await asAdmin(() => sessions.getWithMeta('x'))).toBeUndefined()
    await asAdmin(() => sessions.clear())
    await asAdmin(() => app.caches.all.invalidateTags(['user:1']))
    await asAdmin(() => app.caches.all.reseal())
    await expect(asAdmin(() => sessions.set('x', 1))).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await expect(app.caches.all.invalidateTags(['user:1'])).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })
})

describe('the audit', () => {
  /** What it knows after somebody signed in, came back twice, and signed out; the broker's token was asked for twice. */
  async function recorded(environment: Readonly<Record<string, string>>): Promise<string[]> {
    const app = await openedApp(environment)
    const user = await app.users.createFirst({ name: 'Asha', password: 'correct horse 7' })
    if (user === undefined) throw new Error('there is a user')
    const id = await app.sessions.create({ userId: user.id, clientAddress: '127.0.0.1' })
    for (let read = 0; read < 3; read++) {
      expect(await app.sessions.load(id)).toBeDefined()
      await app.caches.auth.getOrLoad(user.id, () => ({
        broker: 'simulated',
        account: 'A',
        sealedToken: '',
        connectedAtMs: 0,
        expiresAtMs: 0,
      }))
    }
    await app.sessions.destroy(id)
    const entries = (await app.cacheConsole.audit?.latest(100)) ?? []
    return entries
      .map(
        ({ cache, operation, caller, hit }) => `${caller} ${operation} ${cache}${hit === true ? ' hit' : ''}`,
      )
      .filter((text) => !text.startsWith('undefined'))
      .toReversed()
  }

  const written = ['sessions load sessions', 'broker load auth']
  const ended = 'sessions delete sessions'

  it('knows writes, ends and reads of credentials, and not each read of a session', async () => {
    expect(await recorded({})).toEqual([...written, 'broker load auth hit', 'broker load auth hit', ended])
  })

  it('knows what CACHE_AUDIT_READS says', async () => {
    expect(await recorded({ CACHE_AUDIT_READS: 'none' })).toEqual([...written, ended])
    const both = ['sessions load sessions hit', 'broker load auth hit']
    expect(await recorded({ CACHE_AUDIT_READS: 'all' })).toEqual([...written, ...both, ...both, ended])
    expect(await recorded({ CACHE_AUDIT_READS: 'sess*' })).toEqual([
      ...written,
      ...Array.from({ length: 2 }, () => 'sessions load sessions hit'),
      ended,
    ])
  })
})
