import { CacheError, durationMs, refuseUnknown, type Codec, type Duration } from '@cache/ports'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { firstCustomFormat } from '../codec/value-format.ts'
import { positiveDurationMs, ttlOf, type Ttl, type TtlOf } from '../time/ttl.ts'
import type { ValueSharing } from './packer.ts'

/** How one cache behaves. Every field has a default but `ttl`, whose default is that of the `Caches`. */
export interface CacheOptions<V> {
  /**
   * How long an entry is fresh; computed when it is written. `0` stores nothing, `Infinity` is for ever. Default:
   * `defaultTtl` of `createCaches`.
   */
  readonly ttl?: Ttl<V> | undefined
  /** Entries kept, in each tier; the least recently used go first. Default: no limit but the memory budget. */
  readonly maxEntries?: number | undefined
  /** Bytes kept, in each tier. Default: no limit but the memory budget. */
  readonly maxBytes?: number | undefined
  /** A larger value is refused when it is written. Default 16 MiB. */
  readonly maxValueBytes?: number | undefined
  /**
   * Secrets: encrypted in every tier, and keys hashed. Needs `protection: encryption()`. Default: whether a segment of
   * the name is `auth`, `api_keys` or `tokens`; see `sensitiveCaches` of `createCaches`.
   */
  readonly sensitive?: boolean | undefined
  /** Types the values; checked on write, and on every read that does not come from this process. */
  readonly schema?: StandardSchemaV1<unknown, V> | undefined
  /** Raise it when the shape of the values changes: entries of another version are not read. Default 1. */
  readonly version?: number | undefined
  /** How values stay in this process, and in which encoding they leave it. */
  readonly values?: ValueOptions | undefined
  /** The local tier in front of a shared or persistent backend. `false` switches it off. */
  readonly l1?: LocalOptions | false | undefined
  /** What may be served past the fresh time, and how loads behave. */
  readonly loading?: LoadingOptions | undefined
}

export interface ValueOptions {
  /** Whether callers share a frozen value, get a clone each, or the value itself, not to be changed. Default `'freeze'`. */
  readonly sharing?: ValueSharing | undefined
  /** How values leave this process. Default: JSON where it loses nothing, else a form that keeps types. */
  readonly codec?: Codec | undefined
  /** Signed where they leave this process: what others wrote or changed there is a miss. Needs `protection`. Default `false`. */
  readonly signed?: boolean | undefined
}

export interface LocalOptions {
  /** The longest that L1 serves an entry without asking L2. Default: as long as it is fresh. */
  readonly ttl?: Duration | undefined
  /** Entries kept in this process. Default: as for the cache. */
  readonly maxEntries?: number | undefined
  /** Bytes kept in this process. Default: as for the cache. */
  readonly maxBytes?: number | undefined
  /** The bound B on how far L1 may be behind; `0` always asks L2. Default: that of the `Caches`. */
  readonly within?: Duration | undefined
  /**
   * How much longer than `within` L1 goes on answering while the backend cannot be reached. Invalidations by other
   * processes are not seen meanwhile. Default 0: it does not.
   */
  readonly aloneFor?: Duration | undefined
  /**
   * Shortens `ttl` while entries of the cache are seen to be invalidated, and never below this: L1 serves an entry for
   * a tenth of the time that entries have lately lived. Default: `ttl` as it is.
   */
  readonly shortestTtl?: Duration | undefined
}

export interface LoadingOptions {
  /** How long past its fresh time an entry may be served while it is loaded anew, or when that fails. Default 0. */
  readonly staleFor?: Duration | undefined
  /** Serve a stale entry at once and load behind it (`true`), or only once `softTimeout` passes. Default `true`. */
  readonly staleWhileRevalidate?: boolean | undefined
  /** How long "there is no such thing" is remembered when a loader returns `undefined`. Default 0. */
  readonly negativeTtl?: Duration | undefined
  /**
   * Load anew, behind a read that L1 serves, before the fresh time ends: the likelier the nearer the end and the slower
   * the load (`true`), or surely with the first read in this last part of it (a duration). Default `false`.
   */
  readonly refreshAhead?: boolean | Duration | undefined
  /** Shortens each TTL by a random share, 0–1, up to this. Default 0. */
  readonly jitter?: number | undefined
  /** After this long a stale entry is served if there is one. Default 100 ms. */
  readonly softTimeout?: Duration | undefined
  /** After this long the call fails with `LOADER_TIMEOUT`. Default 30 s. */
  readonly hardTimeout?: Duration | undefined
  /** How long another process waits before it takes a silent loader's place. Default 3 s. */
  readonly leaseTime?: Duration | undefined
  /** After a failed refresh no process tries again for this long. Default 5 s. */
  readonly retryAfter?: Duration | undefined
  /**
   * A circuit breaker for the cache's loaders, with the settings of `resilience`: while most of them fail, calls fail
   * at once with `LOADER_FAILED`, or get what is stale, and one load at a time tries. Give it to caches whose loaders
   * ask one source that may be down, not to those where a failure says something of the key. Default `false`.
   */
  readonly breaker?: boolean | undefined
}

