import { seededRandom, type Random } from '../seeded-random.ts'

/** Something that happens at its moment, unless it is cancelled before. */
export interface ScheduledEvent {
  readonly dueMs: number
  readonly order: number
  /** `undefined` once it ran or was cancelled. */
  run: (() => void) | undefined
}

const resolution = 2 ** 30

/**
 * The time of one simulated run, and everything that is to happen in it. Between two events the promise reactions
 * of the first run to their end, so that the seed alone decides what follows what.
 */
export class VirtualTime {
  /** Milliseconds since the start of the run. */
  nowMs = 0
  /** Events that ran. */
  steps = 0
  /** Folds the moments of all events: two runs of one seed end with the same one. */
  fingerprint = 0
  readonly #random: Random
  readonly #heap: ScheduledEvent[] = []
  #order = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** Uniform in [0, 1). */
  random(): number {
    return this.#random.below(resolution) / resolution
  }

  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number {
    return this.#random.below(limit)
  }

  chance(share: number): boolean {
    return share > 0 && this.random() < share
  }

  /** Uniform between two numbers. */
  between(low: number, high: number): number {
    return low + this.random() * (high - low)
  }

  /** One of a list that is not empty. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  after(delayMs: number, run: () => void): ScheduledEvent {
    const event = { dueMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#push(event)
    return event
  }

  /** Runs events in the order of their moments until there is none at or before `untilMs`. */
  runUntil(untilMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        const event = this.#next(untilMs)
        if (!event) {
          this.nowMs = Math.max(this.nowMs, untilMs)
          resolve()
          return
        }
        try {
          this.#run(event)
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
          return
        }
        afterReactions(step)
      }
      afterReactions(step)
    })
  }

  #run(event: ScheduledEvent): void {
    const { run } = event
    event.run = undefined
    this.nowMs = event.dueMs
    this.steps++
    this.fingerprint = (Math.imul(this.fingerprint, 31) + Math.round(event.dueMs * 1024)) | 0
    run?.()
  }

  #next(untilMs: number): ScheduledEvent | undefined {
    for (let first = this.#heap[0]; first && first.dueMs <= untilMs; first = this.#heap[0]) {
      this.#pop()
      if (first.run) return first
    }
    return undefined
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = heap[parentAt]
      if (!parent || isBefore(parent, event)) break
      heap[at] = parent
      at = parentAt
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      let childAt = at * 2 + 1
      let child = heap[childAt]
      if (!child) break
      const right = heap[childAt + 1]
      if (right && isBefore(right, child)) {
        child = right
        childAt++
      }
      if (isBefore(last, child)) break
      heap[at] = child
      at = childAt
    }
    heap[at] = last
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
}

/**
 * Calls back once no promise reaction is left. Node runs a tick that a reaction queued only after the reactions, and
 * those that they queued, have all run; unlike `setImmediate` it does not go through the event loop.
 */
function afterReactions(callback: () => void): void {
  queueMicrotask(() => process.nextTick(callback))
}
