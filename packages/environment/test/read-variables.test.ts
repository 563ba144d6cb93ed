import { describe, expect, it } from 'vitest'
import {
  cacheVariables,
  checkedVariables,
  envTemplate,
  nearestName,
  readVariables,
  variablesOf,
  variableTables,
} from '../src/index.ts'

type Texts = Readonly<Record<string, string>>

function read(values: Texts, checkNames: 'all' | 'near' = 'near') {
  return readVariables(cacheVariables, [{ label: '.env', values, checkNames }])
}

function faultsOf(values: Texts, checkNames?: 'all' | 'near'): readonly string[] {
  const result = read(values, checkNames)
  return 'faults' in result ? result.faults : []
}

describe('readVariables', () => {
  it('gives the defaults and knows what was given', () => {
    const result = read({ REDIS_PORT: '7000', REDIS_HOST: '' })
    if ('faults' in result) throw new Error(result.faults.join())
    expect(result.values.REDIS_PORT).toBe(7000)
    expect(result.values.REDIS_HOST).toBe('localhost')
    expect([...result.given]).toEqual(['REDIS_PORT'])
  })

  it('lets earlier sources win', () => {
    const sources = ['1', '2'].map((port) => {
      return { label: port, values: { REDIS_PORT: port }, checkNames: 'all' as const }
    })
    expect(readVariables(cacheVariables, sources)).toMatchObject({ values: { REDIS_PORT: 1 } })
  })

  it.each([
    ['REDIS_PORT', '65536', "is '65536', but must be a whole number from 1 to 65535"],
    ['REDIS_PORT', '6379.5', 'must be a whole number'],
    ['REDIS_PORT', '1e3', 'must be a whole number'],
    ['CACHE_DEFAULT_TTL', '0', 'must be a whole number from 1'],
    ['CACHE_DEFAULT_TTL', '5m', 'must be a whole number'],
    ['REDIS_TLS', 'yes', 'must be true or false'],
    ['SQLITE_WAL_MODE', 'false', 'must be true: the SQLite backend always writes ahead'],
    ['SESSION_TYPE', 'cookies', 'must be filesystem, redis or valkey'],
    ['CACHE_KEY_PREFIX', 'a:b', "must be up to 63 letters, digits, '-' and '_'"],
    ['CACHE_FAKE_MISS_RATE', '5', 'must be a number from 0 to 1'],
    ['CACHE_ENCRYPTED_NAMES', 'auth,1x', 'must be names of caches between commas'],
    ['INSTANCE_ID', 'a b', 'must be up to 64 letters'],
  ])('says of %s=%s what would do', (name, value, fault) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringContaining(fault)])
  })

  it('tells all faults together', () => {
    expect(faultsOf({ REDIS_PORT: 'x', REDIS_TLS: 'x', CACHE_ENABLED: 'x' })).toHaveLength(3)
  })

  it('never shows a secret', () => {
    const faults = faultsOf({ SESSION_REDIS_URL: 'http://user:hunter2@host' })
    expect(faults).toEqual([
      'SESSION_REDIS_URL is given, but must be an address such as redis://localhost:6379/1',
    ])
  })

  it('names the nearest variable for a misspelt one, in a file and in the environment', () => {
    const fault = 'CACHE_BACKND in .env is not a setting; did you mean CACHE_BACKEND?'
    expect(faultsOf({ CACHE_BACKND: 'redis' }, 'all')).toEqual([fault])
    expect(faultsOf({ CACHE_BACKND: 'redis' }, 'near')).toEqual([fault])
    expect(faultsOf({ CACHE_BAKCEND: 'redis' }, 'near')).toHaveLength(1)
  })

  it('leaves the variables of others alone in the environment, and refuses them in a file of its own', () => {
    const values = { PATH: '/bin', HOME: '/', REDIS_URL: 'redis://other', npm_config_cache: '/c' }
    expect(faultsOf(values, 'near')).toEqual([])
    expect(faultsOf(values, 'all')).toHaveLength(4)
  })

  it('says of the settings of others that they have no effect, in a file of its own', () => {
    const sources = [{ label: '.env', values: { PORT: '1' }, checkNames: 'all' as const }]
    const fault = 'PORT in .env has no effect here; remove it'
    const elsewhere = new Set(['PORT'])
    expect(readVariables(cacheVariables, sources, elsewhere)).toMatchObject({ faults: [fault] })
    const shared = [{ label: 'the environment', values: { PORT: '1' }, checkNames: 'near' as const }]
    expect(readVariables(cacheVariables, shared, elsewhere)).toHaveProperty('values')
  })

  it('gives what it could read beside the faults', () => {
    expect(read({ REDIS_PORT: 'x', REDIS_DB: '3' })).toMatchObject({ readable: { REDIS_DB: 3 } })
  })

  it('reads the other name that the documents use', () => {
    const result = read({ SESSION_REDIS: 'redis://cluster.internal:6379/1' }, 'all')
    expect(result).toMatchObject({ values: { SESSION_REDIS_URL: { hostname: 'cluster.internal' } } })
  })
})

