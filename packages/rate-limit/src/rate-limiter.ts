import { CacheError, durationMs, type Cache, type Caches, type Duration } from '@cache/core'
import { LimitEngine } from './limit-engine.ts'
import type { LimitInput, LimitOperation, LimitResult } from './limit-input.ts'
import { stateKey } from './limit-key.ts'
import {
  invalid,
  limiterSettings,
  microsecondsOf,
  type LimiterSettings,
  type RateLimiterOptions,
} from './limiter-options.ts'
import type { Rule } from './rule.ts'
import { untilTurn } from './until-turn.ts'

export interface CostOptions {
  /** How much it takes; from 0. Default 1. */
  readonly cost?: number | undefined
}

export interface ReserveOptions extends CostOptions {
  /** The longest to wait. Default: the longest window. */
  readonly maxWait?: Duration | undefined
  /** Gives the place back when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** A banned key. */
export interface Ban {
  readonly key: string
  readonly reason: string
  readonly sinceMs: number
  /** Both in milliseconds since 1970, by the clock of the process that banned. */
  readonly untilMs: number
}

/**
 * Makes a limiter over a backend. What it counts survives restarts where the backend does, and holds for every process
 * that uses the name.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`, `CACHE_CONFLICT`
 */
export function rateLimiter(caches: Caches, options: RateLimiterOptions): RateLimiter {
  const settings = limiterSettings(options)
  const { name, maxKeys, awayShare } = settings
  const state = caches.state(`limit:${name}`, { maxEntries: maxKeys })
  const bans = caches.defineState<Ban>(`bans:${name}`)
  return new RateLimiter(settings, new LimitEngine(state, awayShare), bans)
}

/** At most so many calls in any window. Never fails because the backend is away, and never lets everything through. */
export class RateLimiter {
  readonly name: string
  readonly rules: readonly Rule[]
  readonly #settings: LimiterSettings
  readonly #engine: LimitEngine
  readonly #bans: Cache<Ban>
  readonly #takeOne: LimitInput
  readonly #most: number

  constructor(settings: LimiterSettings, engine: LimitEngine, bans: Cache<Ban>) {
    this.name = settings.name
    this.rules = settings.rules
    this.#settings = settings
    this.#engine = engine
    this.#bans = bans
    this.#most = Math.min(...settings.rules.map(({ limit, burst }) => Math.min(limit, burst)))
    this.#takeOne = this.#input('take', 1)
  }

  /** Takes `cost` if every rule has room. One atomic step. */
  consume(key: string, options?: CostOptions): Promise<LimitResult> {
    const input = options?.cost === undefined ? this.#takeOne : this.#input('take', options.cost)
    const taken = this.#engine.run(stateKey(key), input)
    return this.#settings.ban.after === 0 ? taken : this.#listed(key, taken)
  }

  /** Whether `cost` would be admitted now. Takes nothing. */
  async check(key: string, options: CostOptions = {}): Promise<LimitResult> {
    return this.#engine.run(stateKey(key), this.#input('look', options.cost ?? 1))
  }

