import type { Rule } from './rule.ts'

/** When repeated refusals become a ban. */
export interface BanPolicy {
  /** Refusals within `withinUs` that bring a ban; 0 for none. */
  readonly after: number
  readonly withinUs: number
  readonly forUs: number
}

/** What is asked of the state of a key. */
export type LimitOperation =
  /** Takes `cost` now, or within `maxWaitUs`, if every rule has room. */
  | 'take'
  /** Says what `take` would, and changes nothing. */
  | 'look'
  /** Takes `cost` whether there is room or not: it happened. */
  | 'note'
  /** Gives back `cost` that was taken at `atUs`. */
  | 'back'
  /** Forgets everything but a ban. */
  | 'reset'
  /** Bans for `banUs`; 0 ends a ban. */
  | 'ban'

export interface LimitInput {
  readonly operation: LimitOperation
  readonly rules: readonly Rule[]
  readonly ban: BanPolicy
  readonly cost: number
  readonly maxWaitUs: number
  /** Taken before anything else: what was admitted while the store was away. */
  readonly debt: number
  readonly banUs: number
  /** Of `back`: when it was taken; `Infinity` where that is not known and taken to be just now. */
  readonly atUs: number
}

/** The answer to one request. */
export interface LimitResult {
  readonly allowed: boolean
  /** Of the rule that decided: the one that refused, or the one with the least left. */
  readonly limit: number
  /** What could still be taken at once. */
  readonly remaining: number
  /** Refused: after this long it would be allowed. Reserved: its turn comes then. Else 0. */
  readonly retryAfterMs: number
  /** After this long nothing counts any more. */
  readonly resetAfterMs: number
  /** The name of the rule that decided. */
  readonly rule: string
  /** Refused because of a ban, which ends after `retryAfterMs`. */
  readonly banned: boolean
  /** This very refusal brought the ban. */
  readonly newlyBanned: boolean
  /** What was taken: 0 where it was refused or only looked at. */
  readonly cost: number
  /** When, in microseconds of the store's own time; for `giveBack`. */
  readonly atUs: number
  /** Decided in this process alone, because the backend was away. */
  readonly local: boolean
}
