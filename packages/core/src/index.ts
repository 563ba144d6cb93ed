export { createCaches } from './caches/create-caches.ts'
export type {
  Caches,
  CachesHealth,
  CachesStats,
  HandleOptions,
  ResealOptions,
  ResealProgress,
} from './caches/caches.ts'
export type { CachesOptions, Environment, ResilienceOptions, UpkeepOptions } from './caches/caches-options.ts'
export type { DebugLogOptions, DebugOptions } from './debug/debug-options.ts'
export type { SecurityOptions } from './caches/security-options.ts'
export type { DefinedCache } from './caches/cache-registry.ts'
export type { AppendOptions, Cache, ValueWithMeta } from './engine/cache.ts'
export type { CacheOptions, LoadingOptions, LocalOptions, ValueOptions } from './engine/cache-options.ts'
export type { UpdateOptions } from './engine/atomic-operations.ts'
export type { WriteOptions } from './engine/entry-writer.ts'
export type { ValueSharing } from './engine/packer.ts'
export type { LoadContext, Loader, LoadOptions } from './loading/load-options.ts'
export type { StaleReason } from './loading/refused-refreshes.ts'
export type { CacheStats, StatsFacts } from './stats/cache-stats.ts'
export type { LatencySnapshot } from './stats/latency-histogram.ts'
export { keyPattern, type KeyPattern } from './keys/key-pattern.ts'
export type { CacheKey, KeyPart } from './keys/cache-key.ts'
export { isStateName } from './keys/cache-name.ts'

export { cached, type CachedOptions } from './wrappers/cached.ts'
export { Cached, Invalidates, type InvalidatesOptions } from './wrappers/decorators.ts'

export { warm, type WarmOptions, type WarmProgress } from './wrappers/warm.ts'
export {
  WriteBehind,
  type ListedKey,
  type WriteBehindOptions,
  type WriteToSource,
} from './wrappers/write-behind.ts'

export { asCaller, currentCaller } from './access/caller.ts'
export type { AccessRule } from './access/access-rules.ts'

export { dailyAt } from './time/daily-at.ts'
export type { Ttl } from './time/ttl.ts'

export { onCacheEvent, type CacheEvents } from './events/channels.ts'
export type * from './events/channels.ts'

// The ports, and what an implementation of one needs.
export type * from '@cache/ports'
export {
  CacheError,
  cacheOperations,
  durationMs,
  errorCodes,
  isCacheError,
  localEntry,
  refuseUnknown,
  stepEntry,
  systemClock,
  valueFormat,
} from '@cache/ports'
export type { StateOptions, StateStore } from './state/state-store.ts'
export { parseStoredKey, storedKey } from './keys/cache-key.ts'
export { encodeValue, type Encoded } from './codec/value-format.ts'
