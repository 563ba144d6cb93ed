import { CacheError, refuseUnknown } from '@cache/ports'

/** Switches for finding faults; all off by default. */
export interface DebugOptions {
  /**
   * Every read is a miss, and every load runs its loader and stores nothing. Writes, invalidations and atomic
   * operations still reach the backend, so that nothing is stale when the switch is off again.
   */
  readonly bypass?: boolean | undefined
  /** The share of reads and loads, 0–1, that are treated as `bypass` treats all. Default 0. */
  readonly fakeMissRate?: number | undefined
  readonly log?: DebugLogOptions | undefined
}

/** What is logged, one line for each event. */
export interface DebugLogOptions {
  /** Reads that found a value. */
  readonly hits?: boolean | undefined
  /** Reads that found none. */
  readonly misses?: boolean | undefined
  /** Calls to the backend that took longer than `upkeep.slowOperation`. */
  readonly slowOperations?: boolean | undefined
  /** Hits and misses name a hash of their key, the same for the same key within this process. */
  readonly keys?: boolean | undefined
  /** Where lines go. Default: a line on the standard error stream. */
  readonly write?: ((line: string) => void) | undefined
}

/** Checked switches. */
export interface DebugSettings {
  readonly bypass: boolean
  readonly fakeMissRate: number
  readonly log: DebugLogOptions
}

/** @throws CacheError `INVALID_OPTION`; the message names the option. */
export function debugSettings(options: DebugOptions): DebugSettings {
  refuseUnknown(options, ['bypass', 'fakeMissRate', 'log'], 'debug')
  const { bypass = false, fakeMissRate = 0, log = {} } = options
  refuseUnknown(log, ['hits', 'misses', 'slowOperations', 'keys', 'write'], 'debug.log')
  if (fakeMissRate >= 0 && fakeMissRate <= 1) return { bypass, fakeMissRate, log }
  throw new CacheError('INVALID_OPTION', 'debug.fakeMissRate must be a number from 0 to 1')
}
