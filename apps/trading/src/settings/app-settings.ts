import type { Cache } from '@cache/core'
import { z } from 'zod'

import type { AppDatabase } from '../database/database.ts'

const fields = {
  /** Orders are checked and answered, and not sent to the broker. */
  analyze_mode: z.boolean(),
  /** Wrong API keys of one address in an hour that lead to a ban. */
  api_key_attempts: z.number().int().min(3).max(100_000),
  /** How long an address stays banned. */
  ban_minutes: z.number().int().min(1).max(525_600),
}

const defaults = { analyze_mode: false, api_key_attempts: 500, ban_minutes: 60 }

export const appSettingsChangeSchema = z.object(fields).partial().strict()

export type AppSettingsValues = z.infer<z.ZodObject<typeof fields>>
export type AppSettingsChange = z.infer<typeof appSettingsChangeSchema>

const cacheKey = 'all'

/** Settings of the whole app. A change is seen here at once, and by other instances within the caches' bound. */
export class AppSettings {
  readonly #database: AppDatabase
  readonly #cache: Cache<AppSettingsValues>

  constructor(database: AppDatabase, cache: Cache<AppSettingsValues>) {
    this.#database = database
    this.#cache = cache
  }

  async get(): Promise<AppSettingsValues> {
    return (await this.#cache.getOrLoad(cacheKey, () => this.#read())) ?? defaults
  }

  async change(changes: AppSettingsChange): Promise<AppSettingsValues> {
    for (const [name, value] of Object.entries(changes)) {
      const row = { name, value: JSON.stringify(value) }
      await this.#database
        .insertInto('app_settings')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: row.value }))
        .execute()
    }
    await this.#cache.delete(cacheKey)
    return this.get()
  }

  async #read(): Promise<AppSettingsValues> {
    const rows = await this.#database.selectFrom('app_settings').selectAll().execute()
    const kept = Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]))
    const known = z.object(fields).partial().safeParse(kept).data ?? {}
    return z.object(fields).parse({ ...defaults, ...known })
  }
}