/** Defaults that come from the `Caches`. */
export interface PolicyDefaults {
  readonly ttl: Duration
  readonly within: Duration
  /** `loading.staleFor` is at most this. */
  readonly maxStaleMs: number
  readonly sensitive: Sensitivity
}

/** What a cache's name makes of it: sensitive whatever it says, if it says nothing, or only if it says so. */
export type Sensitivity = 'always' | 'unless-denied' | 'if-declared'

/** Checked options in one unit. */
export interface CachePolicy<V> {
  readonly ttl: TtlOf<V>
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxValueBytes: number
  readonly sensitive: boolean
  readonly signed: boolean
  readonly schema: StandardSchemaV1<unknown, V> | undefined
  readonly version: number
  readonly sharing: ValueSharing
  readonly codec: Codec | undefined
  readonly local: LocalPolicy | undefined
  readonly loading: LoadingPolicy
}

export interface LocalPolicy {
  readonly ttlMs: number
  readonly maxEntries: number
  readonly maxBytes: number
  readonly withinMs: number
  readonly aloneForMs: number
  /** `undefined` where `ttlMs` does not adapt. */
  readonly shortestTtlMs: number | undefined
}

export interface LoadingPolicy {
  readonly staleForMs: number
  readonly staleWhileRevalidate: boolean
  readonly negativeTtlMs: number
  /** 0 where chance alone decides, `undefined` where nothing is loaded ahead. */
  readonly refreshAheadMs: number | undefined
  readonly jitter: number
  readonly softTimeoutMs: number
  readonly hardTimeoutMs: number
  readonly leaseMs: number
  readonly retryAfterMs: number
  readonly breaker: boolean
}

const defaultMaxValueBytes = 16 * 1024 * 1024

/**
 * Checks the options of one cache.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option.
 */
export function cachePolicy<V>(options: CacheOptions<V>, defaults: PolicyDefaults): CachePolicy<V> {
  refuseUnknown(options, cacheOptionNames, 'define')
  const maxEntries = entryLimit(options.maxEntries, 'maxEntries')
  const maxBytes = entryLimit(options.maxBytes, 'maxBytes')
  const version = options.version ?? 1
  if (!Number.isSafeInteger(version) || version < 1) throw invalid('version must be a whole number from 1')
  return {
    ttl: ttlOf<V>(options.ttl ?? defaults.ttl, 'ttl'),
    maxEntries,
    maxBytes,
    maxValueBytes: entryLimit(options.maxValueBytes ?? defaultMaxValueBytes, 'maxValueBytes'),
    sensitive: isSensitive(options.sensitive, defaults.sensitive),
    signed: flag(options.values?.signed ?? false, 'values.signed'),
    schema: options.schema,
    version,
    sharing: sharingOf(options.values),
    codec: codecOf(options.values),
    local:
      options.l1 === false ? undefined : localPolicy(options.l1 ?? {}, { maxEntries, maxBytes, ...defaults }),
    loading: loadingPolicy(options.loading ?? {}, defaults.maxStaleMs),
  }
}

function sharingOf(values: ValueOptions | undefined): ValueSharing {
  refuseUnknown(values ?? {}, ['sharing', 'codec', 'signed'], 'values')
  const sharing = values?.sharing ?? 'freeze'
  if (['freeze', 'clone', 'reference'].includes(sharing)) return sharing
  throw invalid(`values.sharing must be 'freeze', 'clone' or 'reference'`)
}

function codecOf(values: ValueOptions | undefined): Codec | undefined {
  const codec = values?.codec
  if (codec === undefined || (Number.isInteger(codec.id) && codec.id >= firstCustomFormat && codec.id <= 255))
    return codec
  throw invalid(`values.codec must have an id from ${firstCustomFormat} to 255`)
}

