import type { Cache, Clock } from '@cache/core'
import { sql } from 'kysely'

import type { AppDatabase } from '../database/database.ts'
import { hashPassword, passwordMatches } from './passwords.ts'

export interface User {
  readonly id: number
  readonly name: string
  readonly isAdmin: boolean
}

export interface Credentials {
  readonly name: string
  readonly password: string
}

export interface UserStoreParts {
  readonly database: AppDatabase
  readonly users: Cache<User>
  readonly usernames: Cache<number>
  readonly clock: Clock
}

/** The people who may sign in. */
export class UserStore {
  readonly #parts: UserStoreParts
  #anyone = false

  constructor(parts: UserStoreParts) {
    this.#parts = parts
  }

  /** Whether the first run's set-up is done. It can't become undone. */
  async hasAnyone(): Promise<boolean> {
    if (this.#anyone) return true
    const { database } = this.#parts
    this.#anyone = (await database.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined
    return this.#anyone
  }

  /** Makes the first user, an administrator; `undefined` when somebody was quicker. */
  async createFirst({ name, password }: Credentials): Promise<User | undefined> {
    const passwordHash = await hashPassword(password)
    const created = await sql<{ id: number }>`
      insert into users (name, password_hash, is_admin, created_at_ms)
      select ${name}, ${passwordHash}, 1, ${this.#parts.clock.wallMs()}
      where not exists (select 1 from users) returning id`.execute(this.#parts.database)
    const id = created.rows[0]?.id
    return id === undefined ? undefined : { id, name, isAdmin: true }
  }

  /** The user with this name and password. */
  async authenticate({ name, password }: Credentials): Promise<User | undefined> {
    const id = await this.#idOf(name)
    const row = id === undefined ? undefined : await this.#row(id)
    const matches = await passwordMatches(row?.password_hash, password)
    return matches && row !== undefined
      ? { id: row.id, name: row.name, isAdmin: row.is_admin === 1 }
      : undefined
  }

  get(id: number): Promise<User | undefined> {
    return this.#parts.users.getOrLoad(id, () => this.read(id), { tags: [`user:${id}`] })
  }

  /** From the database. */
  async read(id: number): Promise<User | undefined> {
    const row = await this.#row(id)
    return row && { id: row.id, name: row.name, isAdmin: row.is_admin === 1 }
  }

  /** Only found names are remembered: an attacker's guesses take no room. */
  #idOf(name: string): Promise<number | undefined> {
    return this.#parts.usernames.getOrLoad(name.toLowerCase(), async () => {
      const { database } = this.#parts
      const row = await database
        .selectFrom('users')
        .select('id')
        .where(sql`lower(name)`, '=', name.toLowerCase())
        .executeTakeFirst()
      return row?.id
    })
  }

  #row(
    id: number,
  ): Promise<{ id: number; name: string; password_hash: string; is_admin: number } | undefined> {
    const { database } = this.#parts
    return database
      .selectFrom('users')
      .select(['id', 'name', 'password_hash', 'is_admin'])
      .where('id', '=', id)
      .executeTakeFirst()
  }
}
