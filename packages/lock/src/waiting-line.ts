import { CacheError, isCacheError, type StateStore } from '@cache/core'

export interface Waiting<T> {
  /** On the monotonic clock. */
  readonly untilMs: number
  readonly signal: AbortSignal | undefined
  /** `undefined` where it is to be tried again. */
  readonly attempt: () => Promise<T | undefined>
}

const shortestPauseMs = 5
const longestPauseMs = 50

/**
 * Those of this process who wait for the same lock, in the order in which they came. Only the first asks the backend,
 * with growing pauses, or at once when the lock was let go of here.
 */
export class WaitingLine {
  readonly #state: StateStore
  readonly #lines = new Map<string, Promise<void>>()
  readonly #wakers = new Map<string, () => void>()

  constructor(state: StateStore) {
    this.#state = state
  }

  /** @throws CacheError `LOCK_TIMEOUT`, `ABORTED`, and what `attempt` rejects with where that is no outage */
  async wait<T>(key: string, waiting: Waiting<T>): Promise<T> {
    refuseAborted(waiting.signal)
    const before = this.#lines.get(key)
    const turn = Promise.withResolvers<void>()
    const line = before ? before.then(() => turn.promise) : turn.promise
    this.#lines.set(key, line)
    try {
      if (before) await this.#pausing(waiting, Number.POSITIVE_INFINITY, before)
      return await this.#ask(key, waiting)
    } finally {
      turn.resolve()
      if (this.#lines.get(key) === line) this.#lines.delete(key)
    }
  }

  /** The lock was let go of in this process. */
  wake(key: string): void {
    this.#wakers.get(key)?.()
  }

  async #ask<T>(key: string, waiting: Waiting<T>): Promise<T> {
    for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const woken = new Promise<void>((resolve) => this.#wakers.set(key, resolve))
      try {
        const got = await this.#attempt(waiting)
        if (got !== undefined) return got
        await this.#pausing(waiting, pauseMs * (0.5 + this.#state.random() / 2), woken)
      } finally {
        this.#wakers.delete(key)
      }
    }
  }

  /** An outage is waited out, for as long as there is time. */
  async #attempt<T>({ attempt, untilMs }: Waiting<T>): Promise<T | undefined> {
    try {
      return await attempt()
    } catch (error) {
      const passes =
        isCacheError(error) && (error.code === 'BACKEND_UNREACHABLE' || error.code === 'BACKEND_TIMEOUT')
      if (!passes || this.#state.clock.monotonicMs() >= untilMs) throw error
      return undefined
    }
  }

  /** Waits for `event`, at most `pauseMs`, and never past the caller's own time. */
  async #pausing<T>({ untilMs, signal }: Waiting<T>, pauseMs: number, event: Promise<void>): Promise<void> {
    const { clock } = this.#state
    const leftMs = untilMs - clock.monotonicMs()
    if (leftMs <= 0) throw lateError()
    const passed = Promise.withResolvers<void>()
    const delayMs = Math.min(pauseMs, leftMs)
    const timer = delayMs === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(delayMs, passed.resolve)
    signal?.addEventListener('abort', () => passed.resolve(), { once: true })
    // The timers of the clock keep no process alive; one that waits for a lock has something to do.
    const alive = setInterval(() => undefined, 2 ** 30)
    await Promise.race([event, passed.promise]).finally(() => clearInterval(alive))
    timer?.cancel()
    refuseAborted(signal)
    if (pauseMs === Number.POSITIVE_INFINITY && clock.monotonicMs() >= untilMs) throw lateError()
  }
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new CacheError('ABORTED', 'The caller aborted the call', { cause: signal.reason })
}

function lateError(): CacheError {
  return new CacheError(
    'LOCK_TIMEOUT',
    'The lock was held by others for all of waitFor; wait longer or hold it shorter',
  )
}
