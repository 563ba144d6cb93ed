import type { CachesOptions } from '@cache/core'
import type { ReadCacheVariables } from './check-together.ts'

/** The options of `createCaches`, but for the parts that packages bring, that the variables give. */
export function environmentOptions(
  read: ReadCacheVariables,
  backend: string,
): Pick<CachesOptions, 'prefix' | 'defaultTtl' | 'upkeep' | 'debug' | 'sensitiveCaches'> {
  const { values } = read
  return {
    prefix: prefixOf(read, backend),
    defaultTtl: defaultTtlOf(read, backend),
    upkeep: {
      onStart: values.CACHE_CLEANUP_ON_STARTUP,
      interval: values.CACHE_CLEANUP_INTERVAL_HOURS,
      batchSize: values.CACHE_CLEANUP_BATCH_SIZE,
      maxStale: values.CACHE_CLEANUP_MAX_AGE_HOURS,
      slowOperation: values.CACHE_SLOW_OP_THRESHOLD_MS,
      ...(isServer(backend)
        ? { scanCount: values.REDIS_SCAN_COUNT, pipelineSize: values.REDIS_PIPELINE_MAX_SIZE }
        : {}),
    },
    debug: debugOf(read),
    sensitiveCaches: values.CACHE_ENCRYPTION_ENABLED ? values.CACHE_ENCRYPTED_NAMES : [],
  }
}

function isServer(backend: string): boolean {
  return backend === 'redis' || backend === 'valkey'
}

/** What is given wins over what is not, and the variable of the backend over the general one. */
function prefixOf({ values, given }: ReadCacheVariables, backend: string): string {
  return isServer(backend) && !given.has('CACHE_KEY_PREFIX')
    ? values.REDIS_KEY_PREFIX
    : values.CACHE_KEY_PREFIX
}

function defaultTtlOf({ values, given }: ReadCacheVariables, backend: string): number {
  const general = given.has('CACHE_DEFAULT_TTL') && !given.has('SQLITE_DEFAULT_TTL')
  return backend === 'sqlite' && !general ? values.SQLITE_DEFAULT_TTL : values.CACHE_DEFAULT_TTL
}

function debugOf({ values, given }: ReadCacheVariables): CachesOptions['debug'] {
  const all = values.CACHE_DEBUG_MODE
  const switched = (name: 'CACHE_LOG_HITS' | 'CACHE_LOG_MISSES' | 'CACHE_LOG_SLOW_OPS' | 'CACHE_LOG_KEYS') =>
    all && !given.has(name) ? true : values[name]
  return {
    bypass: values.CACHE_BYPASS_CACHE || !values.CACHE_ENABLED,
    fakeMissRate: values.CACHE_FAKE_MISS_RATE,
    log: {
      hits: switched('CACHE_LOG_HITS'),
      misses: switched('CACHE_LOG_MISSES'),
      slowOperations: switched('CACHE_LOG_SLOW_OPS'),
      keys: switched('CACHE_LOG_KEYS'),
    },
  }
}
