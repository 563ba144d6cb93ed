import type { Cache, Caches, Ttl } from '@cache/core'
import type { SessionSettings } from './session-options.ts'
import type { NamedSession, SessionChange, SessionTable, SessionTtl, StoredSession } from './session-table.ts'
import { UserIndex, userTag, type ListedSession } from './user-index.ts'

/** Sessions in the backend of the caches, as state: clearing caches leaves them alone. */
export class CacheTable implements SessionTable {
  readonly #sensitive: boolean
  readonly #ttl: SessionTtl
  readonly #cache: Cache<StoredSession>
  readonly #users: UserIndex

  constructor(caches: Caches, settings: SessionSettings, ttl: SessionTtl) {
    const { name, sensitive, idleMs, absoluteMs, maxSessions: maxEntries } = settings
    this.#sensitive = sensitive
    this.#ttl = ttl
    this.#cache = caches.defineState<StoredSession>(`${name}:data`, { ttl: idleMs, sensitive, maxEntries })
    const lists = caches.defineState<readonly ListedSession[]>(`${name}:users`, {
      ttl: (wallMs, listed) =>
        Math.max(0, ...listed.map(({ createdAtMs }) => createdAtMs + absoluteMs(createdAtMs) - wallMs)),
      sensitive,
    })
    this.#users = new UserIndex(lists, async (handles) => {
      const found = await this.#readAll(handles)
      return found.map((session) => session !== undefined && session.movedTo === undefined)
    })
  }

  load(handle: string): Promise<StoredSession | undefined> {
    return this.read(handle)
  }

  /** A read of a cache would miss while the backend is away; a change rejects. */
  read(handle: string): Promise<StoredSession | undefined> {
    return this.#cache.update(handle, () => undefined)
  }

  update(handle: string, change: SessionChange): Promise<StoredSession | undefined> {
    // Whose session it is follows from the value, and so the tags are known only when `change` has run.
    const options: { readonly ttl: Ttl<StoredSession>; tags: readonly string[] } = {
      ttl: this.#ttl,
      tags: [],
    }
    return this.#cache.update(
      handle,
      (current) => {
        const next = change(current)
        options.tags = next?.user === undefined ? [] : [userTag(next.user)]
        return next
      },
      options,
    )
  }

  remove(handles: readonly string[]): Promise<number> {
    return this.#cache.deleteMany(handles)
  }

  enlist(
    user: string,
    { handle, stored }: NamedSession,
    most: number,
    instead?: string,
  ): Promise<readonly string[]> {
    return this.#users.add(user, { handle, createdAtMs: stored.createdAtMs }, most, instead)
  }

  async ofUser(user: string): Promise<readonly NamedSession[]> {
    const listed = await this.#users.list(user)
    const found = await this.#readAll(listed.map(({ handle }) => handle))
    return listed.flatMap(({ handle }, index) => {
      const stored = found[index]
      return stored !== undefined && stored.user === user ? [{ handle, stored }] : []
    })
  }

  async removeUser(user: string): Promise<void> {
    await this.#cache.invalidateTags([userTag(user)])
    await this.#users.forget(user)
  }

  async all(): Promise<readonly StoredSession[]> {
    const handles: string[] = []
    for await (const key of this.#cache.keys()) handles.push([key].flat().join(':'))
    const found = await this.#cache.getMany(handles)
    return found.filter((stored) => stored !== undefined)
  }

  async length(): Promise<number> {
    if (this.#sensitive) return this.#cache.size()
    return (await this.all()).filter(({ movedTo }) => movedTo === undefined).length
  }

  async clear(): Promise<void> {
    await this.#cache.clear()
    await this.#users.clear()
  }

  /** A session that cannot be read is not taken for ended: a list without it would leave it out of a sign-out. */
  #readAll(handles: readonly string[]): Promise<(StoredSession | undefined)[]> {
    return Promise.all(handles.map((handle) => this.read(handle)))
  }
}
