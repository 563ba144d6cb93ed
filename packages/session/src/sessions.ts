import type { Cache, Caches, Ttl } from '@cache/core'
import { merged, type SessionData } from './merge.ts'
import { handleOf, newSessionId } from './session-ids.ts'
import { sessionSettings, type SessionSettings, type SessionsOptions } from './session-options.ts'
import { UserIndex, userTag, type ListedSession } from './user-index.ts'

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

interface StoredSession {
  readonly data: SessionData
  readonly createdAtMs: number
  readonly savedAtMs: number
  /** How long it may rest, where the caller decides; else the `idle` of all. */
  readonly idleMs?: number
  readonly user?: string
  /** It got another id; kept for a moment, so that saves that are under way find it. */
  readonly movedTo?: string
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
  readonly #cache: Cache<StoredSession>
  readonly #users: UserIndex
  readonly #now: () => number

  constructor(caches: Caches, settings: SessionSettings) {
    const { name, sensitive, idleMs, absoluteMs, maxSessions: maxEntries } = settings
    this.#settings = settings
    this.#cache = caches.defineState<StoredSession>(`${name}:data`, { ttl: idleMs, sensitive, maxEntries })
    const lists = caches.defineState<readonly ListedSession[]>(`${name}:users`, {
      ttl: absoluteMs,
      sensitive,
    })
    this.#users = new UserIndex(lists, async (handles) => {
      const found = await this.#cache.getMany(handles)
      return found.map((session) => session !== undefined && session.movedTo === undefined)
    })
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

  /** The session of an id; `undefined` for ids that are not signed, not known, or whose session has ended. */
  async load(id: string): Promise<LoadedSession | undefined> {
    const stored = await this.#read(this.#handle(id))
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
    return handle !== undefined && this.#cache.delete(handle)
  }

  /**
   * Gives a session another id, as is due whenever a user signs in. The former id opens nothing any more; what requests
   * under way save with it is not lost. `undefined` when there is no such session.
   */
  async rotate(id: string): Promise<string | undefined> {
    const handle = this.#handle(id)
    const before = await this.#read(handle)
    if (handle === undefined || before === undefined || before.movedTo !== undefined) return undefined
    const newId = newSessionId()
    const newHandle = handleOf(newId) ?? ''
    await this.#cache.add(newHandle, before, { ttl: this.#ttl, tags: tagsOf(before.user) })
    const last = await this.#move(handle, newHandle)
    if (last === undefined) {
      await this.#cache.delete(newHandle)
      return undefined
    }
    await this.#change(
      newHandle,
      (stored) => stored && { ...stored, data: merged(before.data, last.data, stored.data) },
    )
    if (before.user !== undefined) await this.#list(before.user, newHandle, before.createdAtMs, handle)
    return this.#settings.signer?.sign(newId) ?? newId
  }

  /** The sessions of a user, oldest first. */
  async ofUser(user: string | number): Promise<UserSession[]> {
    const listed = await this.#users.list(String(user))
    const found = await this.#cache.getMany(listed.map(({ handle }) => handle))
    return listed.flatMap(({ handle }, index) => {
      const stored = found[index]
      if (stored === undefined || stored.user !== String(user)) return []
      const { createdAtMs, savedAtMs, data } = stored
      return [{ handle, createdAtMs, savedAtMs, data }]
    })
  }

  /** Ends one session of a user by its handle. */
  async revoke(handle: string): Promise<boolean> {
    return this.#cache.delete(handle)
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
      return this.#cache.deleteMany(others.map(({ handle }) => handle))
    }
    await this.#cache.invalidateTags([userTag(String(user))])
    await this.#users.forget(String(user))
    return sessions.length
  }

  /** The data of all sessions. `O(sessions)`; not of sensitive ones, whose keys nobody can list. */
  async all(): Promise<SessionData[]> {
    const handles: string[] = []
    for await (const key of this.#cache.keys()) handles.push([key].flat().join(':'))
    const found = await this.#cache.getMany(handles)
    return found.flatMap((stored) => (stored && stored.movedTo === undefined ? [stored.data] : []))
  }

  /** How many sessions there are; of sensitive ones also those that have just ended. */
  async length(): Promise<number> {
    return this.#settings.sensitive ? this.#cache.size() : (await this.all()).length
  }

  /** Ends all sessions of all users. */
  async clear(): Promise<void> {
    await this.#cache.clear()
    await this.#users.clear()
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
    if (stored.user !== undefined && stored.user !== userBefore)
      await this.#list(stored.user, handle, stored.createdAtMs)
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

  /** Read, change, write on condition; loses no change of others. A session that has moved is left as it is. */
  async #change(
    handle: string,
    change: (stored: StoredSession | undefined) => StoredSession | undefined,
  ): Promise<StoredSession | undefined> {
    // Whose session it is follows from the value, and so the tags are known only when `change` has run.
    const options: { readonly ttl: Ttl<StoredSession>; tags: readonly string[] } = {
      ttl: this.#ttl,
      tags: [],
    }
    return this.#cache.update(
      handle,
      (current) => {
        if (current?.movedTo !== undefined) return undefined
        const next = change(current)
        options.tags = tagsOf(next?.user)
        return next
      },
      options,
    )
  }

  async #move(handle: string, movedTo: string): Promise<StoredSession | undefined> {
    let last: StoredSession | undefined
    await this.#cache.update(
      handle,
      (current) => {
        last = current?.movedTo === undefined ? current : undefined
        return last && { ...last, data: {}, movedTo }
      },
      { ttl: movedForMs },
    )
    return last
  }

  async #list(user: string, handle: string, createdAtMs: number, instead?: string): Promise<void> {
    const surplus = await this.#users.add(user, { handle, createdAtMs }, this.#settings.maxPerUser, instead)
    if (surplus.length > 0) await this.#cache.deleteMany(surplus)
  }

  async #read(handle: string | undefined): Promise<StoredSession | undefined> {
    return handle === undefined ? undefined : this.#cache.update(handle, () => undefined)
  }

  #handle(id: string): string | undefined {
    const { signer } = this.#settings
    if (!signer) return handleOf(id)
    const { value } = signer.unsign(id)
    return value === null ? undefined : handleOf(value)
  }

  readonly #ttl = (wallMs: number, { createdAtMs, idleMs }: StoredSession): number => {
    const { idleMs: ofAll, absoluteMs } = this.#settings
    const ageMs = Math.max(0, wallMs - createdAtMs)
    return Math.max(0, Math.min(idleMs ?? ofAll, absoluteMs - ageMs))
  }
}

function restOf(idleMs: number | undefined): { readonly idleMs?: number } {
  return idleMs === undefined ? {} : { idleMs: Math.max(0, idleMs) }
}

function tagsOf(user: string | undefined): string[] {
  return user === undefined ? [] : [userTag(user)]
}

function loadedOf(base: SessionData, createdAtMs: number): LoadedSession {
  return { data: structuredClone(base) as Record<string, unknown>, createdAtMs, base }
}
