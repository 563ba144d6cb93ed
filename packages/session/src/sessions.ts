import type { Caches } from '@cache/core'
import { CacheTable } from './cache-table.ts'
import { merged, type SessionData } from './merge.ts'
import { RecordTable } from './record-table.ts'
import { handleOf, newSessionId } from './session-ids.ts'
import { sessionSettings, type SessionSettings, type SessionsOptions } from './session-options.ts'
import type { SessionChange, SessionTable, SessionTtl, StoredSession } from './session-table.ts'

/** A session as it was read; what is saved is compared with it. */
export interface LoadedSession {
  /** The caller's own to change. */
  readonly data: Record<string, unknown>
  readonly createdAtMs: number
  /** What it was when it was read. */
  readonly base: SessionData
}

/** A session of a user, for a list. */
export interface UserSession {
  /** Names the session and does not open it. */
  readonly handle: string
  readonly createdAtMs: number
  readonly savedAtMs: number
  readonly data: SessionData
}

export interface SaveOptions {
  /** What the data was loaded as; without it the session is new. */
  readonly loaded?: LoadedSession | undefined
  /** How long it may rest from now on. Default: `idle` of all sessions. */
  readonly idleMs?: number | undefined
}

const movedForMs = 60_000

/**
 * Makes sessions over a backend.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`, `CACHE_CONFLICT`
 */
export function createSessions(caches: Caches, options: SessionsOptions = {}): Sessions {
  return new Sessions(caches, sessionSettings(options))
}

/**
 * Sessions of users. Ids are hashed where they are stored. Unlike the reads of a cache, those of sessions reject while
 * the backend is away: who cannot be looked up has not been signed out.
 */
export class Sessions {
  readonly #settings: SessionSettings
  readonly #table: SessionTable
  readonly #now: () => number

