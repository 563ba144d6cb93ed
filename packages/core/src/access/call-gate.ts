import {
  CacheError,
  isCacheError,
  type AuditEvent,
  type AuditManner,
  type AuditOutcome,
  type AuditTrail,
  type CacheOperation,
} from '@cache/ports'
import { channels } from '../events/channels.ts'
import type { StatsCounters } from '../stats/cache-stats.ts'
import type { CacheRules } from './access-rules.ts'
import { asCaller, currentCaller } from './caller.ts'

/** What the calls of one cache, or of one handle of it, pass through. */
export interface GatePlan {
  readonly prefix: string
  readonly cache: string
  readonly stats: Pick<StatsCounters, 'denied'>
  readonly rules: CacheRules | undefined
  readonly audit: AuditTrail | undefined
  /** A handle's caller; otherwise the caller is that of the running code. */
  readonly as?: string | undefined
  /** What a handle allows; otherwise everything that the rules allow. */
  readonly allow?: ReadonlySet<CacheOperation> | undefined
}

/** A key as the audit knows it. */
export interface AuditKey {
  readonly key: string
  readonly hashed: boolean
}

/** How a call ended, for its records: one for each hit, in the order of the keys. */
type HitsOf<T> = (result: T) => readonly (boolean | undefined)[]

const noHits = (): readonly undefined[] => []
const wholeCache: readonly (AuditKey | undefined)[] = [undefined]

/** Lets allowed calls through, refuses the others, and has both recorded. */
export class CallGate {
  readonly #plan: GatePlan

  constructor(plan: GatePlan) {
    this.#plan = plan
  }

  /** Whether calls of an operation leave a record when they are allowed. */
  records(operation: CacheOperation): boolean {
    return this.#manner(operation) !== 'none'
  }

  /** Runs code of the caller's as the handle's caller. */
  asCaller<T>(run: () => T): T {
    const { as } = this.#plan
    return as === undefined ? run() : asCaller(as, run)
  }

  /** Whether calls of an operation are allowed now, and recorded a moment later if at all. */
  isPassing(operation: CacheOperation): boolean {
    return this.#manner(operation) === 'buffered' && this.#permits(operation)
  }

  /** Has a read recorded that {@link isPassing} let through. */
  noteRead({ key, hashed }: AuditKey, hit: boolean): void {
    const { cache, audit } = this.#plan
    const caller = this.#caller()
    audit?.note([{ cache, operation: 'get', key, hashed, caller, hit, outcome: 'done', code: undefined }])
  }

  /**
   * Carries out a call that is allowed, and has it recorded in the manner of its operation.
   *
   * @throws CacheError `ACCESS_DENIED`, `AUDIT_UNAVAILABLE`; what the call throws
   */
  async pass<T>(
    operation: CacheOperation,
    keys: () => readonly (AuditKey | undefined)[],
    call: () => Promise<T> | T,
    hitsOf: HitsOf<T> = noHits,
  ): Promise<T> {
    if (!this.#permits(operation)) return this.#refuse(operation)
    const manner = this.#manner(operation)
    if (manner === 'none') return call()
    const named = keys()
    if (manner === 'before-call') await this.#record(manner, this.#events(operation, 'begun', named))
    let result: T
    try {
      result = await call()
    } catch (error) {
      const code = isCacheError(error) ? error.code : 'UNKNOWN'
      await this.#record(manner, this.#events(operation, 'failed', named, { code }))
      throw error
    }
    const events = this.#events(operation, 'done', named, { hits: hitsOf(result) })
    if (manner === 'buffered') this.#plan.audit?.note(events)
    else await this.#record(manner, events)
    return result
  }

  /** The same for calls that answer at once: their records are written a moment later. */
  passNow<T>(
    operation: CacheOperation,
    key: () => AuditKey,
    call: () => T,
    hitOf: (result: T) => boolean,
  ): T {
    if (!this.#permits(operation)) {
      this.#plan.audit?.note(this.#denied(operation))
      throw this.#denial(operation)
    }
    if (this.#manner(operation) === 'none') return call()
    const result = call()
    this.#plan.audit?.note(this.#events(operation, 'done', [key()], { hits: [hitOf(result)] }))
    return result
  }

  /** @throws CacheError `ACCESS_DENIED` */
  async check(operation: CacheOperation): Promise<void> {
    if (!this.#permits(operation)) await this.#refuse(operation)
  }

  #permits(operation: CacheOperation): boolean {
    const { allow, rules } = this.#plan
    if (allow && !allow.has(operation)) return false
    return rules === undefined || rules.permits(this.#caller(), operation)
  }

  #caller(): string | undefined {
    return this.#plan.as ?? currentCaller()
  }

  #manner(operation: CacheOperation): AuditManner {
    return this.#plan.audit?.manner(operation) ?? 'none'
  }

  async #refuse(operation: CacheOperation): Promise<never> {
    const denial = this.#denial(operation)
    // The denial stands, whether or not it could be recorded.
    await this.#plan.audit?.write(this.#denied(operation)).catch(() => undefined)
    throw denial
  }

  #denied(operation: CacheOperation): readonly AuditEvent[] {
    return this.#events(operation, 'denied', wholeCache)
  }

  #denial(operation: CacheOperation): CacheError {
    const { prefix, cache, stats } = this.#plan
    const caller = this.#caller()
    stats.denied++
    if (channels['cache:denied'].hasSubscribers)
      channels['cache:denied'].publish({ prefix, cache, operation, caller })
    const who = caller === undefined ? 'Code that runs as no caller' : `The caller '${caller}'`
    return new CacheError(
      'ACCESS_DENIED',
      `${who} may not ${operation} in the cache '${cache}'; allow it in security.access or open a handle that does`,
    )
  }

  async #record(manner: AuditManner, events: readonly AuditEvent[]): Promise<void> {
    const { audit } = this.#plan
    if (manner === 'buffered') audit?.note(events)
    else await audit?.write(events)
  }

  #events(
    operation: CacheOperation,
    outcome: AuditOutcome,
    keys: readonly (AuditKey | undefined)[],
    facts: { readonly hits?: readonly (boolean | undefined)[]; readonly code?: string } = {},
  ): AuditEvent[] {
    const { cache } = this.#plan
    const caller = this.#caller()
    const { hits, code } = facts
    return keys.map((named, index) => {
      const hit = hits?.[index]
      return { cache, operation, key: named?.key, hashed: named?.hashed ?? false, caller, hit, outcome, code }
    })
  }
}
