import type { Cache, Caches } from '@cache/core'
import { Inject, Injectable } from '@nestjs/common'
import { CACHES } from './caches.module.ts'
import { UserTable, type User } from './user-table.ts'

/** Users, each loaded once and kept for ten minutes. */
@Injectable()
export class UsersService {
  readonly #table: UserTable
  readonly #users: Cache<User>

  constructor(@Inject(CACHES) caches: object, @Inject(UserTable) table: UserTable) {
    this.#table = table
    this.#users = (caches as Caches).define<User>('users', { ttl: '10m', maxEntries: 10_000 })
  }

  find(id: string): Promise<User | undefined> {
    return this.#users.getOrLoad(id, () => this.#table.find(id), { tags: ['users'] })
  }

  async rename(id: string, name: string): Promise<User | undefined> {
    const user = await this.#table.rename(id, name)
    await this.#users.delete(id)
    return user
  }
}
