import {
  CacheError,
  durationMs,
  refuseUnknown,
  systemClock,
  type CacheBackend,
  type Clock,
  type Duration,
  type InvalidationTransport,
  type LocalTierFactory,
  type Protection,
} from '@cache/ports'
import { debugSettings, type DebugOptions, type DebugSettings } from '../debug/debug-options.ts'
import { type Sensitivity } from '../engine/cache-options.ts'
import { positiveDurationMs } from '../time/ttl.ts'
import {
  securitySettings,
  sensitivityOf,
  type SecurityOptions,
  type SecuritySettings,
} from './security-options.ts'

/** What `createCaches` takes. Only `backend` has no default. */
export interface CachesOptions {
  /** Where entries are kept: `memory()`, `sqlite()`, `redis()`, `valkey()` or your own. */
  readonly backend: CacheBackend
  /** Keeps entries in this process too, in front of the backend: `memory()`. Default: no local tier. */
  readonly l1?: LocalTierFactory | undefined
  /** Tells other processes of invalidations at once; without it they notice within the bound. */
  readonly transport?: InvalidationTransport | undefined
  /** Encrypts the entries of sensitive caches and signs those of caches that ask for it: `encryption()` of @cache/crypto. */
  readonly protection?: Protection | undefined
  /** The first part of every key. Default `'cache'`. */
  readonly prefix?: string | undefined
  /** TTL of caches that have none of their own. Default 5 minutes. */
  readonly defaultTtl?: Duration | undefined
  /** The bound B on how far L1 may be behind; `0` always asks the backend. Default 1 s. */
  readonly within?: Duration | undefined
  readonly security?: SecurityOptions | undefined
  readonly resilience?: ResilienceOptions | undefined
  readonly upkeep?: UpkeepOptions | undefined
  /**
   * Names of caches that are sensitive, whatever `define` says: an operator's choice. Where it is given, no other cache
   * is sensitive unless `define` says so. Default: those with a segment `auth`, `api_keys` or `tokens` in their name,
   * unless `define` says `sensitive: false`.
   */
  readonly sensitiveCaches?: readonly string[] | undefined
  readonly debug?: DebugOptions | undefined
  /** Time and chance, for tests. */
  readonly environment?: Environment | undefined
}

export interface ResilienceOptions {
  /** A call to a remote backend is given up after this long. Default 1 s. */
  readonly commandTimeout?: Duration | undefined
  /** The circuit breaker of a cache opens when this share of its last calls failed. Default 0.5. */
  readonly failureShare?: number | undefined
  /** Calls it looks at. Default 20. */
  readonly windowCalls?: number | undefined
  /** Calls it needs to see first. Default 5. */
  readonly minimumCalls?: number | undefined
  /** How long it stays open before it lets one probe through. Default 1 s. */
  readonly openFor?: Duration | undefined
}

export interface UpkeepOptions {
  /** How often expired entries are removed; `Infinity` never. Default 1 minute. */
  readonly interval?: Duration | undefined
  /** Expired entries removed in one step. Default 1,000. */
  readonly batchSize?: number | undefined
  /** Also remove them two seconds after the start. Default `true`. */
  readonly onStart?: boolean | undefined
  /** A call to the backend that takes longer is counted and published as slow. Default 50 ms. */
  readonly slowOperation?: Duration | undefined
  /** The longest that any cache keeps an entry past its fresh time, whatever its `staleFor`. Default: no limit. */
  readonly maxStale?: Duration | undefined
  /** Keys asked for in one step of a scan, a hint. Default 500. */
  readonly scanCount?: number | undefined
  /** Keys read, written or deleted in one step at most; a call with more takes several. Default: no limit. */
  readonly pipelineSize?: number | undefined
}

/** What logic may not take from the machine by itself. */
export interface Environment {
  readonly clock?: Clock | undefined
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined
  /** Identifiers of 64 random bits or more, never repeated. */
  readonly newId?: (() => string) | undefined
}

/** How much is asked of a backend in one step. */
export interface StepSizes {
  readonly scanCount: number
  readonly pipelineSize: number
}

export interface CachesSettings {
  readonly prefix: string
  readonly defaultTtl: Duration
  readonly within: Duration
  readonly commandTimeoutMs: number
  readonly failureShare: number
  readonly windowCalls: number
  readonly minimumCalls: number
  readonly openForMs: number
  readonly upkeepIntervalMs: number
  readonly upkeepBatchSize: number
  readonly upkeepOnStart: boolean
  readonly slowOperationMs: number
  readonly maxStaleMs: number
  readonly steps: StepSizes
  readonly debug: DebugSettings
  readonly security: SecuritySettings
  readonly sensitivityOf: (cache: string) => Sensitivity
  readonly clock: Clock
  readonly random: () => number
  readonly newId: () => string
}

