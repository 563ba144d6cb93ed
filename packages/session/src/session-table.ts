import type { SessionData } from './merge.ts'

/** A session as it rests. */
export interface StoredSession {
  readonly data: SessionData
  readonly createdAtMs: number
  readonly savedAtMs: number
  /** How long it may rest, where the caller decides; else the `idle` of all. */
  readonly idleMs?: number
  readonly user?: string
  /** It got another id; kept for a moment, so that saves that are under way find it. */
  readonly movedTo?: string
}

/** A session beside the name that it rests under. */
export interface NamedSession {
  readonly handle: string
  readonly stored: StoredSession
}

/** Makes of a session what is to be stored; `undefined` leaves it as it is. May be called more than once. */
export type SessionChange = (stored: StoredSession | undefined) => StoredSession | undefined

/** Milliseconds from a moment to the end of a session that is written then. */
export type SessionTtl = (wallMs: number, stored: StoredSession) => number

/** Where sessions rest. Every method rejects while that place is away. */
export interface SessionTable {
  /** As a request asks for it: maybe from a copy that is at most as old as its bound. */
  load(handle: string): Promise<StoredSession | undefined>
  /** As it rests now. */
  read(handle: string): Promise<StoredSession | undefined>
  /** Reads, changes and writes without losing a change of others; gives what is stored then. */
  update(handle: string, change: SessionChange): Promise<StoredSession | undefined>
  /** Ends sessions; how many there were. */
  remove(handles: readonly string[]): Promise<number>
  /** Makes a session, in the place of `instead`, one of a user's; gives back those that are one too many. */
  enlist(user: string, session: NamedSession, most: number, instead?: string): Promise<readonly string[]>
  /** The sessions of a user, oldest first. */
  ofUser(user: string): Promise<readonly NamedSession[]>
  removeUser(user: string): Promise<void>
  all(): Promise<readonly StoredSession[]>
  length(): Promise<number>
  clear(): Promise<void>
}
