import { randomUUID } from 'node:crypto'
import { CacheError, type Cache, type Caches } from '@cache/core'
import type { SessionSettings } from './session-options.ts'
import type { SessionRecord, SessionRecords } from './session-records.ts'
import type { NamedSession, SessionChange, SessionTable, SessionTtl, StoredSession } from './session-table.ts'

/** A session as the cache in front of the records keeps it. */
interface CachedSession {
  readonly stored: StoredSession
  readonly endsAtMs: number
}

/** Attempts against other writers of one session before `CONFLICT`. */
const attempts = 64

/** Sessions in a database, and a cache in front of it for what every request asks. */
export class RecordTable implements SessionTable {
  readonly #records: SessionRecords
  readonly #cache: Cache<CachedSession>
  readonly #ttl: SessionTtl
  readonly #now: () => number

  constructor(
    caches: Caches,
    { name, sensitive, within, maxSessions: maxEntries, as }: SessionSettings,
    parts: { readonly records: SessionRecords; readonly ttl: SessionTtl },
  ) {
    this.#records = parts.records
    this.#ttl = parts.ttl
    this.#now = () => caches.clock.wallMs()
    const cache = caches.define<CachedSession>(name, {
      ttl: (wallMs, { endsAtMs }) => Math.max(0, endsAtMs - wallMs),
      sensitive,
      maxEntries,
      ...(within === undefined ? {} : { l1: { within } }),
    })
    this.#cache = as === undefined ? cache : caches.open<CachedSession>(name, { as })
  }

  async load(handle: string): Promise<StoredSession | undefined> {
    const cached = await this.#cache.getOrLoad(handle, async () => {
      const record = await this.#records.find(handle)
      return record && { stored: storedOf(record), endsAtMs: record.endsAtMs }
    })
    return cached && cached.endsAtMs > this.#now() ? cached.stored : undefined
  }

  async read(handle: string): Promise<StoredSession | undefined> {
    const record = await this.#records.find(handle)
    return record && this.#isLive(record) ? storedOf(record) : undefined
  }

  async update(handle: string, change: SessionChange): Promise<StoredSession | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const record = await this.#records.find(handle)
      const current = record && this.#isLive(record) ? storedOf(record) : undefined
      const next = change(current)
      if (next === undefined) return current
      if (await this.#records.put(this.#recordOf(handle, next), record?.revision)) {
        if (record === undefined) await this.#records.removeEnded(this.#now())
        else await this.#cache.delete(handle)
        return next
      }
    }
    throw new CacheError('CONFLICT', `A session was changed by others ${attempts} times; try again later`)
  }

  /** The copies go after the record, so that none is made of it again. */
  async remove(handles: readonly string[]): Promise<number> {
    if (handles.length === 0) return 0
    const removed = await this.#records.remove(handles)
    await this.#cache.deleteMany(handles)
    return removed
  }

  /** Those of all who sign in at one time are there before anybody counts. */
  async enlist(
    user: string,
    _session: NamedSession,
    most: number,
    instead?: string,
  ): Promise<readonly string[]> {
    if (most === Number.POSITIVE_INFINITY) return []
    const others = (await this.ofUser(user)).filter(({ handle }) => handle !== instead)
    return others.slice(0, Math.max(0, others.length - most)).map(({ handle }) => handle)
  }

  async ofUser(user: string): Promise<readonly NamedSession[]> {
    const records = await this.#records.list(user)
    const live = records.filter((record) => this.#isLive(record))
    const sessions = live.map((record) => ({ handle: record.handle, stored: storedOf(record) }))
    return sessions.filter(({ stored }) => stored.movedTo === undefined).sort(byAge)
  }

  async removeUser(user: string): Promise<void> {
    const records = await this.#records.list(user)
    await this.remove(records.map(({ handle }) => handle))
  }

  async all(): Promise<readonly StoredSession[]> {
    const records = await this.#records.list()
    return records.filter((record) => this.#isLive(record)).map(storedOf)
  }

  async length(): Promise<number> {
    return (await this.all()).filter(({ movedTo }) => movedTo === undefined).length
  }

  async clear(): Promise<void> {
    const records = await this.#records.list()
    await this.#records.remove(records.map(({ handle }) => handle))
    await this.#cache.clear()
  }

  #recordOf(handle: string, stored: StoredSession): SessionRecord {
    const wallMs = this.#now()
    const endsAtMs = wallMs + this.#ttl(wallMs, stored)
    const content = JSON.stringify(stored)
    return { handle, user: stored.user, endsAtMs, revision: randomUUID(), content }
  }

  #isLive({ endsAtMs }: SessionRecord): boolean {
    return endsAtMs > this.#now()
  }
}

function storedOf({ content }: SessionRecord): StoredSession {
  return JSON.parse(content) as StoredSession
}

/** Of one moment in the same order always, so that all who count drop the same. */
function byAge(one: NamedSession, other: NamedSession): number {
  return one.stored.createdAtMs - other.stored.createdAtMs || (one.handle < other.handle ? -1 : 1)
}