const optionNames: readonly (keyof CachesOptions)[] = [
  'backend',
  'l1',
  'transport',
  'protection',
  'prefix',
  'defaultTtl',
  'within',
  'security',
  'resilience',
  'upkeep',
  'sensitiveCaches',
  'debug',
  'environment',
]

/**
 * Checks the options of `createCaches`.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option.
 */
export function cachesSettings(options: CachesOptions): CachesSettings {
  refuseUnknown(options, optionNames, 'createCaches')
  durationMs(options.defaultTtl ?? 0, 'defaultTtl')
  durationMs(options.within ?? 0, 'within')
  return {
    prefix: checkedPrefix(options.prefix ?? 'cache'),
    defaultTtl: options.defaultTtl ?? '5m',
    within: options.within ?? '1s',
    security: securitySettings(options.security ?? {}),
    ...resilienceSettings(options.resilience ?? {}),
    ...upkeepSettings(options.upkeep ?? {}),
    sensitivityOf: sensitivityOf(options.sensitiveCaches),
    debug: debugSettings(options.debug ?? {}),
    clock: options.environment?.clock ?? systemClock,
    random: options.environment?.random ?? Math.random,
    newId: options.environment?.newId ?? idGenerator(),
  }
}

function checkedPrefix(prefix: string): string {
  if (/^[a-z][a-z0-9_-]{0,62}$/i.test(prefix)) return prefix
  throw new CacheError(
    'INVALID_OPTION',
    `prefix must be up to 63 letters, digits, '-' and '_', beginning with a letter`,
  )
}

function resilienceSettings(
  options: ResilienceOptions,
): Pick<CachesSettings, 'commandTimeoutMs' | 'failureShare' | 'windowCalls' | 'minimumCalls' | 'openForMs'> {
  refuseUnknown(
    options,
    ['commandTimeout', 'failureShare', 'windowCalls', 'minimumCalls', 'openFor'],
    'resilience',
  )
  const failureShare = options.failureShare ?? 0.5
  if (!(failureShare > 0 && failureShare <= 1)) {
    throw new CacheError('INVALID_OPTION', 'resilience.failureShare must be above 0 and at most 1')
  }
  return {
    commandTimeoutMs: positiveDurationMs(options.commandTimeout ?? '1s', 'resilience.commandTimeout'),
    failureShare,
    windowCalls: wholeNumber(options.windowCalls ?? 20, 'resilience.windowCalls'),
    minimumCalls: wholeNumber(options.minimumCalls ?? 5, 'resilience.minimumCalls'),
    openForMs: positiveDurationMs(options.openFor ?? '1s', 'resilience.openFor'),
  }
}

function upkeepSettings(
  options: UpkeepOptions,
): Pick<
  CachesSettings,
  'upkeepIntervalMs' | 'upkeepBatchSize' | 'upkeepOnStart' | 'slowOperationMs' | 'maxStaleMs' | 'steps'
> {
  refuseUnknown(options, upkeepOptionNames, 'upkeep')
  const { pipelineSize = Number.POSITIVE_INFINITY } = options
  return {
    upkeepIntervalMs: positiveDurationMs(options.interval ?? '1m', 'upkeep.interval'),
    upkeepBatchSize: wholeNumber(options.batchSize ?? 1000, 'upkeep.batchSize'),
    upkeepOnStart: options.onStart ?? true,
    slowOperationMs: positiveDurationMs(options.slowOperation ?? '50ms', 'upkeep.slowOperation'),
    maxStaleMs: durationMs(options.maxStale ?? Number.POSITIVE_INFINITY, 'upkeep.maxStale'),
    steps: {
      scanCount: wholeNumber(options.scanCount ?? 500, 'upkeep.scanCount'),
      pipelineSize:
        pipelineSize === Number.POSITIVE_INFINITY
          ? pipelineSize
          : wholeNumber(pipelineSize, 'upkeep.pipelineSize'),
    },
  }
}

const upkeepOptionNames: readonly (keyof UpkeepOptions)[] = [
  'interval',
  'batchSize',
  'onStart',
  'slowOperation',
  'maxStale',
  'scanCount',
  'pipelineSize',
]

function wholeNumber(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new CacheError('INVALID_OPTION', `${option} must be a whole number from 1`)
}

/** How many identifiers share their beginning, and the endings of those. */
const idsPerBlock = 36 ** 2
const idEndings = Array.from({ length: idsPerBlock }, (_, index) => index.toString(36).padStart(2, '0'))

/**
 * 72 random bits for the process, and a count: short, because every stored entry carries one. Writing a number to the
 * base of 36 costs as much as the rest of an entry's making, so it is done once for a block.
 */
function idGenerator(): () => string {
  const origin = Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString('base64url')
  let count = 0
  let block = ''
  return () => {
    const ending = count % idsPerBlock
    if (ending === 0) block = `${origin}.${(count / idsPerBlock).toString(36)}`
    count++
    return block + idEndings[ending]
  }
}
