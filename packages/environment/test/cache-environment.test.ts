import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { during, faultyBackend, referenceBackend } from '@cache/conformance'
import { redisOptions } from '../src/redis-options.ts'
import {
  cacheEnvironment,
  cachesFromEnvironment,
  checkedVariables,
  findPackage,
  loadFunction,
  type BackendProvider,
  type EnvironmentOptions,
} from '../src/index.ts'
import { onCacheEvent, type ReportEvent } from '@cache/core'

/** Where the packages of this repository are all installed. */
const from = join(import.meta.dirname, '../../../tooling/docs/package.json')

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'environment-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

interface Answer {
  readonly answers: boolean | 'never'
}

/** A server of the network, without one: how it is reached is the backends' own business. */
function server(name: string, { answers }: Answer): BackendProvider & { opened: number } {
  const provider = {
    name,
    shared: 'network' as const,
    opened: 0,
    open: () => {
      provider.opened++
      const backend = referenceBackend()
      if (answers === true) return Object.assign(backend, { name })
      const start =
        answers === 'never'
          ? () => new Promise<void>(() => undefined)
          : () => Promise.reject(new Error('connection refused'))
      return Object.assign(backend, { name, start })
    },
  }
  return provider
}

async function choose(
  values: Readonly<Record<string, string>>,
  servers: Readonly<Record<'redis' | 'valkey', Answer>>,
  more: EnvironmentOptions = {},
) {
  const backends = [server('redis', servers.redis), server('valkey', servers.valkey)]
  const path = directory()
  const given = { SQLITE_CACHE_PATH: path, CACHE_KEY_FILE: join(path, 'key'), ...values }
  const sources = [{ label: '.env', values: given, checkNames: 'all' as const }]
  const environment = await cacheEnvironment({ from, sources, backends, ...more })
  onTestFinished(() => environment.options.backend.close())
  return environment
}

const both = { redis: { answers: true }, valkey: { answers: true } }
const none = { redis: { answers: false }, valkey: { answers: false } }
const several = { MULTI_INSTANCE_MODE: 'true', INSTANCE_ID: 'a', REDIS_HOST: 'shared' }

