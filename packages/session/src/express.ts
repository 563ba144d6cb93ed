import { Store, type SessionData as ExpressSessionData } from 'express-session'
import { FrameworkStore, type Callback } from './framework-store.ts'
import type { Sessions } from './sessions.ts'

/** Makes the store that `express-session` takes as its option `store`. */
export function expressSessionStore(sessions: Sessions): Store {
  return new SessionStore(sessions)
}

class SessionStore extends Store {
  readonly #store: FrameworkStore

  constructor(sessions: Sessions) {
    super()
    this.#store = new FrameworkStore(sessions)
  }

  override get(id: string, callback: (error: unknown, session?: ExpressSessionData | null) => void): void {
    this.#store.get(id, callback as Callback<Record<string, unknown> | null>)
  }

  override set(id: string, session: ExpressSessionData, callback?: (error?: unknown) => void): void {
    this.#store.set(id, session, callback)
  }

  override touch(id: string, session: ExpressSessionData, callback?: (error?: unknown) => void): void {
    this.#store.touch(id, session, callback)
  }

  override destroy(id: string, callback?: (error?: unknown) => void): void {
    this.#store.destroy(id, callback)
  }

  override all(callback: (error: unknown, sessions?: ExpressSessionData[] | null) => void): void {
    this.#store.all(callback as Callback<Record<string, unknown>[]>)
  }

  override length(callback: (error: unknown, length?: number) => void): void {
    this.#store.length(callback)
  }

  override clear(callback?: (error?: unknown) => void): void {
    this.#store.clear(callback)
  }
}
