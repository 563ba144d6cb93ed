import type { Clock, Timer } from '@cache/core'

const waitMs = 500
const rememberedMs = 5000
const kept = 200

/**
 * Tells what other instances did from what came back of this one's own: a transport brings both, and a message may be
 * here before its own change is told of. Remembers the last 200 of each.
 */
export class OwnEchoes {
  readonly #clock: Clock
  readonly #own: { readonly what: string; readonly atMs: number }[] = []
  readonly #waiting: { readonly what: string; readonly timer: Timer }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** This instance did something; its message comes, or has come. */
  did(what: string): void {
    const at = this.#waiting.findIndex((one) => one.what === what)
    if (at >= 0) {
      for (const { timer } of this.#waiting.splice(at, 1)) timer.cancel()
      return
    }
    this.#own.push({ what, atMs: this.#clock.monotonicMs() })
    if (this.#own.length > kept) this.#own.shift()
  }

  /** A message came; `onOther` runs after half a second if it is of nothing that this instance did. */
  came(what: string, onOther: () => void): void {
    const sinceMs = this.#clock.monotonicMs() - rememberedMs
    const at = this.#own.findIndex((one) => one.what === what && one.atMs >= sinceMs)
    if (at >= 0) {
      this.#own.splice(at, 1)
      return
    }
    if (this.#waiting.length >= kept) return
    const timer = this.#clock.setTimer(waitMs, () => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      onOther()
    })
    const waiting = { what, timer }
    this.#waiting.push(waiting)
  }

  close(): void {
    for (const { timer } of this.#waiting.splice(0)) timer.cancel()
  }
}
