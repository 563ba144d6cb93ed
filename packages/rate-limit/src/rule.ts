import { CacheError, durationMs, type Duration } from '@cache/core'

/** One limit: at most `limit` in any window of the length `per`. */
export interface RuleOptions {
  /** Told in results. Default: such as `'10 per 1s'`. */
  readonly name?: string | undefined
  readonly limit: number
  readonly per: Duration
  /**
   * `'window'` counts every call for as long as it is in the window. `'gcra'` keeps one number and spreads calls over
   * the window. Neither ever admits more than `limit` in a window. Default `'window'`.
   */
  readonly algorithm?: 'window' | 'gcra' | undefined
  /** Of `'gcra'`: how many may come at once. Default 1: evenly spread. */
  readonly burst?: number | undefined
  /** Of `'gcra'`: the time between two calls once the burst is spent. Default: the shortest that keeps the limit. */
  readonly interval?: Duration | undefined
}

/** A checked rule. Times are whole microseconds, so that sums are exact. */
export interface Rule {
  readonly name: string
  readonly kind: 'window' | 'gcra'
  readonly limit: number
  readonly windowUs: number
  /** Of a window: times are rounded up to whole multiples of this, so that few need to be kept. */
  readonly bucketUs: number
  readonly burst: number
  readonly intervalUs: number
}

/** Moments that a window keeps at most. Up to this limit each call is one; above it, calls close together share one. */
export const maxMoments = 256

/** Into how many moments a window with a larger limit is divided. */
const momentsOfLarge = 64

const longestMs = 366 * 86_400_000
const optionNames = ['name', 'limit', 'per', 'algorithm', 'burst', 'interval']

/**
 * Checks a rule.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; also where GCRA could admit more than the limit in a window
 */
export function checkedRule(options: RuleOptions): Rule {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name))
  if (unknown !== undefined)
    throw invalid(`a rule has no option '${unknown}'; its options are ${optionNames.join(', ')}`)
  const {
    limit,
    per,
    algorithm = 'window',
    name = `${limit} per ${typeof per === 'number' ? `${per}ms` : per}`,
  } = options
  if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= 1e9))
    throw invalid('limit must be a whole number from 1 to 1,000,000,000')
  const windowUs = microseconds(per, 'per')
  if (algorithm === 'gcra')
    return { name, kind: 'gcra', limit, windowUs, bucketUs: 1, ...spread(options, windowUs) }
  if (algorithm !== 'window') throw invalid(`algorithm must be 'window' or 'gcra'`)
  if (options.burst !== undefined || options.interval !== undefined)
    throw invalid(`burst and interval belong to the algorithm 'gcra'`)
  const bucketUs = limit <= maxMoments ? 1 : Math.ceil(windowUs / momentsOfLarge)
  return { name, kind: 'window', limit, windowUs, bucketUs, burst: limit, intervalUs: 0 }
}

/**
 * In a window of length W that holds its start and not its end, GCRA with interval T and burst b admits at most
 * b + ceil(W / T) - 1: the burst at its start, then one each T.
 */
function spread(
  { limit, burst = 1, interval }: RuleOptions,
  windowUs: number,
): Pick<Rule, 'burst' | 'intervalUs'> {
  if (!(Number.isSafeInteger(burst) && burst >= 1 && burst <= limit))
    throw invalid('burst must be a whole number from 1 to limit')
  const shortestUs = Math.ceil(windowUs / (limit - burst + 1))
  const intervalUs = interval === undefined ? shortestUs : microseconds(interval, 'interval')
  const atMost = burst + Math.ceil(windowUs / intervalUs) - 1
  if (atMost <= limit) return { burst, intervalUs }
  throw invalid(
    `a burst of ${burst} and an interval of ${intervalUs / 1000} ms could admit ${atMost} in a window, and limit is ${limit}; ` +
      `make interval at least ${shortestUs / 1000} ms, or leave it out`,
  )
}

function microseconds(duration: Duration, option: string): number {
  const ms = durationMs(duration, option)
  if (ms >= 1 && ms <= longestMs) return Math.round(ms * 1000)
  throw invalid(`${option} must be from 1 ms to 366 days`)
}

/** The same rule with a share of its limit, at least 1. */
export function withShare(rule: Rule, share: number): Rule {
  const limit = Math.max(1, Math.floor(rule.limit * share))
  const burst = Math.max(1, Math.floor(rule.burst * share))
  const intervalUs = Math.ceil(rule.windowUs / (limit - Math.min(burst, limit) + 1))
  return {
    ...rule,
    limit,
    burst: Math.min(burst, limit),
    intervalUs: rule.kind === 'gcra' ? Math.max(intervalUs, rule.intervalUs) : 0,
  }
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
