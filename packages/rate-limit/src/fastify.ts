import { durationMs, type Caches, type Duration } from '@cache/core'
import { LimitEngine } from './limit-engine.ts'
import type { LimitInput, LimitResult } from './limit-input.ts'
import { stateKey } from './limit-key.ts'
import {
  invalid,
  limiterSettings,
  refuseUnknown,
  type LimiterSettings,
  type RateLimiterOptions,
} from './limiter-options.ts'
import { checkedRule, type Rule, type RuleOptions } from './rule.ts'

/** Options of the store; the limit and its window come from the plugin and its routes. */
export interface FastifyLimitOptions {
  /** Tells it from the other limiters of the backend. Default `'fastify'`. */
  readonly name?: string | undefined
  readonly algorithm?: RuleOptions['algorithm']
  readonly whenAway?: RateLimiterOptions['whenAway']
  readonly maxKeys?: number | undefined
}

/** What the plugin hands to a store: its options, or those of a route. */
interface PluginOptions {
  readonly continueExceeding?: boolean
  readonly exponentialBackoff?: boolean
  readonly ban?: number
  readonly routeInfo?: { readonly method?: string | readonly string[]; readonly url?: string }
  readonly groupId?: string
}

type Answer = (error: Error | null, result?: { readonly current: number; readonly ttl: number }) => void

/** The store that `@fastify/rate-limit` takes as its option `store`. */
export type FastifyLimitStore = new (options: object) => {
  incr(key: string, callback: Answer, timeWindow: number, max: number): void
  read(key: string, callback: Answer, timeWindow: number, max: number): void
  child(options: object): InstanceType<FastifyLimitStore>
}

/**
 * Makes a store for `@fastify/rate-limit`: `fastify.register(rateLimit, { store: fastifyLimits(caches), max: 10 })`.
 * Options of the plugin that would admit more than `max` in a window, or that a window has no use for, are refused.
 *
 * @throws CacheError `INVALID_OPTION`, `CACHE_CONFLICT`
 */
export function fastifyLimits(caches: Caches, options: FastifyLimitOptions = {}): FastifyLimitStore {
  refuseUnknown(options, ['name', 'algorithm', 'whenAway', 'maxKeys'], 'fastifyLimits')
  const { name = 'fastify', whenAway, maxKeys, algorithm } = options
  const placeholder = { limit: 1, per: 1000 }
  const settings = limiterSettings({ name, whenAway, maxKeys, rules: placeholder })
  const engine = new LimitEngine(caches.state(`limit:${name}`, { maxEntries: maxKeys }), settings.awayShare)
  const limits = new PluginLimits(engine, settings, algorithm)
  return class PluginStore {
    readonly #route: string

    constructor(given: object) {
      this.#route = routeOf(checkedOptions(given))
    }

    incr(key: string, callback: Answer, timeWindow: number, max: number): void {
      void limits.answer('take', `${this.#route}${key}`, { timeWindow, max }, callback)
    }

    read(key: string, callback: Answer, timeWindow: number, max: number): void {
      void limits.answer('look', `${this.#route}${key}`, { timeWindow, max }, callback)
    }

    child(given: object): PluginStore {
      return new PluginStore(given)
    }
  }
}

interface PluginLimit {
  readonly timeWindow: Duration
  readonly max: number
}

/** The limits that come up as routes and requests ask for them. */
class PluginLimits {
  readonly #engine: LimitEngine
  readonly #settings: LimiterSettings
  readonly #algorithm: RuleOptions['algorithm']
  readonly #rules = new Map<string, readonly Rule[]>()

  constructor(engine: LimitEngine, settings: LimiterSettings, algorithm: RuleOptions['algorithm']) {
    this.#engine = engine
    this.#settings = settings
    this.#algorithm = algorithm
  }

  /** Never rejects: failures go to the callback, once. */
  async answer(operation: 'take' | 'look', key: string, limit: PluginLimit, callback: Answer): Promise<void> {
    const outcome = await this.#outcome(operation, key, limit)
    if (outcome instanceof Error) callback(outcome)
    else callback(null, asCount(outcome, limit.max))
  }

  async #outcome(
    operation: 'take' | 'look',
    key: string,
    limit: PluginLimit,
  ): Promise<LimitResult | Error | undefined> {
    try {
      return await this.#run(operation, key, limit)
    } catch (error) {
      return error instanceof Error ? error : new Error('The limit failed', { cause: error })
    }
  }

  async #run(operation: 'take' | 'look', key: string, limit: PluginLimit): Promise<LimitResult | undefined> {
    if (limit.max === 0) return undefined
    const rules = this.#rulesOf(limit)
    const input: LimitInput = {
      operation,
      rules,
      ban: this.#settings.ban,
      cost: 1,
      maxWaitUs: 0,
      debt: 0,
      banUs: 0,
      atUs: 0,
    }
    return this.#engine.run(stateKey(key), input)
  }

  #rulesOf({ timeWindow, max }: PluginLimit): readonly Rule[] {
    const id = `${max}/${durationMs(timeWindow, 'timeWindow')}`
    const known = this.#rules.get(id)
    if (known) return known
    // Functions of the request may give any number of limits.
    if (this.#rules.size >= 1000) this.#rules.clear()
    const rules = [checkedRule({ limit: max, per: timeWindow, algorithm: this.#algorithm })]
    this.#rules.set(id, rules)
    return rules
  }
}

/** The plugin lets through what is at or below `max`. */
function asCount(
  result: LimitResult | undefined,
  max: number,
): { readonly current: number; readonly ttl: number } {
  if (result === undefined) return { current: 1, ttl: 0 }
  if (!result.allowed) return { current: max + 1, ttl: Math.ceil(result.retryAfterMs) }
  return { current: max - result.remaining, ttl: Math.ceil(result.resetAfterMs) }
}

function checkedOptions(given: PluginOptions): PluginOptions {
  const { continueExceeding = false, exponentialBackoff = false, ban = -1 } = given
  if (continueExceeding || exponentialBackoff)
    throw invalid(
      'continueExceeding and exponentialBackoff have no meaning in a window that moves: leave them out',
    )
  if (ban >= 0) throw invalid(`the plugin's ban does not survive a restart: use 'ban' of rateLimiter`)
  return given
}

/** Routes with options of their own count by themselves, as with the plugin's own stores. */
function routeOf({ routeInfo, groupId }: PluginOptions): string {
  if (groupId !== undefined) return `${groupId}-`
  if (routeInfo?.url === undefined) return ''
  return `${[routeInfo.method ?? ''].flat().join(',')}${routeInfo.url}-`
}
