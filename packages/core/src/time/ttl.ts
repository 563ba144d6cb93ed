import { CacheError, durationMs, type Duration } from '@cache/ports'

/** A time to live: a duration, or a function of the value and the wall clock that returns one. */
export type Ttl<V> = Duration | ((wallMs: number, value: V) => Duration)

/** A checked TTL: milliseconds for the given value. Reads the wall clock only if the TTL depends on it. */
export type TtlOf<V> = (wallMs: () => number, value: V) => number

/**
 * Checks a constant TTL now and a function's result when it is used. `0` means that nothing is stored.
 *
 * @throws CacheError `INVALID_TTL`
 */
export function ttlOf<V>(ttl: Ttl<V>, option: string): TtlOf<V> {
  if (typeof ttl === 'function') return (wallMs, value) => durationMs(ttl(wallMs(), value), option)
  const ms = durationMs(ttl, option)
  return () => ms
}

/** A constant duration that must be above zero. */
export function positiveDurationMs(duration: Duration, option: string): number {
  const ms = durationMs(duration, option)
  if (ms === 0) throw new CacheError('INVALID_OPTION', `${option} must be more than 0`)
  return ms
}
