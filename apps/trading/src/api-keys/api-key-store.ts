import { randomBytes } from 'node:crypto'

import type { Cache, Clock } from '@cache/core'

import type { AppDatabase } from '../database/database.ts'
import type { KeyedHash } from '../secrets/installation-key.ts'

/** What can be shown of a key. */
export interface ApiKey {
  readonly id: number
  readonly label: string
  /** The key's last characters. */
  readonly hint: string
  readonly createdAtMs: number
}

export interface ApiKeyStoreParts {
  readonly database: AppDatabase
  readonly verified: Cache<number>
  readonly invalid: Cache<true>
  readonly hash: KeyedHash
  readonly clock: Clock
}

export type KeyCheck =
  | { readonly userId: number }
  /** `known` when the same wrong key was seen lately. */
  | { readonly userId: undefined; readonly known: boolean }

const keyBytes = 32
const hintLength = 4
export const keysPerUser = 10

/**
 * Keys of API clients. A key has 256 random bits, so its keyed hash can't be guessed from the database, and one
 * look-up by hash finds its owner.
 */
export class ApiKeyStore {
  readonly #parts: ApiKeyStoreParts

  constructor(parts: ApiKeyStoreParts) {
    this.#parts = parts
  }

  /** The key itself is told only here. */
  async create(userId: number, label: string): Promise<ApiKey & { readonly key: string }> {
    const { database, hash, clock } = this.#parts
    const key = randomBytes(keyBytes).toString('hex')
    const hint = key.slice(-hintLength)
    const createdAtMs = clock.wallMs()
    const row = { user_id: userId, label, hint, key_hash: hash(key), created_at_ms: createdAtMs }
    const { id } = await database.insertInto('api_keys').values(row).returning('id').executeTakeFirstOrThrow()
    return { id, label, hint, createdAtMs, key }
  }

  async list(userId: number): Promise<ApiKey[]> {
    const rows = await this.#parts.database
      .selectFrom('api_keys')
      .select(['id', 'label', 'hint', 'created_at_ms'])
      .where('user_id', '=', userId)
      .orderBy('id')
      .execute()
    return rows.map(({ id, label, hint, created_at_ms: createdAtMs }) => ({ id, label, hint, createdAtMs }))
  }

  /** `false` when the user has no such key. */
  async revoke(userId: number, id: number): Promise<boolean> {
    const row = await this.#parts.database
      .deleteFrom('api_keys')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .returning('key_hash')
      .executeTakeFirst()
    if (row === undefined) return false
    await this.#parts.verified.delete(row.key_hash)
    return true
  }

  /** Whose key it is. Neither a key that was verified nor one that was refused asks the database again. */
  async check(key: string): Promise<KeyCheck> {
    const { verified, invalid } = this.#parts
    const keyHash = this.hashOf(key)
    const known = await verified.get(keyHash)
    if (known !== undefined) return { userId: known }
    if ((await invalid.get(keyHash)) === true) return { userId: undefined, known: true }
    const userId = await this.ownerOfHash(keyHash)
    if (userId !== undefined) return { userId }
    await invalid.set(keyHash, true)
    return { userId: undefined, known: false }
  }

  /** What stands for a key wherever it is kept. */
  hashOf(key: string): string {
    return this.#parts.hash(key)
  }

  /** For connections that outlive a call: whose key it still is. */
  ownerOfHash(keyHash: string): Promise<number | undefined> {
    return this.#parts.verified.getOrLoad(keyHash, async ({ setTags }) => {
      const userId = await this.#ownerOf(keyHash)
      if (userId !== undefined) setTags([`user:${userId}`])
      return userId
    })
  }

  async #ownerOf(keyHash: string): Promise<number | undefined> {
    const row = await this.#parts.database
      .selectFrom('api_keys')
      .select('user_id')
      .where('key_hash', '=', keyHash)
      .executeTakeFirst()
    return row?.user_id
  }
}
