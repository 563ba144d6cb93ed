import { randomBytes } from 'node:crypto'

import type { Cache, Clock } from '@cache/core'
import { z } from 'zod'

import type { AppDatabase } from '../database/database.ts'
import type { KeyedHash } from '../secrets/installation-key.ts'

export interface TelegramUser {
  readonly chatId: number
  readonly userId: number
  /** Without the @; empty where the person has none. */
  readonly username: string
  readonly linkedAtMs: number
}

const preferencesSchema = z.object({
  /** Told of each order that is complete or rejected. */
  orders: z.boolean().default(true),
  /** Told of what strategies and workflows do. */
  strategies: z.boolean().default(true),
})

/** All of them, as the page sends them. */
export const telegramPreferencesSchema = z.object({ orders: z.boolean(), strategies: z.boolean() }).strict()

export type TelegramPreferences = z.infer<typeof preferencesSchema>

export interface TelegramUserParts {
  readonly database: AppDatabase
  readonly users: Cache<TelegramUser>
  readonly usernames: Cache<number>
  readonly preferences: Cache<TelegramPreferences>
  readonly codes: Cache<number>
  readonly hash: KeyedHash
  readonly clock: Clock
}

const codeBytes = 9

/** Which chat belongs to whom, and what it wants to be told. */
export class TelegramUsers {
  readonly #parts: TelegramUserParts

  constructor(parts: TelegramUserParts) {
    this.#parts = parts
  }

  /** A code that links the chat it is sent from; good once, for ten minutes. */
  async createCode(userId: number): Promise<string> {
    const code = randomBytes(codeBytes).toString('base64url')
    await this.#parts.codes.set(this.#parts.hash(code), userId)
    return code
  }

  /** Links a chat to whoever made the code; `undefined` for a code that is not known any more. */
  async link(code: string, chatId: number, username: string): Promise<TelegramUser | undefined> {
    const { database, codes, hash, clock } = this.#parts
    const key = hash(code)
    const known = await codes.getWithMeta(key)
    if (known?.value === undefined || !(await codes.deleteIf(key, known.revision))) return undefined
    const user = { chatId, userId: known.value, username, linkedAtMs: clock.wallMs() }
    await this.unlink({ userId: user.userId })
    await this.unlink({ chatId })
    await database
      .insertInto('telegram_users')
      .values({
        chat_id: chatId,
        user_id: user.userId,
        username,
        preferences: JSON.stringify(preferencesSchema.parse({})),
        linked_at_ms: user.linkedAtMs,
      })
      .execute()
    await this.#changed(user)
    return user
  }

  byChat(chatId: number): Promise<TelegramUser | undefined> {
    return this.#parts.users.getOrLoad(chatId, async ({ setTags }) => {
      const user = await this.#read('chat_id', chatId)
      if (user !== undefined) setTags([`user:${user.userId}`])
      return user
    })
  }

  async byUser(userId: number): Promise<TelegramUser | undefined> {
    return this.#read('user_id', userId)
  }

  async byUsername(username: string): Promise<TelegramUser | undefined> {
    const name = username.replace(/^@/, '').toLowerCase()
    const chatId = await this.#parts.usernames.getOrLoad(name, async ({ setTags }) => {
      const user = await this.#read('username', name)
      if (user !== undefined) setTags([`user:${user.userId}`])
      return user?.chatId
    })
    return chatId === undefined ? undefined : this.byChat(chatId)
  }

  async preferences(user: TelegramUser): Promise<TelegramPreferences> {
    const load = (): Promise<TelegramPreferences> => this.#readPreferences(user.chatId)
    const tags = [`user:${user.userId}`]
    return (
      (await this.#parts.preferences.getOrLoad(user.chatId, load, { tags })) ?? preferencesSchema.parse({})
    )
  }

  async setPreferences(
    user: TelegramUser,
    changes: Partial<TelegramPreferences>,
  ): Promise<TelegramPreferences> {
    const preferences = { ...(await this.#readPreferences(user.chatId)), ...changes }
    await this.#parts.database
      .updateTable('telegram_users')
      .set({ preferences: JSON.stringify(preferences) })
      .where('chat_id', '=', user.chatId)
      .execute()
    await this.#parts.preferences.delete(user.chatId)
    return preferences
  }

  /** `false` when nothing was linked. */
  async unlink(who: { readonly chatId: number } | { readonly userId: number }): Promise<boolean> {
    const [column, value] =
      'chatId' in who ? (['chat_id', who.chatId] as const) : (['user_id', who.userId] as const)
    const user = await this.#read(column, value)
    if (user === undefined) return false
    await this.#parts.database.deleteFrom('telegram_users').where('chat_id', '=', user.chatId).execute()
    await this.#changed(user)
    return true
  }

  async #changed({ chatId, username }: TelegramUser): Promise<void> {
    const { users, usernames, preferences } = this.#parts
    await Promise.all([
      users.delete(chatId),
      usernames.delete(username.toLowerCase()),
      preferences.delete(chatId),
    ])
  }

  async #read(
    column: 'chat_id' | 'user_id' | 'username',
    value: number | string,
  ): Promise<TelegramUser | undefined> {
    const row = await this.#parts.database
      .selectFrom('telegram_users')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst()
    return (
      row && {
        chatId: row.chat_id,
        userId: row.user_id,
        username: row.username,
        linkedAtMs: row.linked_at_ms,
      }
    )
  }

  async #readPreferences(chatId: number): Promise<TelegramPreferences> {
    const row = await this.#parts.database
      .selectFrom('telegram_users')
      .select('preferences')
      .where('chat_id', '=', chatId)
      .executeTakeFirst()
    return preferencesSchema.parse(row === undefined ? {} : JSON.parse(row.preferences))
  }
}
