import type { Cache } from '@cache/core'
import { z } from 'zod'

import type { AppDatabase } from '../database/database.ts'

const choices = {
  theme: z.enum(['system', 'light', 'dark']),
  product: z.enum(['MIS', 'CNC', 'NRML']),
  searchExchange: z.string().max(32),
  orderMode: z.enum(['live', 'analyze']),
}

/** What one person has chosen; each setting has a default, so an older row never lacks one. */
const userSettingsSchema = z.object({
  theme: choices.theme.default('system'),
  product: choices.product.default('MIS'),
  searchExchange: choices.searchExchange.default(''),
  orderMode: choices.orderMode.default('live'),
})

/** Settings to change; the others stay. */
export const settingsChangeSchema = z.object(choices).partial().strict()

export type SettingsChange = z.infer<typeof settingsChangeSchema>
export type UserSettings = z.infer<typeof userSettingsSchema>

export class SettingsStore {
  readonly #database: AppDatabase
  readonly #cache: Cache<UserSettings>

  constructor(database: AppDatabase, cache: Cache<UserSettings>) {
    this.#database = database
    this.#cache = cache
  }

  async get(userId: number): Promise<UserSettings> {
    const load = (): Promise<UserSettings> => this.#read(userId)
    return (await this.#cache.getOrLoad(userId, load, { tags: [`user:${userId}`] })) ?? defaults()
  }

  /** Seen by every later `get` here, and by other instances within the caches' bound. */
  async change(userId: number, changes: SettingsChange): Promise<UserSettings> {
    const settings = userSettingsSchema.parse({ ...(await this.#read(userId)), ...changes })
    const row = { user_id: userId, settings: JSON.stringify(settings) }
    await this.#database
      .insertInto('user_settings')
      .values(row)
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ settings: row.settings }))
      .execute()
    await this.#cache.delete(userId)
    return settings
  }

  async #read(userId: number): Promise<UserSettings> {
    const row = await this.#database
      .selectFrom('user_settings')
      .select('settings')
      .where('user_id', '=', userId)
      .executeTakeFirst()
    const parsed = userSettingsSchema.safeParse(row === undefined ? {} : JSON.parse(row.settings))
    return parsed.data ?? defaults()
  }
}

function defaults(): UserSettings {
  return userSettingsSchema.parse({})
}
