import { describe, expect, it } from 'vitest'
import {
  cachePolicy,
  type CacheOptions,
  type CachePolicy,
  type PolicyDefaults,
} from '../../src/engine/cache-options.ts'

const defaults: PolicyDefaults = { ttl: '5m', within: '1s', maxStaleMs: Infinity, sensitive: 'if-declared' }

function policyOf(
  options: CacheOptions<string> = {},
  more: Partial<PolicyDefaults> = {},
): CachePolicy<string> {
  return cachePolicy<string>(options, { ...defaults, ...more })
}

function ttlMs({ ttl }: CachePolicy<string>): number {
  return ttl(() => 0, 'v')
}

describe('the policy of a cache', () => {
  it('has the defaults that its options tell of', () => {
    const policy = policyOf()
    expect(ttlMs(policy)).toBe(300_000)
    expect(policy).toEqual({
      ttl: policy.ttl,
      maxEntries: Infinity,
      maxBytes: Infinity,
      maxValueBytes: 16_777_216,
      sensitive: false,
      signed: false,
      schema: undefined,
      version: 1,
      sharing: 'freeze',
      codec: undefined,
      local: {
        ttlMs: Infinity,
        maxEntries: Infinity,
        maxBytes: Infinity,
        withinMs: 1000,
        aloneForMs: 0,
        shortestTtlMs: undefined,
      },
      loading: {
        staleForMs: 0,
        staleWhileRevalidate: true,
        negativeTtlMs: 0,
        refreshAheadMs: undefined,
        jitter: 0,
        softTimeoutMs: 100,
        hardTimeoutMs: 30_000,
        leaseMs: 3000,
        retryAfterMs: 5000,
        breaker: false,
      },
    })
  })

  it('is what its options say', () => {
    const codec = { id: 255, name: 'own', encode: String, decode: String }
    const schema = { '~standard': {} } as never
    const policy = policyOf({
      ttl: '2h',
      maxEntries: 1,
      maxBytes: 2,
      maxValueBytes: 3,
      sensitive: true,
      schema,
      version: 4,
      values: { sharing: 'clone', codec, signed: true },
      l1: { ttl: '5s', maxEntries: 6, maxBytes: 7, within: '8s', aloneFor: '9s', shortestTtl: '1s' },
      loading: {
        staleFor: '10s',
        staleWhileRevalidate: false,
        negativeTtl: '11s',
        refreshAhead: '12s',
        jitter: 1,
        softTimeout: 0,
        hardTimeout: '13s',
        leaseTime: '14s',
        retryAfter: 0,
        breaker: true,
      },
    })
    expect(ttlMs(policy)).toBe(7_200_000)
    expect(policy).toEqual({
      ttl: policy.ttl,
      maxEntries: 1,
      maxBytes: 2,
      maxValueBytes: 3,
      sensitive: true,
      signed: true,
      schema,
      version: 4,
      sharing: 'clone',
      codec,
      local: {
        ttlMs: 5000,
        maxEntries: 6,
        maxBytes: 7,
        withinMs: 8000,
        aloneForMs: 9000,
        shortestTtlMs: 1000,
      },
      loading: {
        staleForMs: 10_000,
        staleWhileRevalidate: false,
        negativeTtlMs: 11_000,
        refreshAheadMs: 12_000,
        jitter: 1,
        softTimeoutMs: 0,
        hardTimeoutMs: 13_000,
        leaseMs: 14_000,
        retryAfterMs: 0,
        breaker: true,
      },
    })
  })

  it('takes for L1 what it has itself where L1 is given no other', () => {
    expect(policyOf({ maxEntries: 10, maxBytes: 20 }, { within: 0 }).local).toMatchObject({
      maxEntries: 10,
      maxBytes: 20,
      withinMs: 0,
    })
    expect(policyOf({ l1: { maxEntries: 5 }, maxBytes: 20 }).local).toMatchObject({
      maxEntries: 5,
      maxBytes: 20,
    })
    expect(policyOf({ l1: false }).local).toBeUndefined()
  })

  it('serves nothing stale for longer than the caches allow', () => {
    const staleForMs = (maxStaleMs: number): number =>
      policyOf({ loading: { staleFor: '1m' } }, { maxStaleMs }).loading.staleForMs
    expect([staleForMs(59_999), staleForMs(60_001), staleForMs(0)]).toEqual([59_999, 60_000, 0])
  })

  it('loads ahead by chance, from a moment on, or not at all', () => {
    const of = (refreshAhead: boolean | number): number | undefined =>
      policyOf({ loading: { refreshAhead } }).loading.refreshAheadMs
    expect([of(true), of(false), of(250)]).toEqual([0, undefined, 250])
  })

  it.each([
    ['always', undefined, true],
    ['always', false, true],
    ['unless-denied', undefined, true],
    ['unless-denied', false, false],
    ['unless-denied', true, true],
    ['if-declared', undefined, false],
    ['if-declared', true, true],
  ] as const)('is sensitive %s: where it says %s, that is %s', (sensitive, declared, expected) => {
    expect(policyOf({ sensitive: declared }, { sensitive }).sensitive).toBe(expected)
  })

  it('takes ids of codecs that nobody else has, and shortest times as long as the longest', () => {
    for (const id of [16, 255])
      expect(
        policyOf({ values: { codec: { id, name: 'own', encode: String, decode: String } } }).codec?.id,
      ).toBe(id)
    expect(policyOf({ l1: { ttl: 100, shortestTtl: 100 } }).local?.shortestTtlMs).toBe(100)
    expect(policyOf({ l1: { within: 0 } }).local?.withinMs).toBe(0)
  })

  const whole = (option: string): string => `${option} must be a whole number from 1, or Infinity`
  it.each<[unknown, string]>([
    [{ maxEntries: 0 }, whole('maxEntries')],
    [{ maxEntries: 1.5 }, whole('maxEntries')],
    [{ maxBytes: -1 }, whole('maxBytes')],
    [{ maxBytes: Number.NaN }, whole('maxBytes')],
    [{ maxValueBytes: '5' }, whole('maxValueBytes')],
    [{ l1: { maxEntries: 0 } }, whole('l1.maxEntries')],
    [{ l1: { maxBytes: 0 } }, whole('l1.maxBytes')],
    [{ version: 0 }, 'version must be a whole number from 1'],
    [{ version: 1.5 }, 'version must be a whole number from 1'],
    [{ sensitive: 'yes' }, 'sensitive must be true or false'],
    [{ values: { signed: 1 } }, 'values.signed must be true or false'],
    [{ values: { sharing: 'copy' } }, "values.sharing must be 'freeze', 'clone' or 'reference'"],
    [{ values: { codec: { id: 15 } } }, 'values.codec must have an id from 16 to 255'],
    [{ values: { codec: { id: 256 } } }, 'values.codec must have an id from 16 to 255'],
    [{ values: { codec: { id: 16.5 } } }, 'values.codec must have an id from 16 to 255'],
    [{ l1: { ttl: 100, shortestTtl: 101 } }, 'l1.shortestTtl must not exceed l1.ttl'],
    [{ l1: { shortestTtl: 0 } }, 'l1.shortestTtl must be more than 0'],
    [
      { l1: { within: 0, aloneFor: 1 } },
      'l1.aloneFor needs an l1.within above 0: with 0 every answer is checked with the store',
    ],
    [{ loading: { jitter: 1.01 } }, 'loading.jitter must be a number from 0 to 1'],
    [{ loading: { jitter: -0.01 } }, 'loading.jitter must be a number from 0 to 1'],
    [{ loading: { hardTimeout: 0 } }, 'loading.hardTimeout must be more than 0'],
    [{ loading: { leaseTime: 0 } }, 'loading.leaseTime must be more than 0'],
    [{ loading: { refreshAhead: 0 } }, 'loading.refreshAhead must be more than 0'],
    [{ tll: 1 }, "define has no option 'tll'"],
    [{ l1: { size: 1 } }, "l1 has no option 'size'"],
    [{ loading: { stale: 1 } }, "loading has no option 'stale'"],
    [{ values: { share: 1 } }, "values has no option 'share'"],
  ])('is refused with %o', (options, message) => {
    expect(() => policyOf(options as CacheOptions<string>)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })

  it.each<[unknown, string]>([
    [{ ttl: -1 }, 'ttl'],
    [{ l1: { ttl: 'x' } }, 'l1.ttl'],
    [{ l1: { within: 'x' } }, 'l1.within'],
    [{ l1: { aloneFor: 'x' } }, 'l1.aloneFor'],
    [{ l1: { shortestTtl: 'x' } }, 'l1.shortestTtl'],
    [{ loading: { staleFor: 'x' } }, 'loading.staleFor'],
    [{ loading: { negativeTtl: 'x' } }, 'loading.negativeTtl'],
    [{ loading: { refreshAhead: 'x' } }, 'loading.refreshAhead'],
    [{ loading: { softTimeout: 'x' } }, 'loading.softTimeout'],
    [{ loading: { hardTimeout: 'x' } }, 'loading.hardTimeout'],
    [{ loading: { leaseTime: 'x' } }, 'loading.leaseTime'],
    [{ loading: { retryAfter: 'x' } }, 'loading.retryAfter'],
  ])('is refused with a duration that is none: %o', (options, option) => {
    expect(() => policyOf(options as CacheOptions<string>)).toThrow(
      expect.objectContaining({
        code: 'INVALID_TTL',
        message: expect.stringMatching(new RegExp(`^${option.replace('.', String.raw`\.`)}\\b`)) as string,
      }) as Error,
    )
  })
})
