import { CacheError, type Clock } from '@cache/ports'

interface Call {
  readonly operation: string
  readonly dueMs: number
  readonly reject: (error: CacheError) => void
}

export interface DeadlineOptions {
  readonly timeoutMs: number
  readonly clock: Clock
  readonly isClosed: () => boolean
}

/**
 * Gives up calls that have not ended after a time that is the same for all of them: they are then due in the order in
 * which they began, and one timer at a time is enough. A timer of its own costs a call more than sending it.
 */
export class CallDeadline {
  readonly #options: DeadlineOptions
  /** In the order in which they began. */
  readonly #calls = new Set<Call>()
  #armed = false

  constructor(options: DeadlineOptions) {
    this.#options = options
  }

  /** What `pending` settles to; rejects with a `CacheError` `BACKEND_TIMEOUT` where that takes too long. */
  hold<T>(operation: string, pending: Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const call = { operation, dueMs: clock.monotonicMs() + timeoutMs, reject }
      this.#calls.add(call)
      pending.then(
        (result) => {
          this.#calls.delete(call)
          return resolve(result)
        },
        (error: unknown) => {
          this.#calls.delete(call)
          reject(error)
        },
      )
      if (!this.#armed) this.#arm(timeoutMs)
    })
  }

  #arm(delayMs: number): void {
    this.#armed = true
    this.#options.clock.setTimer(delayMs, () => this.#giveUp())
  }

  #giveUp(): void {
    const { clock, isClosed, timeoutMs } = this.#options
    this.#armed = false
    for (const call of this.#calls) {
      const leftMs = call.dueMs - clock.monotonicMs()
      if (leftMs > 0 && !isClosed()) return this.#arm(leftMs)
      this.#calls.delete(call)
      call.reject(isClosed() ? closedError() : lateError(call.operation, timeoutMs))
    }
  }
}

export function closedError(): CacheError {
  return new CacheError('CLOSED', 'The caches were closed')
}

function lateError(operation: string, timeoutMs: number): CacheError {
  return new CacheError('BACKEND_TIMEOUT', `The backend did not answer ${operation} within ${timeoutMs} ms`)
}
