import type { Clock } from '@cache/ports'

/**
 * The time that rows are stamped with, in milliseconds since 1970. It runs with the monotonic clock, follows the
 * wall clock when that steps forward, and never goes back, so that no clock step lengthens a time to live.
 */
export class DatabaseTime {
  /** Database time at the latest {@link refresh}. */
  nowMs = 0
  /** The monotonic clock at the latest {@link refresh}. */
  monotonicMs = 0
  readonly #clock: Clock
  #offsetMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offsetMs = clock.wallMs() - clock.monotonicMs()
    this.refresh()
  }

  /** Reads the clocks, once for each call of the store. */
  refresh(): number {
    this.monotonicMs = this.#clock.monotonicMs()
    const offsetMs = this.#clock.wallMs() - this.monotonicMs
    if (offsetMs > this.#offsetMs) this.#offsetMs = offsetMs
    this.nowMs = this.monotonicMs + this.#offsetMs
    return this.nowMs
  }

  /** Takes over a later time, seen in the file. */
  adopt(timeMs: number): void {
    if (timeMs <= this.nowMs) return
    this.#offsetMs += timeMs - this.nowMs
    this.nowMs = timeMs
  }

  /** Starts anew from the wall clock; only where everything stored was dropped. */
  restart(): void {
    this.#offsetMs = this.#clock.wallMs() - this.#clock.monotonicMs()
    this.refresh()
  }
}
