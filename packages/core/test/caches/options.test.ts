import { describe, expect, it } from 'vitest'
import { systemClock } from '@cache/ports'
import { memory } from '../../../memory/src/index.ts'
import { cachesSettings, type CachesOptions } from '../../src/caches/caches-options.ts'

type Options = Omit<CachesOptions, 'backend'>

function settingsWith(options: Options): ReturnType<typeof cachesSettings> {
  return cachesSettings({ backend: memory(), ...options })
}

describe('the settings of createCaches', () => {
  it('have the defaults that the options tell of', () => {
    expect(settingsWith({})).toMatchObject({
      prefix: 'cache',
      defaultTtl: '5m',
      within: '1s',
      commandTimeoutMs: 1000,
      failureShare: 0.5,
      windowCalls: 20,
      minimumCalls: 5,
      openForMs: 1000,
      upkeepIntervalMs: 60_000,
      upkeepBatchSize: 1000,
      upkeepOnStart: true,
      slowOperationMs: 50,
      maxStaleMs: Number.POSITIVE_INFINITY,
      steps: { scanCount: 500, pipelineSize: Number.POSITIVE_INFINITY },
      security: { audit: undefined, clockToleranceMs: 60_000 },
      debug: { bypass: false, fakeMissRate: 0, log: {} },
      clock: systemClock,
      random: Math.random,
    })
  })

  it('are those that were given', () => {
    const clock = { ...systemClock }
    const environment = { clock, random: () => 0.5, newId: () => 'id' }
    const resilience = {
      commandTimeout: 1,
      failureShare: 1,
      windowCalls: 2,
      minimumCalls: 1,
      openFor: '3s',
    } as const
    const upkeep = {
      interval: '2m',
      batchSize: 1,
      onStart: false,
      slowOperation: 4,
      maxStale: 0,
      scanCount: 5,
      pipelineSize: 6,
    } as const
    const debug = { bypass: true, fakeMissRate: 1, log: { hits: true } }
    const given = {
      prefix: 'Own-1_x',
      defaultTtl: 0,
      within: 0,
      resilience,
      upkeep,
      debug,
      environment,
    } as const
    expect(settingsWith({ ...given, security: { clockTolerance: '2s' } })).toMatchObject({
      ...environment,
      prefix: 'Own-1_x',
      defaultTtl: 0,
      within: 0,
      commandTimeoutMs: 1,
      failureShare: 1,
      windowCalls: 2,
      minimumCalls: 1,
      openForMs: 3000,
      upkeepIntervalMs: 120_000,
      upkeepBatchSize: 1,
      upkeepOnStart: false,
      slowOperationMs: 4,
      maxStaleMs: 0,
      steps: { scanCount: 5, pipelineSize: 6 },
      security: { clockToleranceMs: 2000 },
      debug,
    })
  })

  const badPrefix = "prefix must be up to 63 letters, digits, '-' and '_', beginning with a letter"
  it.each<[unknown, string]>([
    [{ prefix: '' }, badPrefix],
    [{ prefix: '1a' }, badPrefix],
    [{ prefix: '-a' }, badPrefix],
    [{ prefix: 'a:b' }, badPrefix],
    [{ prefix: 'a ' }, badPrefix],
    [{ prefix: 'x'.repeat(64) }, badPrefix],
    [{ resilience: { failureShare: 0 } }, 'resilience.failureShare must be above 0 and at most 1'],
    [{ resilience: { failureShare: 1.01 } }, 'resilience.failureShare must be above 0 and at most 1'],
    [{ resilience: { failureShare: Number.NaN } }, 'resilience.failureShare must be above 0 and at most 1'],
    [{ resilience: { commandTimeout: 0 } }, 'resilience.commandTimeout must be more than 0'],
    [{ resilience: { openFor: 0 } }, 'resilience.openFor must be more than 0'],
    [{ resilience: { windowCalls: 0 } }, 'resilience.windowCalls must be a whole number from 1'],
    [{ resilience: { minimumCalls: 1.5 } }, 'resilience.minimumCalls must be a whole number from 1'],
    [{ upkeep: { interval: 0 } }, 'upkeep.interval must be more than 0'],
    [{ upkeep: { slowOperation: 0 } }, 'upkeep.slowOperation must be more than 0'],
    [{ upkeep: { batchSize: 0 } }, 'upkeep.batchSize must be a whole number from 1'],
    [{ upkeep: { scanCount: '5' } }, 'upkeep.scanCount must be a whole number from 1'],
    [{ upkeep: { pipelineSize: 0 } }, 'upkeep.pipelineSize must be a whole number from 1'],
    [{ security: { clockTolerance: Infinity } }, 'security.clockTolerance must be finite'],
    [{ security: { access: {} } }, 'security.access must be a list of rules'],
    [{ debug: { fakeMissRate: 2 } }, 'debug.fakeMissRate must be a number from 0 to 1'],
  ])('refuse %o', (options, message) => {
    expect(() => settingsWith(options as Options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }) as Error,
    )
  })

  it.each<[unknown, string]>([
    [{ defaultTtl: 'soon' }, 'defaultTtl'],
    [{ within: -1 }, 'within'],
    [{ resilience: { commandTimeout: 'x' } }, 'resilience.commandTimeout'],
    [{ resilience: { openFor: 'x' } }, 'resilience.openFor'],
    [{ upkeep: { interval: 'x' } }, 'upkeep.interval'],
    [{ upkeep: { slowOperation: 'x' } }, 'upkeep.slowOperation'],
    [{ upkeep: { maxStale: -1 } }, 'upkeep.maxStale'],
    [{ security: { clockTolerance: 'x' } }, 'security.clockTolerance'],
  ])('refuse a duration that is none: %o', (options, option) => {
    expect(() => settingsWith(options as Options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_TTL',
        message: expect.stringMatching(new RegExp(`^${option}\\b`)) as string,
      }) as Error,
    )
  })

  it.each<[unknown, string]>([
    [{ ttl: 1 }, "createCaches has no option 'ttl'"],
    [{ resilience: { timeout: 1 } }, "resilience has no option 'timeout'"],
    [{ upkeep: { every: 1 } }, "upkeep has no option 'every'"],
    [{ security: { rules: 1 } }, "security has no option 'rules'"],
    [{ debug: { loud: 1 } }, "debug has no option 'loud'"],
    [{ debug: { log: { all: true } } }, "debug.log has no option 'all'"],
  ])('refuse what is no option: %o', (options, message) => {
    expect(() => settingsWith(options as Options)).toThrow(message)
  })

  it('take a prefix of one letter, and of 63 characters', () => {
    for (const prefix of ['a', 'x'.repeat(63)]) expect(settingsWith({ prefix }).prefix).toBe(prefix)
  })

  it('make identifiers that are short and never the same, of one process or of two', () => {
    const [one, other] = [settingsWith({}).newId, settingsWith({}).newId]
    const ids = new Set<string>()
    for (let count = 0; count < 5000; count++) ids.add(one()).add(other())
    expect(ids.size).toBe(10_000)
    expect(Math.max(...Array.from(ids, ({ length }) => length))).toBeLessThanOrEqual(17)
    expect(new Set(Array.from(ids, (id) => id.slice(0, 12))).size).toBe(2)
    expect([...ids].every((id) => /^[\w-]{12}\.[0-9a-z]+$/.test(id))).toBe(true)
  })

  it('know which caches are sensitive by their names, in any of their segments and in any letter case', () => {
    const { sensitivityOf } = settingsWith({})
    const sensitive = ['auth', 'Auth', 'user:tokens', 'api_keys:live', 'API_KEYS']
    expect(sensitive.map(sensitivityOf)).toEqual(sensitive.map(() => 'unless-denied'))
    expect(['quotes', 'authors', 'my-tokens'].map(sensitivityOf)).toEqual(
      Array.from({ length: 3 }, () => 'if-declared'),
    )
  })

  it('know them by the list of an operator alone, where there is one', () => {
    const { sensitivityOf } = settingsWith({ sensitiveCaches: ['quotes'] })
    expect(['quotes', 'auth', 'quotes:live'].map(sensitivityOf)).toEqual([
      'always',
      'if-declared',
      'if-declared',
    ])
  })
})
