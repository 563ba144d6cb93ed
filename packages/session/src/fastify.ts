import { FrameworkStore } from './framework-store.ts'
import type { Sessions } from './sessions.ts'

/** The store that `@fastify/session` takes as its option `store`. */
export interface FastifySessionStore {
  set(id: string, session: object, callback: (error?: unknown) => void): void
  // The plugin types a session by declarations of the application's.
  get(id: string, callback: (error: unknown, session?: never) => void): void
  destroy(id: string, callback: (error?: unknown) => void): void
}

/** Makes the store for `@fastify/session`. */
export function fastifySessionStore(sessions: Sessions): FastifySessionStore {
  const store = new FrameworkStore(sessions)
  return {
    set: (id, session, callback) => store.set(id, session, callback),
    get: (id, callback) =>
      store.get(id, (error, session) => callback(error, (session ?? undefined) as never)),
    destroy: (id, callback) => store.destroy(id, callback),
  }
}
