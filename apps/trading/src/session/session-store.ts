import { randomBytes } from 'node:crypto'

import type { Cache, Clock } from '@cache/core'

import type { AppDatabase } from '../database/database.ts'
import type { KeyedHash } from '../secrets/installation-key.ts'

export interface SessionRecord {
  readonly userId: number
  readonly expiresAtMs: number
}

export interface StartedSession extends SessionRecord {
  /** Goes into the cookie and nowhere else; the store keeps its keyed hash. */
  readonly id: string
}

export interface SessionStoreParts {
  readonly database: AppDatabase
  readonly cache: Cache<SessionRecord>
  readonly hash: KeyedHash
  readonly clock: Clock
  /** Milliseconds from a moment to the end of a session that starts then. */
  readonly lifetimeMs: (wallMs: number) => number
}

const sessionsPerUser = 5
const idBytes = 32

/** Who is signed in, on this and on every later run. */
export class SessionStore {
  readonly #parts: SessionStoreParts

  constructor(parts: SessionStoreParts) {
    this.#parts = parts
  }

  /** Signs a user in; of more than five sessions of one user the oldest end. */
  async start(userId: number, clientAddress: string): Promise<StartedSession> {
    const { database, hash, clock, lifetimeMs } = this.#parts
    const id = randomBytes(idBytes).toString('base64url')
    const nowMs = clock.wallMs()
    const expiresAtMs = nowMs + lifetimeMs(nowMs)
    await database
      .insertInto('sessions')
      .values({
        id_hash: hash(id),
        user_id: userId,
        client_address: clientAddress,
        created_at_ms: nowMs,
        expires_at_ms: expiresAtMs,
      })
      .execute()
    await this.#endSurplus(userId, nowMs)
    return { id, userId, expiresAtMs }
  }

  async find(id: string): Promise<SessionRecord | undefined> {
    const idHash = this.#parts.hash(id)
    const session = await this.#parts.cache.getOrLoad(idHash, async ({ setTags }) => {
      const record = await this.#read(idHash)
      if (record !== undefined) setTags([`user:${record.userId}`])
      return record
    })
    return session !== undefined && session.expiresAtMs > this.#parts.clock.wallMs() ? session : undefined
  }

  /** Whose sessions have not ended. */
  async usersSignedIn(): Promise<number[]> {
    const rows = await this.#parts.database
      .selectFrom('sessions')
      .select('user_id')
      .distinct()
      .where('expires_at_ms', '>', this.#parts.clock.wallMs())
      .limit(1000)
      .execute()
    return rows.map((row) => row.user_id)
  }

  end(id: string): Promise<void> {
    return this.#endHashes([this.#parts.hash(id)])
  }

  async #read(idHash: string): Promise<SessionRecord | undefined> {
    const row = await this.#parts.database
      .selectFrom('sessions')
      .select(['user_id', 'expires_at_ms'])
      .where('id_hash', '=', idHash)
      .executeTakeFirst()
    return row && { userId: row.user_id, expiresAtMs: row.expires_at_ms }
  }

  async #endSurplus(userId: number, nowMs: number): Promise<void> {
    const { database } = this.#parts
    await database.deleteFrom('sessions').where('expires_at_ms', '<=', nowMs).execute()
    const own = await database
      .selectFrom('sessions')
      .select('id_hash')
      .where('user_id', '=', userId)
      .orderBy('created_at_ms', 'desc')
      .orderBy('id_hash')
      .execute()
    await this.#endHashes(own.slice(sessionsPerUser).map((row) => row.id_hash))
  }

  async #endHashes(idHashes: readonly string[]): Promise<void> {
    if (idHashes.length === 0) return
    await this.#parts.database.deleteFrom('sessions').where('id_hash', 'in', idHashes).execute()
    await this.#parts.cache.deleteMany(idHashes)
  }
}
