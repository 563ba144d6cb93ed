import type { Clock, Timer } from '@cache/core'

interface PendingTimer {
  readonly dueMs: number
  readonly callback: () => void
}

/** Where a {@link ManualClock} begins. */
export interface ManualClockStart {
  readonly monotonicMs?: number | undefined
  readonly wallMs?: number | undefined
}

/** A `Clock` that only moves when it is told to: both of its clocks and the timers. */
export class ManualClock implements Clock {
  readonly #timers = new Set<PendingTimer>()
  #monotonicMs: number
  #wallMs: number

  constructor(start: ManualClockStart = {}) {
    this.#monotonicMs = start.monotonicMs ?? 1000
    this.#wallMs = start.wallMs ?? Date.UTC(2026, 0, 1)
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  wallMs(): number {
    return this.#wallMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** Lets time pass and fires what falls due, in order of time and then of setting, each at its own moment. */
  advance(ms: number): void {
    if (!(ms >= 0) || ms === Number.POSITIVE_INFINITY)
      throw new RangeError('a clock advances by 0 or more milliseconds')
    const untilMs = this.#monotonicMs + ms
    for (let timer = this.#nextDue(untilMs); timer; timer = this.#nextDue(untilMs)) {
      this.#timers.delete(timer)
      this.#moveTo(timer.dueMs)
      timer.callback()
    }
    this.#moveTo(untilMs)
  }

  /** Like {@link advance}, and lets promises settle after each timer that fires and at the end. */
  async advanceAsync(ms: number): Promise<void> {
    if (!(ms >= 0) || ms === Number.POSITIVE_INFINITY)
      throw new RangeError('a clock advances by 0 or more milliseconds')
    const untilMs = this.#monotonicMs + ms
    await settle()
    for (let timer = this.#nextDue(untilMs); timer; timer = this.#nextDue(untilMs)) {
      this.#timers.delete(timer)
      this.#moveTo(timer.dueMs)
      timer.callback()
      await settle()
    }
    this.#moveTo(untilMs)
    await settle()
  }

  /** Steps the wall clock alone, in either direction, as an administrator or NTP would. */
  stepWall(ms: number): void {
    this.#wallMs += ms
  }

  #nextDue(untilMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }

  #moveTo(monotonicMs: number): void {
    const passedMs = Math.max(0, monotonicMs - this.#monotonicMs)
    this.#monotonicMs += passedMs
    this.#wallMs += passedMs
  }
}

/** Resolves after the promise reactions that are queued now, and those that they queue, have run. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
