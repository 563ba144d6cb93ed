import type { Clock } from '@cache/core'

/**
 * The time that rows are stamped with, in milliseconds since 1970. It runs with the monotonic clock, follows the
 * wall clock when that steps forward, and never goes back, so that no clock step lengthens a time to live.
 */
export class DatabaseTime {
  readonly #clock: Clock
  #offsetMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offsetMs = clock.wallMs() - clock.monotonicMs()
  }

  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs()
    const offsetMs = this.#clock.wallMs() - monotonicMs
    if (offsetMs > this.#offsetMs) this.#offsetMs = offsetMs
    return monotonicMs + this.#offsetMs
  }

  /** Takes over a later time, seen in the file. */
  adopt(timeMs: number): void {
    const offsetMs = timeMs - this.#clock.monotonicMs()
    if (offsetMs > this.#offsetMs) this.#offsetMs = offsetMs
  }

  /** Starts anew from the wall clock; only where everything stored was dropped. */
  restart(): void {
    this.#offsetMs = this.#clock.wallMs() - this.#clock.monotonicMs()
  }
}
