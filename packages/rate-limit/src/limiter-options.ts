import { CacheError, durationMs, type Duration } from '@cache/core'
import type { BanPolicy } from './limit-input.ts'
import { checkedRule, type Rule, type RuleOptions } from './rule.ts'

/** What a limiter is made with. */
export interface RateLimiterOptions {
  /** Tells it from the other limiters of the backend: processes with the same name share one state. */
  readonly name: string
  /** All of them hold: a call is admitted by every rule or by none, and counts in every rule or in none. */
  readonly rules: RuleOptions | readonly RuleOptions[]
  /** Bans a key that is refused again and again. Default: nobody is banned but by `ban`. */
  readonly ban?: BanOptions | undefined
  /**
   * What holds while the backend is away: `{ share }` of each limit in this process alone, or `'refuse'`. Default
   * `{ share: 0.5 }`.
   */
  readonly whenAway?: AwayOptions | 'refuse' | undefined
  /** Keys remembered; those not used for longest go first. Default 1,000,000. */
  readonly maxKeys?: number | undefined
}

export interface BanOptions {
  /** Refused this often … */
  readonly after: number
  /** … within this time of the first refusal … */
  readonly within: Duration
  /** … a key is refused everything for this long. */
  readonly for: Duration
}

export interface AwayOptions {
  /** Above 0 and at most 1. A limit is never below 1 in a process. */
  readonly share: number
}

export interface LimiterSettings {
  readonly name: string
  readonly rules: readonly Rule[]
  readonly ban: BanPolicy
  /** 0 refuses everything. */
  readonly awayShare: number
  readonly maxKeys: number | undefined
}

const optionNames: readonly (keyof RateLimiterOptions)[] = ['name', 'rules', 'ban', 'whenAway', 'maxKeys']

/** Rules that one limiter may have: each is a part of the state of every key. */
const mostRules = 8

/**
 * Checks the options of a limiter.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option
 */
export function limiterSettings(options: RateLimiterOptions): LimiterSettings {
  refuseUnknown(options, optionNames, 'rateLimiter')
  const rules = (Array.isArray(options.rules) ? options.rules : [options.rules]) as readonly RuleOptions[]
  if (rules.length === 0 || rules.length > mostRules) throw invalid(`rules must be 1 to ${mostRules}`)
  return {
    name: options.name,
    rules: rules.map((rule) => checkedRule(rule)),
    ban: banPolicy(options.ban),
    awayShare: awayShare(options.whenAway),
    maxKeys: options.maxKeys,
  }
}

function banPolicy(options: BanOptions | undefined): BanPolicy {
  if (options === undefined) return { after: 0, withinUs: 0, forUs: 0 }
  refuseUnknown(options, ['after', 'within', 'for'], 'ban')
  const { after } = options
  if (!(Number.isSafeInteger(after) && after >= 1)) throw invalid('ban.after must be a whole number from 1')
  return {
    after,
    withinUs: microsecondsOf(options.within, 'ban.within'),
    forUs: microsecondsOf(options.for, 'ban.for'),
  }
}

/** A time of 1 ms to 10 years in microseconds. */
export function microsecondsOf(duration: Duration, option: string): number {
  const ms = durationMs(duration, option)
  if (ms >= 1 && ms <= 3660 * 86_400_000) return Math.round(ms * 1000)
  throw invalid(`${option} must be from 1 ms to 10 years`)
}

function awayShare(options: RateLimiterOptions['whenAway'] = { share: 0.5 }): number {
  if (options === 'refuse') return 0
  refuseUnknown(options, ['share'], 'whenAway')
  if (options.share > 0 && options.share <= 1) return options.share
  throw invalid('whenAway.share must be above 0 and at most 1')
}

export function refuseUnknown(options: object, known: readonly string[], owner: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw invalid(`${owner} has no option '${unknown}'; its options are ${known.join(', ')}`)
}

export function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
