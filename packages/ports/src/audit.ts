import type { CacheOperation } from './operations.ts'
import type { Clock } from './clock.ts'

/** How an audited call ended. */
export type AuditOutcome =
  | 'done'
  | 'failed'
  | 'denied'
  /** It is about to be carried out; only before operations that must not happen unrecorded. */
  | 'begun'

/** One call of a cache, for one key. */
export interface AuditEvent {
  readonly cache: string
  readonly operation: CacheOperation
  /** The stored key, a tag or a pattern; already a keyed hash where the cache is sensitive and it is a key. */
  readonly key: string | undefined
  readonly hashed: boolean
  readonly caller: string | undefined
  /** Reads: whether there was a value. Loads: whether the call was answered without running its own loader. */
  readonly hit: boolean | undefined
  readonly outcome: AuditOutcome
  /** The error's code, where it failed. */
  readonly code?: string | undefined
}

/** What the engine gives an audit trail at its start. */
export interface AuditStart {
  readonly prefix: string
  readonly clock: Clock
  readonly report: (message: string, error?: unknown) => void
}

/** Keeps a record of the calls of caches. */
export interface AuditTrail {
  /** @throws CacheError `INVALID_OPTION`, `KEY_UNAVAILABLE`, `AUDIT_UNAVAILABLE` */
  start(context: AuditStart): Promise<void>
  /** Whether the calls of a cache are recorded. */
  covers(cache: { readonly name: string; readonly sensitive: boolean }): boolean
  /** How the calls of an operation are recorded. */
  manner(operation: CacheOperation): AuditManner
  /** Takes records that may be written a moment later. Never throws. */
  note(events: readonly AuditEvent[]): void
  /**
   * Resolves when the records are on the disk, and with them all that were noted before.
   *
   * @throws CacheError `AUDIT_UNAVAILABLE` when they are not, and the operator chose to refuse calls then
   */
  write(events: readonly AuditEvent[]): Promise<void>
  /** Writes what is buffered. Idempotent. */
  close(): Promise<void>
}

/** How the calls of an operation are recorded. */
export type AuditManner =
  /** Not at all, unless they are denied. */
  | 'none'
  /** A moment later. */
  | 'buffered'
  /** Before the caller has the answer. */
  | 'before-answer'
  /** Before they are carried out, and again before the caller has the answer. */
  | 'before-call'
