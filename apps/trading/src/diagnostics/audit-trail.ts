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

/** Where the console reads who did what with the caches. */
export interface AuditTrail {
  /** The latest records, the newest first. */
  latest(count: number): Promise<readonly AuditEntry[]>
}
