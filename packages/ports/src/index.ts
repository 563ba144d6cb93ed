export type * from './audit.ts'
export type * from './backend.ts'
export type * from './protection.ts'
export type * from './step.ts'
export type * from './transport.ts'
export { systemClock, type Clock, type Timer } from './clock.ts'
export type { Codec } from './codec.ts'
export type { LocalEntry, LocalTier, LocalTierFactory, LocalTierOptions } from './local-tier.ts'
export { cacheOperations, type CacheOperation } from './operations.ts'

export { asCacheError, CacheError, isBackendError, isCacheError } from './cache-error.ts'
export { errorCodes, type ErrorCode } from './codes.ts'
export { durationMs, type Duration } from './duration.ts'
export { refuseUnknown } from './refuse-unknown.ts'

// What stores have in common.
export { localEntry, type LocalFacts } from './local-entry.ts'
export { stepEntry, type SteppedEntry, type StepMoment } from './stored-state.ts'
export { valueFormat } from './value-format.ts'
