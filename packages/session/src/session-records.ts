/** A session as a database keeps it: one row. */
export interface SessionRecord {
  /** SHA-256 of the id, in base64url: the primary key. The id cannot be found from it. */
  readonly handle: string
  /** Whose session it is; `undefined` before anybody has signed in. Worth an index. */
  readonly user: string | undefined
  /** When it ends, in milliseconds since 1970; later writes may move it. Worth an index. */
  readonly endsAtMs: number
  /** Changes with each write. */
  readonly revision: string
  /** JSON; what is in it is this package's affair. */
  readonly content: string
}

/**
 * A database in which sessions rest, for those who keep what must not be lost there. Five statements; all of them reject
 * while the database is away. Nothing here is told what time it is: ended records are asked for like others.
 */
export interface SessionRecords {
  /** The one under a handle, ended or not. */
  find(handle: string): Promise<SessionRecord | undefined>
  /**
   * Stores a record in one atomic step: in the place of the one with the revision `expected`, or, where that is
   * `undefined`, if there is none under the handle. Whether it did.
   */
  put(record: SessionRecord, expected: string | undefined): Promise<boolean>
  /** How many there were. */
  remove(handles: readonly string[]): Promise<number>
  /** Those of a user, or all. */
  list(user?: string): Promise<readonly SessionRecord[]>
  /** Removes those that ended at this moment or before. */
  removeEnded(wallMs: number): Promise<void>
}
