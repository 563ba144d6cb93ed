/** One record of the audit, as the console shows it. */
export interface AuditEntry {
  readonly seq: number
  /** In ISO 8601. */
  readonly time: string
  readonly cache: string
  readonly operation: string
  /** A keyed hash of the key, the tag or the pattern. */
  readonly key: string | undefined
  readonly caller: string | undefined
  readonly hit: boolean | undefined
  readonly outcome: string
  /** The error's code, where it failed. */
  readonly code: string | undefined
  readonly instance: string | undefined
}

/**
 * Which records are looked for.
 *
 * - `all`
 * - `ends`: what made entries unreadable or sealed them anew; neither reads nor writes
 * - `refused`: what was denied, or failed
 */
export type AuditSelection = 'all' | 'ends' | 'refused'

/** Where the console reads who did what with the caches. */
export interface AuditTrail {
  /** The latest records, the newest first. Of a selection, those among the last few thousand records. */
  latest(count: number, selection?: AuditSelection): Promise<readonly AuditEntry[]>
}
