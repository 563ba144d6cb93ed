import { CacheError, durationMs, type Duration } from '@cache/core'

/** What all locks of one name are made with. */
export interface LocksOptions {
  /** Tells these locks from others over the same backend. Default `'locks'`. */
  readonly name?: string | undefined
  /** How long a lock outlives its holder. It is renewed for as long as it is held. Default 10 s. */
  readonly ttl?: Duration | undefined
  /** How long `acquire` waits for a lock that is held; `Infinity` for as long as it takes. Default 10 s. */
  readonly waitFor?: Duration | undefined
}

export interface AcquireOptions {
  readonly ttl?: Duration | undefined
  readonly waitFor?: Duration | undefined
  /** Ends the waiting. A lock that was got is not touched by it. */
  readonly signal?: AbortSignal | undefined
}

export interface LockTimes {
  readonly ttlMs: number
  readonly waitForMs: number
}

/** Shorter leases would be lost to the pauses of any process. */
const shortestTtlMs = 100
const longestTtlMs = 24 * 3_600_000

/**
 * Checks times; what is not given comes from `defaults`.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`
 */
export function lockTimes(
  options: { readonly ttl?: Duration | undefined; readonly waitFor?: Duration | undefined },
  defaults: LockTimes = { ttlMs: 10_000, waitForMs: 10_000 },
): LockTimes {
  const ttlMs = options.ttl === undefined ? defaults.ttlMs : durationMs(options.ttl, 'ttl')
  if (!(ttlMs >= shortestTtlMs && ttlMs <= longestTtlMs)) throw invalid('ttl must be from 100 ms to 24 hours')
  const waitForMs =
    options.waitFor === undefined ? defaults.waitForMs : durationMs(options.waitFor, 'waitFor')
  return { ttlMs, waitForMs }
}

export function refuseUnknown(options: object, known: readonly string[], owner: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw invalid(`${owner} has no option '${unknown}'; its options are ${known.join(', ')}`)
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
