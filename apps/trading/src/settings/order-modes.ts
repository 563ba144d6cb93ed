import type { Cache } from '@cache/core'

import type { AppSettings } from './app-settings.ts'
import type { SettingsStore } from './user-settings.ts'

/**
 * How orders of a user are treated.
 *
 * - `live`: they go to the broker
 * - `analyze`: they are checked and answered, and go nowhere
 */
export type OrderMode = 'live' | 'analyze'

/** What carries this tag depends on the app's settings. */
export const appSettingsTag = 'settings:app'

export interface OrderModeParts {
  readonly cache: Cache<OrderMode>
  readonly app: AppSettings
  readonly users: SettingsStore
}

/** The mode of each user: analyzing when the app does, or the user wants to. */
export class OrderModes {
  readonly #parts: OrderModeParts

  constructor(parts: OrderModeParts) {
    this.#parts = parts
  }

  async of(userId: number): Promise<OrderMode> {
    const tags = [`user:${userId}`, appSettingsTag]
    return (await this.#parts.cache.getOrLoad(userId, () => this.#decide(userId), { tags })) ?? 'live'
  }

  /** After a change of the app's settings. */
  allChanged(): Promise<void> {
    return this.#parts.cache.invalidateTags([appSettingsTag])
  }

  async changed(userId: number): Promise<void> {
    await this.#parts.cache.delete(userId)
  }

  async #decide(userId: number): Promise<OrderMode> {
    const [{ analyze_mode }, { orderMode }] = await Promise.all([
      this.#parts.app.get(),
      this.#parts.users.get(userId),
    ])
    return analyze_mode ? 'analyze' : orderMode
  }
}
