import type { LoadedSession, Sessions } from './sessions.ts'
import type { SessionData } from './merge.ts'

/** How the stores of frameworks answer. */
export type Callback<T = void> = (error?: unknown, result?: T) => void

/** What frameworks call a session: data with a cookie that tells when it ends. */
type FrameworkSession = object

/** The field in which a session carries what it was loaded as; JSON does not show it. */
const loadedField = '__loaded'

class LoadedMark {
  readonly loaded: LoadedSession

  constructor(loaded: LoadedSession) {
    this.loaded = loaded
  }

  toJSON(): undefined {
    return undefined
  }
}

/** What the stores for frameworks have in common: callbacks, and the cookie that says how long a session lasts. */
export class FrameworkStore {
  readonly #sessions: Sessions
  /** What a session object was last stored as. */
  readonly #saved = new WeakMap<FrameworkSession, LoadedSession>()

  constructor(sessions: Sessions) {
    this.#sessions = sessions
  }

  get(id: string, callback: Callback<Record<string, unknown> | null>): void {
    answer(callback, async () => {
      const loaded = await this.#sessions.load(id)
      return loaded ? { ...loaded.data, [loadedField]: new LoadedMark(loaded) } : null
    })
  }

  set(id: string, session: FrameworkSession, callback?: Callback): void {
    answer(callback, async () => {
      const data = plainData(session)
      const loaded = this.#saved.get(session) ?? loadedOf(session)
      const saved = await this.#sessions.save(id, data, { loaded, idleMs: this.#restMs(data) })
      if (saved) this.#saved.set(session, saved)
    })
  }

  touch(id: string, session: FrameworkSession, callback?: Callback): void {
    answer(callback, async () => {
      await this.#sessions.touch(id, { idleMs: this.#restMs(plainData(session)) })
    })
  }

  destroy(id: string, callback?: Callback): void {
    answer(callback, async () => {
      await this.#sessions.destroy(id)
    })
  }

  all(callback: Callback<SessionData[]>): void {
    answer(callback, () => this.#sessions.all())
  }

  length(callback: Callback<number>): void {
    answer(callback, () => this.#sessions.length())
  }

  clear(callback?: Callback): void {
    answer(callback, () => this.#sessions.clear())
  }

  /** What is left of the cookie's time; `undefined` for cookies that end with the browser. */
  #restMs({ cookie }: SessionData): number | undefined {
    const { expires } = (cookie ?? {}) as { readonly expires?: string | null }
    if (expires === undefined || expires === null) return undefined
    const endsMs = Date.parse(expires)
    return Number.isNaN(endsMs) ? undefined : Math.max(0, endsMs - this.#sessions.wallMs())
  }
}

function plainData(session: FrameworkSession): SessionData {
  return JSON.parse(JSON.stringify(session)) as SessionData
}

function loadedOf(session: FrameworkSession): LoadedSession | undefined {
  const mark = (session as { readonly [loadedField]?: unknown })[loadedField]
  return mark instanceof LoadedMark ? mark.loaded : undefined
}

/** Calls back once, and outside of any promise, whose rejection an exception of the caller's would become. */
function answer<T>(callback: Callback<T> | undefined, work: () => Promise<T>): void {
  void call(callback, work)
}

async function call<T>(callback: Callback<T> | undefined, work: () => Promise<T>): Promise<void> {
  const outcome = await outcomeOf(work)
  setImmediate(() => {
    if ('error' in outcome) callback?.(outcome.error)
    else callback?.(null, outcome.result)
  })
}

async function outcomeOf<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T } | { readonly error: unknown }> {
  try {
    return { result: await work() }
  } catch (error) {
    return { error }
  }
}
