import type { CacheBackend, Caches } from '@cache/core'
import type { ManualClock } from '@cache/conformance'
import type { RateLimiter } from '@cache/rate-limit'
import { createCaches, createLocks, createSessions, encryption, rateLimiter } from './library.ts'

/** When the golden state was written; where a store takes its time from us, it is read a minute later. */
export const writtenAtMs: number = Date.UTC(2026, 10, 26)

/** Values whose stored forms must stay readable: one for each format, and what is easily lost. */
export const goldenValues: Readonly<Record<string, unknown>> = {
  json: { text: 'ä ☃ "quoted"', list: [1, -0.5, null, true], nested: { deep: { deeper: [] } } },
  text: '',
  number: 0,
  none: null,
  date: new Date(86_400_000),
  map: new Map<unknown, unknown>([
    ['key', new Set([1, 'two'])],
    [2, { undefined }],
  ]),
  bigint: 2n ** 70n,
  special: [Number.NaN, Number.POSITIVE_INFINITY, -0],
  array: Uint8Array.of(0, 1, 254, 255),
  buffer: Buffer.from('buffer'),
  doubles: Float64Array.of(0.1, -1),
}

export function openGolden(backend: CacheBackend, clock?: ManualClock): Promise<Caches> {
  const protection = encryption({ keys: () => Buffer.alloc(32, 9) })
  const environment = clock === undefined ? {} : { clock }
  return createCaches({ backend, protection, environment, upkeep: { onStart: false } })
}

/** The caches of the golden state, as every version defines them. */
export function goldenCaches(caches: Caches) {
  return {
    values: caches.define<unknown>('values', {
      ttl: Infinity,
      l1: false,
      loading: { negativeTtl: Infinity },
    }),
    /** The second schema version of the same name is another application's. */
    newer: caches.define<unknown>('shapes', { ttl: Infinity, l1: false, version: 2 }),
    secrets: caches.define<unknown>('auth', { ttl: Infinity, l1: false }),
    signed: caches.define<unknown>('signed', { ttl: Infinity, l1: false, values: { signed: true } }),
    limited: caches.define<number>('limited', { ttl: Infinity, l1: false, maxEntries: 3, maxBytes: 10_000 }),
  }
}

/** Five calls in an hour, of which the golden state has three. */
export function windowed(caches: Caches): RateLimiter {
  return rateLimiter(caches, { name: 'window', rules: { limit: 5, per: '1h' } })
}

/** One call each six minutes, of which the golden state has one. */
export function paced(caches: Caches): RateLimiter {
  const rules = { limit: 10, per: '1h', algorithm: 'gcra', burst: 1, interval: '6m' } as const
  return rateLimiter(caches, { name: 'gcra', rules })
}

/** What only the golden state can tell of itself. */
export interface GoldenFacts {
  readonly sessionId: string
  readonly token: number
}

export async function writeGolden(caches: Caches): Promise<GoldenFacts> {
  const { values, newer, secrets, signed, limited } = goldenCaches(caches)
  for (const [key, value] of Object.entries(goldenValues))
    await values.set(key, value, { tags: ['all', `t:${key}`] })
  await values.set(['part', 'with:colon', 7], 'parts')
  await values.set('versioned', 'third', { version: 3 })
  await values.getOrLoad('nothing', () => undefined)
  await newer.set('shape', { version: 2 })
  await secrets.set('token', { access: 'secret' }, { tags: ['user:1'] })
  await signed.set('note', 'signed')
  for (const key of [1, 2, 3, 4]) await limited.set(key, key)

  const lock = await createLocks(caches, { ttl: '1h' }).acquire('golden')
  const limit = windowed(caches)
  for (let call = 0; call < 3; call++) await limit.consume('user')
  await paced(caches).consume('user')
  await limit.ban('banned', { for: '1h' })
  const sessionId = await createSessions(caches).create({ userId: 'ada', since: new Date(0) })

  // The latest records of the log.
  await values.set('tagged', 'x', { tags: ['gone'] })
  await values.invalidateTags(['gone', 'unused'])
  await values.delete('absent')
  return { sessionId, token: lock.token }
}
