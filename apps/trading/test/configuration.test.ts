import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { variablesOf } from '@cache/environment'
import { describe, expect, it } from 'vitest'

import { readCommandLine } from '../src/config/command-line.ts'
import { type ConfigurationResult, readConfiguration } from '../src/config/configuration.ts'
import { settingsTemplate } from '../src/config/env-file.ts'
import { variableGroups, type VariableName } from '../src/config/variables.ts'

type Texts = Readonly<Record<string, string>>

function read(sources: { flags?: Texts; environment?: Texts; file?: Texts } = {}): ConfigurationResult {
  const defaultDataDirectory = join(tmpdir(), 'not-made')
  return readConfiguration({
    flags: {},
    environment: {},
    file: {},
    directory: tmpdir(),
    defaultDataDirectory,
    ...sources,
  })
}

function valueOf(result: ConfigurationResult, name: VariableName): unknown {
  if ('faults' in result) throw new Error(result.faults.join('\n'))
  return result.configuration.values[name]
}

describe('the configuration', () => {
  it('has defaults that are right themselves', () => {
    expect(read()).toHaveProperty('configuration')
    expect(valueOf(read(), 'API_RATE_LIMIT')).toEqual({ count: 50, windowMs: 1000 })
    expect(valueOf(read(), 'SETTINGS_CACHE_TTL')).toBe(3_600_000)
  })

  it('prefers flags to the environment, and that to the file', () => {
    const file = { PORT: '1' }
    const environment = { PORT: '2' }
    expect(valueOf(read({ file }), 'PORT')).toBe(1)
    expect(valueOf(read({ file, environment }), 'PORT')).toBe(2)
    expect(valueOf(read({ file, environment, flags: { PORT: '3' } }), 'PORT')).toBe(3)
  })

  it('takes an empty value for none', () => {
    expect(valueOf(read({ environment: { PORT: '' } }), 'PORT')).toBe(5000)
  })

  it.each([
    ['PORT', '80.5'],
    ['PORT', '-1'],
    ['SESSION_EXPIRY_TIME', '3:00'],
    ['CACHE_BACKEND', 'mongo'],
    ['API_KEY_CACHE_TTL', '10h'],
    ['API_RATE_LIMIT', '0 per second'],
    ['ORDER_RATE_LIMIT', 'ten per second'],
    ['SYMBOL_CACHE_PRELOAD', 'yes'],
    ['PUBLIC_URL', 'trade.example.com'],
    ['PUBLIC_URL', 'https://example.com/trade'],
    ['INSTANCE_ID', 'a b'],
    ['LOG_LEVEL', 'loud'],
  ])('says of %s=%s what would do', (name, value) => {
    expect(read({ environment: { [name]: value } })).toMatchObject({
      faults: [expect.stringMatching(new RegExp(`^${name} is '.*', but must be `))],
    })
  })

  it('of several instances needs what they share, and a name for each', () => {
    const { faults } = read({ environment: { MULTI_INSTANCE_MODE: 'true' } }) as { faults: string[] }
    for (const name of ['DATABASE_URL', 'INSTANCE_ID', 'REDIS_HOST'])
      expect(faults).toContainEqual(expect.stringContaining(`${name} is missing; MULTI_INSTANCE_MODE needs`))
    const shared = {
      MULTI_INSTANCE_MODE: 'true',
      DATABASE_URL: 'postgres://app@db/app',
      INSTANCE_ID: 'i-1',
      REDIS_HOST: 'cache',
    }
    expect(read({ environment: shared })).toHaveProperty('configuration')
    const local = { ...shared, CACHE_BACKEND: 'sqlite' }
    expect(read({ environment: local })).toMatchObject({
      faults: [
        expect.stringContaining("CACHE_BACKEND is 'sqlite', but MULTI_INSTANCE_MODE needs redis or valkey"),
      ],
    })
  })

  it('refuses a data directory that is a file', () => {
    const [fault] = (read({ flags: { DATA_DIR: import.meta.filename } }) as { faults: string[] }).faults
    expect(fault).toContain('is a file; name a directory with --data')
  })

  it('is described by the template, with every default', () => {
    const template = readFileSync(join(import.meta.dirname, '../.env.example'), 'utf8')
    expect(template).toBe(settingsTemplate())
    for (const name of variablesOf(variableGroups).keys()) expect(template).toContain(`# ${name}=`)
  })
})

describe('the command line', () => {
  it('reads flags in either form, also behind a lone --', () => {
    const { settings, faults } = readCommandLine(['--', '--port', '80', '--data=here'])
    expect(settings).toEqual({ PORT: '80', DATA_DIR: 'here' })
    expect(faults).toEqual([])
  })

  it.each([
    [['--prot', '80'], '--prot is not a flag; did you mean --port?'],
    [['--instruments'], '--instruments needs a value after it'],
    [['--instruments', '--port', '80'], '--instruments needs a value after it'],
    [['master.json'], "'master.json' stands alone; put the flag it belongs to before it"],
  ])('says what is wrong with %j', (args, fault) => {
    expect(readCommandLine(args).faults.join('\n')).toContain(fault)
  })
})