  readonly #ttl: SessionTtl = (wallMs, { createdAtMs, idleMs, movedTo }) => {
    const { idleMs: ofAll, absoluteMs } = this.#settings
    const leftMs = absoluteMs(createdAtMs) - Math.max(0, wallMs - createdAtMs)
    return Math.max(0, Math.min(movedTo === undefined ? (idleMs ?? ofAll) : movedForMs, leftMs))
  }

  constructor(caches: Caches, settings: SessionSettings) {
    const { records } = settings
    this.#settings = settings
    this.#table =
      records === undefined
        ? new CacheTable(caches, settings, this.#ttl)
        : new RecordTable(caches, settings, { records, ttl: this.#ttl })
    this.#now = () => caches.clock.wallMs()
  }

  /** The time by which sessions begin and end, in milliseconds since 1970. */
  wallMs(): number {
    return this.#now()
  }

  /** Begins a session and gives its id, signed where there are secrets. */
  async create(data: SessionData, options: { readonly idleMs?: number | undefined } = {}): Promise<string> {
    const id = newSessionId()
    await this.#save(handleOf(id) ?? '', { data, ...options })
    return this.#settings.signer?.sign(id) ?? id
  }

  /** Whether an id was signed with one of the secrets, which says nothing of its session; `true` without secrets. */
  isSigned(id: string): boolean {
    return this.#settings.signer?.unsign(id).valid ?? true
  }

  /** What names the session of an id in lists, whether or not it lasts; `undefined` for what is no id of these sessions. */
  handleOf(id: string): string | undefined {
    return this.#handle(id)
  }

  /** The session of an id; `undefined` for ids that are not signed, not known, or whose session has ended. */
  async load(id: string): Promise<LoadedSession | undefined> {
    const handle = this.#handle(id)
    const stored = handle === undefined ? undefined : await this.#table.load(handle)
    if (stored === undefined || stored.movedTo !== undefined) return undefined
    return loadedOf(stored.data, stored.createdAtMs)
  }

  /**
   * Stores what a request made of a session. What other requests changed meanwhile stays; see `merged`. `undefined` when
   * the session was loaded and has been ended since: nothing brings it back.
   */
  async save(id: string, data: SessionData, options: SaveOptions = {}): Promise<LoadedSession | undefined> {
    const handle = this.#handle(id)
    return handle === undefined ? undefined : this.#save(handle, { data, ...options })
  }

  /** Begins the time of rest anew; `false` when there is no such session. */
  async touch(id: string, options: { readonly idleMs?: number | undefined } = {}): Promise<boolean> {
    const handle = this.#handle(id)
    if (handle === undefined) return false
    const touched = await this.#change(handle, (stored) => stored && { ...stored, ...restOf(options.idleMs) })
    return touched !== undefined && touched.movedTo === undefined
  }

  /** Ends a session; `false` if there was none. */
  async destroy(id: string): Promise<boolean> {
    const handle = this.#handle(id)
    return handle !== undefined && (await this.#table.remove([handle])) > 0
  }

  /**
   * Gives a session another id, as is due whenever a user signs in. The former id opens nothing any more; what requests
   * under way save with it is not lost. `undefined` when there is no such session.
   */
  async rotate(id: string): Promise<string | undefined> {
    const handle = this.#handle(id)
    const before = handle === undefined ? undefined : await this.#table.read(handle)
    if (handle === undefined || before === undefined || before.movedTo !== undefined) return undefined
    const newId = newSessionId()
    const newHandle = handleOf(newId) ?? ''
    await this.#table.update(newHandle, () => before)
    const last = await this.#move(handle, newHandle)
    if (last === undefined) {
      await this.#table.remove([newHandle])
      return undefined
    }
    await this.#change(
      newHandle,
      (stored) => stored && { ...stored, data: merged(before.data, last.data, stored.data) },
    )
    if (before.user !== undefined) await this.#list(before.user, newHandle, before, handle)
    return this.#settings.signer?.sign(newId) ?? newId
  }

  /** The sessions of a user, oldest first. */
  async ofUser(user: string | number): Promise<UserSession[]> {
    const sessions = await this.#table.ofUser(String(user))
    return sessions.map(({ handle, stored: { createdAtMs, savedAtMs, data } }) => {
      return { handle, createdAtMs, savedAtMs, data }
    })
  }

  /** Ends one session of a user by its handle. */
  async revoke(handle: string): Promise<boolean> {
    return (await this.#table.remove([handle])) > 0
  }

  /** Ends every session of a user, in all processes at once; `except` stays. How many there were. */
  async revokeUser(
    user: string | number,
    options: { readonly except?: string | undefined } = {},
  ): Promise<number> {
    const kept = options.except === undefined ? undefined : this.#handle(options.except)
    const sessions = await this.ofUser(user)
    if (kept !== undefined) {
      const others = sessions.filter(({ handle }) => handle !== kept)
      return this.#table.remove(others.map(({ handle }) => handle))
    }
    await this.#table.removeUser(String(user))
    return sessions.length
  }

  /** The data of all sessions. `O(sessions)`; not of sensitive ones, whose keys nobody can list. */
  async all(): Promise<SessionData[]> {
    const found = await this.#table.all()
    return found.flatMap(({ movedTo, data }) => (movedTo === undefined ? [data] : []))
  }

  /** How many sessions there are; of sensitive ones also those that have just ended. */
  length(): Promise<number> {
    return this.#table.length()
  }

  /** Ends all sessions of all users. */
  clear(): Promise<void> {
    return this.#table.clear()
  }

  async #save(
    handle: string,
    { data, loaded, idleMs }: SaveOptions & { readonly data: SessionData },
  ): Promise<LoadedSession | undefined> {
    const savedAtMs = this.#now()
    const own = structuredClone(data)
    let userBefore: string | undefined
    const stored = await this.#change(handle, (current) => {
      if (current === undefined && loaded) return undefined
      userBefore = current?.user
      const next = merged(loaded?.base ?? {}, own, current?.data ?? {})
      return this.#stored(next, { createdAtMs: current?.createdAtMs ?? savedAtMs, savedAtMs, idleMs })
    })
    if (stored?.movedTo !== undefined) return this.#save(stored.movedTo, { data, loaded, idleMs })
    if (stored === undefined) return undefined
    if (stored.user !== undefined && stored.user !== userBefore) await this.#list(stored.user, handle, stored)
    return loadedOf(stored.data, stored.createdAtMs)
  }

  #stored(
    data: SessionData,
    times: { readonly createdAtMs: number; readonly savedAtMs: number; readonly idleMs: number | undefined },
  ): StoredSession {
    const user = this.#settings.userOf(data)
    const { createdAtMs, savedAtMs, idleMs } = times
    return { data, createdAtMs, savedAtMs, ...restOf(idleMs), ...(user === undefined ? {} : { user }) }
  }

  /** A session that has moved is left as it is. */
  #change(handle: string, change: SessionChange): Promise<StoredSession | undefined> {
    return this.#table.update(handle, (current) =>
      current?.movedTo === undefined ? change(current) : undefined,
    )
  }

  async #move(handle: string, movedTo: string): Promise<StoredSession | undefined> {
    let last: StoredSession | undefined
    await this.#table.update(handle, (current) => {
      last = current?.movedTo === undefined ? current : undefined
      return last && { ...last, data: {}, movedTo }
    })
    return last
  }

  async #list(user: string, handle: string, stored: StoredSession, instead?: string): Promise<void> {
    const { maxPerUser } = this.#settings
    const surplus = await this.#table.enlist(user, { handle, stored }, maxPerUser, instead)
    if (surplus.length > 0) await this.#table.remove(surplus)
  }

  #handle(id: string): string | undefined {
    const { signer } = this.#settings
    if (!signer) return handleOf(id)
    const { value } = signer.unsign(id)
    return value === null ? undefined : handleOf(value)
  }
}

function restOf(idleMs: number | undefined): { readonly idleMs?: number } {
  return idleMs === undefined ? {} : { idleMs: Math.max(0, idleMs) }
}

function loadedOf(base: SessionData, createdAtMs: number): LoadedSession {
  return { data: structuredClone(base) as Record<string, unknown>, createdAtMs, base }
}
