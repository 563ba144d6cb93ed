import type { Caches } from '@cache/core'
import { invalid, refuseUnknown, type RateLimiterOptions } from './limiter-options.ts'
import { rateLimiter, type RateLimiter } from './rate-limiter.ts'
import type { RuleOptions } from './rule.ts'

/** Options of the store; the window comes from the middleware, and so does a limit that is a number. */
export interface ExpressLimitOptions {
  /** Tells it from the other limiters of the backend; each `rateLimit()` needs a store of its own. Default `'express'`. */
  readonly name?: string | undefined
  /** Needed where the middleware's `limit` is a function: the highest that it gives. */
  readonly limit?: number | undefined
  readonly algorithm?: RuleOptions['algorithm']
  readonly ban?: RateLimiterOptions['ban']
  readonly whenAway?: RateLimiterOptions['whenAway']
  readonly maxKeys?: number | undefined
}

interface Hits {
  readonly totalHits: number
  readonly resetTime: Date
}

/** The `Store` of `express-rate-limit`. */
export interface ExpressLimitStore {
  readonly localKeys: boolean
  readonly prefix: string
  init(options: { readonly windowMs: number; readonly limit: unknown }): void
  get(key: string): Promise<Hits>
  increment(key: string): Promise<Hits>
  decrement(key: string): Promise<void>
  resetKey(key: string): Promise<void>
}

/**
 * Makes a store for `express-rate-limit`: `rateLimit({ store: expressLimits(caches), limit: 10, windowMs: 1000 })`.
 *
 * @throws CacheError `INVALID_OPTION`, when the middleware is made also for a limit that is no number
 */
export function expressLimits(caches: Caches, options: ExpressLimitOptions = {}): ExpressLimitStore {
  refuseUnknown(options, ['name', 'limit', 'algorithm', 'ban', 'whenAway', 'maxKeys'], 'expressLimits')
  return new MiddlewareStore(caches, options)
}

class MiddlewareStore implements ExpressLimitStore {
  readonly localKeys = false
  readonly prefix: string
  readonly #caches: Caches
  readonly #options: ExpressLimitOptions
  #limiter: RateLimiter | undefined
  #limit = 0

  constructor(caches: Caches, options: ExpressLimitOptions) {
    this.#caches = caches
    this.#options = options
    this.prefix = options.name ?? 'express'
  }

  init({ windowMs, limit }: { readonly windowMs: number; readonly limit: unknown }): void {
    const { limit: own, algorithm, ban, whenAway, maxKeys } = this.#options
    const highest = own ?? limit
    if (typeof highest !== 'number')
      throw invalid(`limit is a function: give expressLimits the highest as 'limit'`)
    this.#limit = highest
    const rules = { limit: highest, per: windowMs, algorithm }
    this.#limiter = rateLimiter(this.#caches, { name: this.prefix, rules, ban, whenAway, maxKeys })
  }

  async get(key: string): Promise<Hits> {
    const { remaining, resetAfterMs } = await this.#ready.check(key)
    return hits(this.#limit - remaining, resetAfterMs)
  }

  async increment(key: string): Promise<Hits> {
    const { allowed, remaining, resetAfterMs, retryAfterMs } = await this.#ready.consume(key)
    return allowed ? hits(this.#limit - remaining, resetAfterMs) : hits(this.#limit + 1, retryAfterMs)
  }

  decrement(key: string): Promise<void> {
    return this.#ready.giveBack(key, { cost: 1, atUs: Number.POSITIVE_INFINITY })
  }

  resetKey(key: string): Promise<void> {
    return this.#ready.reset(key)
  }

  get #ready(): RateLimiter {
    if (this.#limiter) return this.#limiter
    throw invalid('the store belongs into the options of rateLimit(), which sets its limit')
  }
}

/** The middleware writes moments into headers, by this machine's wall clock as every server does. */
function hits(totalHits: number, endsInMs: number): Hits {
  return { totalHits, resetTime: new Date(Date.now() + endsInMs) }
}
