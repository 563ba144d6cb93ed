import type { Clock, Timer } from '@cache/ports'

interface Pending {
  readonly timer: Timer
  readonly callback: () => void
}

const ended: Timer = { cancel: () => undefined }

/**
 * A clock whose timers end with those who set them: what is pending then fires at once, so that everyone who waits
 * goes on and finds the caches closed; what is set later never fires.
 */
export class EndingClock implements Clock {
  readonly #clock: Clock
  readonly #pending = new Set<Pending>()
  #ended = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  wallMs(): number {
    return this.#clock.wallMs()
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    if (this.#ended) return ended
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#pending.delete(pending)
      callback()
    })
    const pending = { timer, callback }
    this.#pending.add(pending)
    return {
      cancel: () => {
        if (this.#pending.delete(pending)) timer.cancel()
      },
    }
  }

  /** Idempotent. */
  end(): void {
    this.#ended = true
    for (const pending of this.#pending) {
      this.#pending.delete(pending)
      pending.timer.cancel()
      pending.callback()
    }
  }
}
