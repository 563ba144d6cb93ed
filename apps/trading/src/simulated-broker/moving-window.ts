import type { Clock } from '@cache/core'

import type { Rate } from '../config/readers.ts'

const maxKeys = 10_000

/** Counts requests in a window that moves with the clock; of more than 10,000 keys the idle ones are forgotten. */
export class MovingWindow {
  readonly rate: Rate
  readonly #clock: Clock
  readonly #taken = new Map<string, number[]>()

  constructor(rate: Rate, clock: Clock) {
    this.rate = rate
    this.#clock = clock
  }

  /** Takes one; `false` when the window is full. */
  take(key: string): boolean {
    const nowMs = this.#clock.monotonicMs()
    const recent = this.#taken.get(key) ?? []
    while (recent[0] !== undefined && nowMs - recent[0] >= this.rate.windowMs) recent.shift()
    const allowed = recent.length < this.rate.count
    if (allowed) recent.push(nowMs)
    this.#taken.delete(key)
    this.#taken.set(key, recent)
    this.#forget()
    return allowed
  }

  #forget(): void {
    if (this.#taken.size <= maxKeys) return
    const oldest = this.#taken.keys().next()
    if (oldest.done !== true) this.#taken.delete(oldest.value)
  }
}
