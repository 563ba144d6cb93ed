import { CacheError } from '@cache/ports'
import { byteSize, type ByteSize } from './byte-size.ts'

/** What the memory of one process may hold. */
export interface MemoryOptions {
  /**
   * What all caches of this instance take together: keys, values and bookkeeping. Past it, entries are evicted,
   * the coldest of the largest cache first. Default `'256mb'`; `Infinity` lifts the bound.
   */
  readonly maxBytes?: ByteSize | undefined
  /** Entries in each cache, where the cache itself sets no lower limit. Default: no limit but `maxBytes`. */
  readonly maxEntries?: number | undefined
}

/** Checked options in one unit. */
export interface MemoryLimits {
  readonly maxBytes: number
  readonly maxEntries: number
}

const optionNames: readonly (keyof MemoryOptions)[] = ['maxBytes', 'maxEntries']

/**
 * Checks the options of {@link memory}.
 *
 * @throws CacheError `INVALID_OPTION`; the message names the option.
 */
export function memoryLimits(options: MemoryOptions): MemoryLimits {
  const unknown = Object.keys(options).find((name) => !optionNames.some((known) => known === name))
  if (unknown !== undefined) {
    throw invalid(`memory has no option '${unknown}'; its options are ${optionNames.join(', ')}`)
  }
  return {
    maxBytes: byteSize(options.maxBytes ?? '256mb', 'maxBytes'),
    maxEntries: entryLimit(options.maxEntries ?? Number.POSITIVE_INFINITY),
  }
}

function entryLimit(value: number): number {
  if (value >= 1 && (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY)) return value
  throw invalid('maxEntries must be a whole number from 1, or Infinity')
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