  /**
   * Takes a place at the earliest moment there is one, and resolves at that moment; refused at once where that is
   * later than `maxWait`. Places are given in the order in which they were asked for.
   *
   * @throws CacheError `ABORTED` when `signal` is aborted; the place is given back
   */
  async reserve(key: string, options: ReserveOptions = {}): Promise<LimitResult> {
    const { cost = 1, signal } = options
    refuseAborted(signal)
    const maxWaitUs =
      options.maxWait === undefined
        ? Math.max(...this.rules.map(({ windowUs }) => windowUs))
        : Math.round(durationMs(options.maxWait, 'maxWait') * 1000)
    const result = await this.#engine.run(stateKey(key), { ...this.#input('take', cost), maxWaitUs })
    if (!result.allowed) return result
    try {
      await untilTurn(this.#engine.state.clock, result.retryAfterMs, signal)
    } catch (error) {
      await this.giveBack(key, result).catch(() => undefined)
      throw error
    }
    return result
  }

  /**
   * Gives back what was taken for something that did not happen. A window forgets its oldest call for it, so that the
   * limit still holds; GCRA cannot tell and keeps what was taken.
   */
  async giveBack(key: string, taken: Pick<LimitResult, 'cost' | 'atUs'>): Promise<void> {
    const { cost, atUs } = taken
    if (cost > 0) await this.#engine.run(stateKey(key), { ...this.#input('back', cost), atUs })
  }

  /**
   * Takes one, runs `attempt`, and forgets the key when it succeeds: for sign-ins, where failures count. Attempts
   * that run at the same time all count, so that guessing in parallel gains nothing.
   *
   * @throws what `attempt` throws; that attempt counts
   */
  async attempt<T>(
    key: string,
    attempt: () => Promise<T>,
    succeeded: (outcome: T) => boolean = Boolean,
  ): Promise<AttemptResult<T>> {
    const limit = await this.consume(key)
    if (!limit.allowed) return { limit, outcome: undefined }
    const outcome = await attempt()
    if (succeeded(outcome)) await this.reset(key)
    return { limit, outcome }
  }

  /**
   * Forgets what a key has taken; a ban stays.
   *
   * @throws CacheError `BACKEND_…` when the backend did not acknowledge it
   */
  async reset(key: string): Promise<void> {
    await this.#engine.run(stateKey(key), this.#input('reset', 1))
  }

  /**
   * Refuses a key everything for a time.
   *
   * @throws CacheError `BACKEND_…` when the backend did not acknowledge it
   */
  async ban(
    key: string,
    options: { readonly for: Duration; readonly reason?: string | undefined },
  ): Promise<void> {
    const banUs = microsecondsOf(options.for, 'for')
    await this.#engine.run(stateKey(key), { ...this.#input('ban', 1), banUs })
    await this.#list(key, banUs / 1000, options.reason ?? '')
  }

  /**
   * Ends a ban.
   *
   * @throws CacheError `BACKEND_…` when the backend did not acknowledge it
   */
  async unban(key: string): Promise<void> {
    await this.#engine.run(stateKey(key), this.#input('ban', 1))
    await this.#bans.delete(stateKey(key))
  }

  /** The bans that this limiter knows of. `O(bans)`. */
  async bans(): Promise<Ban[]> {
    const keys: string[] = []
    for await (const key of this.#bans.keys()) keys.push([key].flat().join(':'))
    const bans = await this.#bans.getMany(keys)
    return bans.filter((ban) => ban !== undefined)
  }

  async #listed(key: string, taken: Promise<LimitResult>): Promise<LimitResult> {
    const result = await taken
    if (result.newlyBanned) await this.#list(key, result.retryAfterMs, 'refused too often')
    return result
  }

  /** The list is for people: the ban holds whether it is there or not. */
  async #list(key: string, forMs: number, reason: string): Promise<void> {
    const sinceMs = this.#engine.state.clock.wallMs()
    await this.#bans.set(stateKey(key), { key, reason, sinceMs, untilMs: sinceMs + forMs }, { ttl: forMs })
  }

  #input(operation: LimitOperation, cost: number): LimitInput {
    if (!(Number.isSafeInteger(cost) && cost >= 0)) throw invalid('cost must be a whole number from 0')
    if (cost > this.#most) throw invalid(`cost must be at most ${this.#most}, or it would never be admitted`)
    const { rules, ban } = this.#settings
    return { operation, rules, ban, cost, maxWaitUs: 0, debt: 0, banUs: 0, atUs: 0 }
  }
}

/** What {@link RateLimiter.attempt} did. */
export interface AttemptResult<T> {
  readonly limit: LimitResult
  /** Absent where the attempt was refused. */
  readonly outcome: T | undefined
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new CacheError('ABORTED', 'The caller aborted the call', { cause: signal.reason })
}