function localPolicy(
  options: LocalOptions,
  defaults: { readonly maxEntries: number; readonly maxBytes: number; readonly within: Duration },
): LocalPolicy {
  refuseUnknown(options, localOptionNames, 'l1')
  const policy = {
    ttlMs: durationMs(options.ttl ?? Number.POSITIVE_INFINITY, 'l1.ttl'),
    maxEntries: entryLimit(options.maxEntries ?? defaults.maxEntries, 'l1.maxEntries'),
    maxBytes: entryLimit(options.maxBytes ?? defaults.maxBytes, 'l1.maxBytes'),
    withinMs: durationMs(options.within ?? defaults.within, 'l1.within'),
    aloneForMs: durationMs(options.aloneFor ?? 0, 'l1.aloneFor'),
    shortestTtlMs:
      options.shortestTtl === undefined
        ? undefined
        : positiveDurationMs(options.shortestTtl, 'l1.shortestTtl'),
  }
  if ((policy.shortestTtlMs ?? 0) > policy.ttlMs) throw invalid('l1.shortestTtl must not exceed l1.ttl')
  if (policy.aloneForMs > 0 && policy.withinMs === 0)
    throw invalid('l1.aloneFor needs an l1.within above 0: with 0 every answer is checked with the store')
  return policy
}

function loadingPolicy(options: LoadingOptions, maxStaleMs: number): LoadingPolicy {
  refuseUnknown(options, loadingOptionNames, 'loading')
  return {
    staleForMs: Math.min(durationMs(options.staleFor ?? 0, 'loading.staleFor'), maxStaleMs),
    staleWhileRevalidate: options.staleWhileRevalidate ?? true,
    negativeTtlMs: durationMs(options.negativeTtl ?? 0, 'loading.negativeTtl'),
    refreshAheadMs: refreshAheadMs(options.refreshAhead ?? false),
    jitter: share(options.jitter ?? 0, 'loading.jitter'),
    softTimeoutMs: durationMs(options.softTimeout ?? 100, 'loading.softTimeout'),
    hardTimeoutMs: positiveDurationMs(options.hardTimeout ?? '30s', 'loading.hardTimeout'),
    leaseMs: positiveDurationMs(options.leaseTime ?? '3s', 'loading.leaseTime'),
    retryAfterMs: durationMs(options.retryAfter ?? '5s', 'loading.retryAfter'),
    breaker: options.breaker ?? false,
  }
}

function refreshAheadMs(option: boolean | Duration): number | undefined {
  if (typeof option === 'boolean') return option ? 0 : undefined
  return positiveDurationMs(option, 'loading.refreshAhead')
}

const cacheOptionNames: readonly (keyof CacheOptions<unknown>)[] = [
  'ttl',
  'maxEntries',
  'maxBytes',
  'maxValueBytes',
  'sensitive',
  'schema',
  'version',
  'values',
  'l1',
  'loading',
]

const localOptionNames: readonly (keyof LocalOptions)[] = [
  'ttl',
  'maxEntries',
  'maxBytes',
  'within',
  'aloneFor',
  'shortestTtl',
]

const loadingOptionNames: readonly (keyof LoadingOptions)[] = [
  'staleFor',
  'staleWhileRevalidate',
  'negativeTtl',
  'refreshAhead',
  'jitter',
  'softTimeout',
  'hardTimeout',
  'leaseTime',
  'retryAfter',
  'breaker',
]

/** A limit on a count; none by default. */
export function entryLimit(value: number | undefined, option: string): number {
  const checked = value ?? Number.POSITIVE_INFINITY
  if (checked >= 1 && (Number.isSafeInteger(checked) || checked === Number.POSITIVE_INFINITY)) return checked
  throw invalid(`${option} must be a whole number from 1, or Infinity`)
}

function isSensitive(declared: unknown, sensitivity: Sensitivity): boolean {
  const answer = flag(declared ?? sensitivity !== 'if-declared', 'sensitive')
  return answer || sensitivity === 'always'
}

/** Anything else would be taken for true or false, and a cache would be open that its author believes sealed. */
function flag(value: unknown, option: string): boolean {
  if (typeof value === 'boolean') return value
  throw invalid(`${option} must be true or false`)
}

function share(value: number, option: string): number {
  if (value >= 0 && value <= 1) return value
  throw invalid(`${option} must be a number from 0 to 1`)
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
