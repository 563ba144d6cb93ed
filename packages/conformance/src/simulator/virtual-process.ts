import type { Clock, Timer } from '@cache/core'
import type { ScheduledEvent, VirtualTime } from './virtual-time.ts'

/**
 * The life of one process: its clocks, and what is delivered to it. Paused, it receives nothing and everything
 * waits; crashed, nothing reaches it any more.
 */
export class VirtualProcess implements Clock {
  /** Counts incarnations too: a process that starts again is another one. */
  readonly id: number
  readonly time: VirtualTime
  readonly #monotonicOffsetMs: number
  #wallOffsetMs: number
  #alive = true
  #resumesAtMs = 0
  #pausedMs = 0
  #pendingTimers = 0

  constructor(id: number, time: VirtualTime) {
    this.id = id
    this.time = time
    this.#monotonicOffsetMs = Math.floor(time.random() * 1_000_000)
    this.#wallOffsetMs = Date.UTC(2026, 0, 1) + Math.floor(time.between(-60_000, 60_000))
  }

  get alive(): boolean {
    return this.#alive
  }

  get paused(): boolean {
    return this.time.nowMs < this.#resumesAtMs
  }

  /** All the time that it spent or is yet to spend paused. */
  get pausedMs(): number {
    return this.#pausedMs
  }

  /** Timers that its clock has been asked for and that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#pendingTimers
  }

  monotonicMs(): number {
    return this.time.nowMs + this.#monotonicOffsetMs
  }

  wallMs(): number {
    return this.time.nowMs + this.#wallOffsetMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    this.#pendingTimers++
    const event = this.#timer(delayMs, callback)
    return {
      cancel: () => {
        if (event.fired) return
        event.fired = true
        this.#pendingTimers--
        if (event.scheduled) event.scheduled.run = undefined
      },
    }
  }

  /** Something that reaches the process after a while. */
  after(delayMs: number, run: () => void): ScheduledEvent {
    return this.time.after(delayMs, () => this.#deliver(run))
  }

  /** Nothing is delivered for this long. */
  pause(forMs: number): void {
    const fromMs = Math.max(this.time.nowMs, this.#resumesAtMs)
    this.#resumesAtMs = Math.max(this.#resumesAtMs, this.time.nowMs + forMs)
    this.#pausedMs += this.#resumesAtMs - fromMs
  }

  crash(): void {
    this.#alive = false
  }

  stepWall(ms: number): void {
    this.#wallOffsetMs += ms
  }

  #timer(delayMs: number, callback: () => void): VirtualTimer {
    const timer: VirtualTimer = { fired: false, scheduled: undefined }
    timer.scheduled = this.after(delayMs, () => {
      if (timer.fired) return
      timer.fired = true
      this.#pendingTimers--
      callback()
    })
    return timer
  }

  #deliver(run: () => void): void {
    if (!this.#alive) return
    if (this.paused) this.time.after(this.#resumesAtMs - this.time.nowMs, () => this.#deliver(run))
    else run()
  }
}

interface VirtualTimer {
  fired: boolean
  scheduled: ScheduledEvent | undefined
}