describe('the choice of a backend', () => {
  it('takes the explicit one first', async () => {
    const { choice, options } = await choose({ CACHE_BACKEND: 'memory' }, both)
    expect(choice).toMatchObject({ backend: 'memory', reason: 'explicit', warnings: [] })
    expect(options).not.toHaveProperty('l1')
  })

  it('takes a server that answers before SQLite', async () => {
    expect((await choose({}, both)).choice).toMatchObject({ backend: 'redis', reason: 'reachable-server' })
    const onlyValkey = { redis: { answers: false }, valkey: { answers: true } }
    expect((await choose({}, onlyValkey)).choice).toMatchObject({ backend: 'valkey' })
  })

  it('takes SQLite when no server answers, with the memory of this process in front', async () => {
    const { choice, options } = await choose({}, none)
    expect(choice).toMatchObject({ backend: 'sqlite', reason: 'default', warnings: [] })
    expect(choice.explanation).toContain('redis: connection refused')
    expect(options.l1).toBeDefined()
  })

  it('asks no server when that is switched off', async () => {
    const provider = server('redis', { answers: true })
    const { choice } = await choose({ CACHE_AUTO_CONFIGURE: 'false' }, both, { backends: [provider] })
    expect(choice).toMatchObject({ backend: 'sqlite', reason: 'automatic-off' })
    expect(provider.opened).toBe(0)
  })

  it('falls back to SQLite and says so when the explicit server does not answer', async () => {
    const { choice } = await choose({ CACHE_BACKEND: 'redis' }, none)
    expect(choice).toMatchObject({ backend: 'sqlite', reason: 'fallback' })
    expect(choice.warnings).toEqual([expect.stringContaining('This process keeps its entries in SQLite')])
  })

  it('takes a server for several instances, and says that sessions go there too', async () => {
    const { choice, sessions } = await choose(several, both)
    expect(choice).toMatchObject({ backend: 'redis', reason: 'multi-instance' })
    expect(sessions).toBe('redis')
  })

  it.each([several, { ...several, CACHE_BACKEND: 'redis' }])(
    'does not start several instances without a server: %j',
    async (values) => {
      await expect(choose(values, none)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    },
  )

  it('gives up a server that never answers after REDIS_TIMEOUT', async () => {
    const hanging = { redis: { answers: 'never' as const }, valkey: { answers: false } }
    const { choice } = await choose({ REDIS_TIMEOUT: '1' }, hanging)
    expect(choice.explanation).toContain('no answer in time')
  })

  it('takes an unhealthy server for none', async () => {
    const sick = server('redis', { answers: true })
    const health = async () => ({ healthy: false, details: {}, warnings: ['It loads its data'] })
    const backends = [{ ...sick, open: () => Object.assign(referenceBackend(), { health }) }]
    const { choice } = await choose({ CACHE_BACKEND: 'redis' }, none, { backends })
    expect(choice.warnings[0]).toContain('It loads its data')
  })

  it('closes every server that it only asked', async () => {
    const close = vi.fn<() => Promise<void>>(async () => undefined)
    const backends = [
      { ...server('redis', both.redis), open: () => Object.assign(referenceBackend(), { close }) },
    ]
    await choose({}, both, { backends })
    expect(close).toHaveBeenCalledOnce()
  })

  it('takes a backend of the caller', async () => {
    const mine = {
      name: 'mine',
      shared: 'host' as const,
      open: () => Object.assign(referenceBackend(), { name: 'mine' }),
    }
    const { choice, options } = await choose({ CACHE_BACKEND: 'mine' }, both, { backends: [mine] })
    expect([choice.backend, options.backend.name]).toEqual(['mine', 'mine'])
  })

  it('refuses a name that CACHE_BACKEND cannot give', async () => {
    const odd = { ...server('Redis 2', both.redis) }
    await expect(choose({}, both, { backends: [odd] })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('the packages', () => {
  it('are found beside the application and nowhere else', async () => {
    expect(findPackage('@cache/sqlite', [from])).toMatch(/^file:.*sqlite/)
    expect(findPackage('@cache/not-there', [from])).toBeUndefined()
    await expect(loadFunction('@cache/not-there', 'x', [from])).rejects.toMatchObject({
      message: '@cache/not-there is not installed; run: npm install @cache/not-there',
    })
    await expect(loadFunction('@cache/memory', 'nothing', [from])).rejects.toMatchObject({
      message: expect.stringContaining('exports no nothing') as string,
    })
  })
})

describe('what the variables set', () => {
  it('is given to createCaches', async () => {
    const { options } = await choose(
      {
        CACHE_BACKEND: 'sqlite',
        CACHE_CLEANUP_INTERVAL_HOURS: '2',
        CACHE_CLEANUP_MAX_AGE_HOURS: '3',
        CACHE_CLEANUP_BATCH_SIZE: '7',
        CACHE_CLEANUP_ON_STARTUP: 'false',
        CACHE_SLOW_OP_THRESHOLD_MS: '9',
        CACHE_BYPASS_CACHE: 'true',
        CACHE_FAKE_MISS_RATE: '0.5',
        CACHE_LOG_HITS: 'true',
        CACHE_LOG_MISSES: 'false',
        CACHE_ENCRYPTION_ENABLED: 'false',
      },
      none,
    )
    expect(options).toMatchObject({
      prefix: 'tradecore',
      defaultTtl: 3_600_000,
      upkeep: { interval: 7_200_000, maxStale: 10_800_000, batchSize: 7, onStart: false, slowOperation: 9 },
      debug: {
        bypass: true,
        fakeMissRate: 0.5,
        log: { hits: true, misses: false, slowOperations: true, keys: false },
      },
      sensitiveCaches: [],
    })
  })

  it.each([
    [{ CACHE_BACKEND: 'sqlite' }, 'tradecore', 3600],
    [{ CACHE_BACKEND: 'memory' }, 'tradecore', 300],
    [{ CACHE_BACKEND: 'redis' }, 'openalgo', 300],
    [{ CACHE_BACKEND: 'redis', CACHE_KEY_PREFIX: 'mine' }, 'mine', 300],
    [{ CACHE_BACKEND: 'sqlite', CACHE_DEFAULT_TTL: '7' }, 'tradecore', 7],
    [{ CACHE_BACKEND: 'sqlite', CACHE_DEFAULT_TTL: '7', SQLITE_DEFAULT_TTL: '8' }, 'tradecore', 8],
  ])('lets the nearer variable win: %j', async (values, prefix, seconds) => {
    const { options } = await choose(values, both)
    expect(options).toMatchObject({ prefix, defaultTtl: seconds * 1000 })
  })

  it('gives a server its sizes of steps, and no other backend', async () => {
    const sizes = { REDIS_SCAN_COUNT: '7', REDIS_PIPELINE_MAX_SIZE: '9' }
    const { options } = await choose({ CACHE_BACKEND: 'redis', ...sizes }, both)
    expect(options.upkeep).toMatchObject({ scanCount: 7, pipelineSize: 9 })
    expect((await choose({ CACHE_BACKEND: 'sqlite', ...sizes }, both)).options.upkeep).not.toHaveProperty(
      'scanCount',
    )
  })

  it.each([
    [{}, { url: 'redis://localhost:6379/0', connectTimeout: 5000 }],
    [
      { REDIS_HOST: 'h', REDIS_PORT: '7', REDIS_DB: '2', REDIS_TLS: 'true', REDIS_TIMEOUT: '9' },
      { url: 'rediss://h:7/2', connectTimeout: 9000 },
    ],
    [
      { REDIS_HOST: '::1', REDIS_USERNAME: 'u', REDIS_PASSWORD: 'p/@' },
      { url: 'redis://[::1]:6379/0', connectTimeout: 5000, username: 'u', password: 'p/@' },
    ],
    [
      { SESSION_REDIS_URL: 'rediss://u:p%40@s.internal:7/1' },
      { url: 'rediss://s.internal:7/0', connectTimeout: 5000, username: 'u', password: 'p@' },
    ],
    [
      { SESSION_REDIS_URL: 'redis://s.internal/1', REDIS_HOST: 'cache' },
      { url: 'redis://cache:6379/0', connectTimeout: 5000 },
    ],
  ])('says where the server is: %j', (values, expected) => {
    const read = checkedVariables([{ label: '.env', values, checkNames: 'all' }])
    expect(redisOptions({ ...read, roots: [] })).toEqual(expected)
  })

  it('logs all in debug mode but what is switched off', async () => {
    const { options } = await choose({ CACHE_DEBUG_MODE: 'true', CACHE_LOG_KEYS: 'false' }, none)
    expect(options.debug?.log).toMatchObject({ hits: true, misses: true, slowOperations: true, keys: false })
  })

  it('makes sensitive what CACHE_ENCRYPTED_NAMES names', async () => {
    const { options } = await choose({ CACHE_ENCRYPTED_NAMES: 'auth, secrets' }, none)
    expect(options.sensitiveCaches).toEqual(['auth', 'secrets'])
  })

  it('loads what encrypts and what records, where that is wanted', async () => {
    const plain = await choose({ CACHE_ENCRYPTION_ENABLED: 'false' }, none)
    expect(plain.options).not.toHaveProperty('protection')
    expect(plain.options).not.toHaveProperty('security')
    const keyFile = join(directory(), 'key')
    const log = { CACHE_AUDIT_ENABLED: 'true', CACHE_AUDIT_LOG_PATH: join(directory(), 'audit.log') }
    const { options } = await choose({ CACHE_KEY_FILE: keyFile, ...log }, none)
    expect(options.protection?.name).toBe('encryption')
    expect(options.security?.audit).toBeDefined()
    const audit = options.security?.audit
    const own = await choose({ ...log, CACHE_KEY_FILE: keyFile }, none, { caches: { security: { audit } } })
    expect(own.options.security?.audit).toBe(audit)
  })

  it('gives way to the options of the caller', async () => {
    const { options } = await choose({}, none, { caches: { prefix: 'app' } })
    expect(options.prefix).toBe('app')
  })
})

describe('cachesFromEnvironment', () => {
  it('gives caches that work', async () => {
    const path = directory()
    const files = { SQLITE_CACHE_PATH: path, CACHE_KEY_FILE: join(path, 'key') }
    const values = { CACHE_BACKEND: 'sqlite', CACHE_LOG_MISSES: 'false', ...files }
    const sources = [{ label: '.env', values, checkNames: 'all' as const }]
    const { caches } = await cachesFromEnvironment({ from, sources })
    onTestFinished(() => caches.close())
    const cache = caches.define<number>('numbers')
    expect(await cache.getOrLoad('one', () => 1)).toBe(1)
    expect(caches.stats().backend).toBe('sqlite')
  })

  it('tells who listens what was chosen, and warns of a fallback even where nobody does', async () => {
    const reports: ReportEvent[] = []
    const stop = onCacheEvent('cache:report', (event) => reports.push(event))
    await choose({ CACHE_BACKEND: 'redis' }, none)
    stop()
    expect(reports.map(({ message }) => message)).toEqual([
      expect.stringContaining('Chose sqlite') as string,
      expect.stringContaining('does not answer') as string,
    ])
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    await choose({ CACHE_BACKEND: 'redis' }, none)
    expect(warning).toHaveBeenCalledOnce()
  })

  it('reads the environment of the process where it is given nothing', async () => {
    vi.stubEnv('CACHE_BACKEND', 'memory')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { choice, options } = await cacheEnvironment({ from })
    await options.backend.close()
    expect(choice.backend).toBe('memory')
  })

  it('lets a failing close of an asked server pass', async () => {
    const closing = faultyBackend(
      referenceBackend(),
      during(() => false, { kind: 'hang' }),
    )
    const close = () => Promise.reject(new Error('no'))
    const backends = [{ ...server('redis', both.redis), open: () => Object.assign(closing, { close }) }]
    const sources = [{ label: '.env', values: {}, checkNames: 'all' as const }]
    await expect(cacheEnvironment({ from, sources, backends })).resolves.toMatchObject({
      choice: { backend: 'redis' },
    })
  })
})
