import { type Clock, type Timer } from '@cache/ports'
import { crowdedError, lateError } from './errors.ts'

export interface PendingLimits {
  readonly timeoutMs: number
  /** How many commands may wait for a reply. */
  readonly maxPending: number
}

interface Waiting {
  readonly untilMs: number
  /** Set once it has ended. */
  reject: ((error: unknown) => void) | undefined
}

/** Commands that were sent and not answered: bounded in number and in time, with one timer for all of them. */
export class PendingCommands {
  readonly #clock: Clock
  readonly #limits: PendingLimits
  readonly #address: string
  readonly #onLate: () => void
  /** In the order of sending, and so of their ends. */
  #queue: Waiting[] = []
  #head = 0
  #count = 0
  #timer: Timer | undefined

  /** `onLate` is called when a command was not answered in time. */
  constructor(clock: Clock, limits: PendingLimits, address: string, onLate: () => void) {
    this.#clock = clock
    this.#limits = limits
    this.#address = address
    this.#onLate = onLate
  }

  /** Sends, and settles with the reply or when it is too late for it. */
  run<T>(send: () => Promise<T>): Promise<T> {
    const { timeoutMs, maxPending } = this.#limits
    if (this.#count >= maxPending) return Promise.reject(crowdedError(this.#address, maxPending))
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = { untilMs: this.#clock.monotonicMs() + timeoutMs, reject }
      this.#queue.push(waiting)
      this.#count++
      this.#arm()
      const end = (): boolean => {
        if (waiting.reject === undefined) return false
        waiting.reject = undefined
        this.#count--
        this.#trim()
        return true
      }
      send().then(
        (reply) => end() && resolve(reply),
        (error: unknown) => end() && reject(error),
      )
    })
  }

  /** Rejects all that wait. */
  failAll(error: unknown): void {
    for (const waiting of this.#queue.slice(this.#head)) {
      waiting.reject?.(error)
      waiting.reject = undefined
    }
    this.#queue = []
    this.#head = 0
    this.#count = 0
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #trim(): void {
    while (this.#head < this.#queue.length && this.#queue[this.#head]?.reject === undefined) this.#head++
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
    } else if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  /** The timer stays when the queue runs empty, so that a command does not have to start one each time. */
  #arm(): void {
    if (this.#timer) return
    const first = this.#queue[this.#head]
    if (!first) return
    this.#timer = this.#clock.setTimer(first.untilMs - this.#clock.monotonicMs(), () => {
      this.#timer = undefined
      this.#expire()
      this.#arm()
    })
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs()
    let isLate = false
    for (
      let first = this.#queue[this.#head];
      first && first.untilMs <= nowMs;
      first = this.#queue[this.#head]
    ) {
      const { reject } = first
      first.reject = undefined
      if (reject) {
        this.#count--
        isLate = true
        reject(lateError(this.#address, this.#limits.timeoutMs))
      }
      this.#trim()
    }
    if (isLate) this.#onLate()
  }
}