describe('variables together', () => {
  const checked = (values: Texts) => checkedVariables([{ label: '.env', values, checkNames: 'all' }])

  it.each<[string, Texts, string]>([
    ['an unknown backend', { CACHE_BACKEND: 'reddis' }, 'did you mean redis?'],
    [
      'several instances without ids',
      { MULTI_INSTANCE_MODE: 'true', REDIS_HOST: 'h' },
      'INSTANCE_ID is missing',
    ],
    [
      'several instances without a server',
      { MULTI_INSTANCE_MODE: 'true', INSTANCE_ID: 'a' },
      'REDIS_HOST is missing',
    ],
    [
      'several instances on SQLite',
      { MULTI_INSTANCE_MODE: 'true', INSTANCE_ID: 'a', REDIS_HOST: 'h', CACHE_BACKEND: 'sqlite' },
      "CACHE_BACKEND is 'sqlite', but MULTI_INSTANCE_MODE needs redis or valkey",
    ],
    [
      'several instances with sessions in files',
      { MULTI_INSTANCE_MODE: 'true', INSTANCE_ID: 'a', REDIS_HOST: 'h', SESSION_TYPE: 'filesystem' },
      "SESSION_TYPE is 'filesystem'",
    ],
    ['two prefixes', { CACHE_KEY_PREFIX: 'a', REDIS_KEY_PREFIX: 'b' }, 'set one of them'],
    [
      'metrics without statistics',
      { CACHE_METRICS_ENABLED: 'true', CACHE_STATS_ENABLED: 'false' },
      'CACHE_METRICS_ENABLED needs CACHE_STATS_ENABLED=true',
    ],
  ])('refuses %s', (_name, values, message) => {
    expect(() => checked(values)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(message) as string,
      }),
    )
  })

  it('tells every fault in one error', () => {
    expect(() => checked({ MULTI_INSTANCE_MODE: 'true' })).toThrow(/2 faults:\n- INSTANCE_ID.*\n- REDIS_HOST/)
  })

  it('takes what is right', () => {
    expect(
      checked({ MULTI_INSTANCE_MODE: 'true', INSTANCE_ID: 'a', SESSION_REDIS_URL: 'redis://h/1' }).values,
    ).toMatchObject({ MULTI_INSTANCE_MODE: true })
    expect(checked({ CACHE_BACKEND: 'SQLite' }).values.CACHE_BACKEND).toBe('SQLite')
  })
})

describe('what is made from the schema', () => {
  it('names every variable with its default', () => {
    const template = envTemplate(cacheVariables, 'Copy to .env.')
    const tables = variableTables(cacheVariables)
    for (const [name, { fallback }] of variablesOf(cacheVariables)) {
      expect(template).toContain(`# ${name}=${fallback}\n`)
      expect(tables).toMatch(new RegExp(`\\| \`${name}\` +\\|`))
    }
  })

  it('is read back as the defaults', () => {
    const template = envTemplate(cacheVariables, 'Copy to .env.').replaceAll(/^# ([A-Z_]+=)/gm, '$1')
    const lines = Array.from(template.matchAll(/^([A-Z_]+)=(.*)$/gm), ([, name, text]) => [name, text])
    const values = Object.fromEntries(lines) as Texts
    const [fromTemplate, fromNothing] = [read(values, 'all'), read({})]
    expect(fromTemplate).toMatchObject({ values: (fromNothing as { values: object }).values })
  })
})

describe('nearestName', () => {
  it('finds the nearest within reach', () => {
    expect(nearestName('prot', ['host', 'port'])).toBe('port')
    expect(nearestName('elephant', ['host', 'port'])).toBeUndefined()
  })
})
