import type { BackendContext, Timer } from '@cache/ports'

/** How often the file is asked while somebody waits: about half a microsecond of work each time. */
const askEveryMs = 2

interface Waiting {
  readonly untilMs: number
  readonly end: () => void
}

/** Tells those who wait when something was committed to the file, by whichever process. Idle while nobody waits. */
export class CommitWatch {
  readonly #context: BackendContext
  /** Changes with each commit of another connection; `undefined` while the file can't be asked. */
  readonly #version: () => number | undefined
  readonly #waiting = new Set<Waiting>()
  #seen: number | undefined
  #timer: Timer | undefined

  constructor(context: BackendContext, version: () => number | undefined) {
    this.#context = context
    this.#version = version
  }

  /** Resolves with the next commit, and after `withinMs` at the latest. */
  next(withinMs: number): Promise<void> {
    if (this.#waiting.size === 0) this.#seen = this.#version()
    return new Promise((end) => {
      this.#waiting.add({ untilMs: this.#context.clock.monotonicMs() + withinMs, end })
      this.#arm()
    })
  }

  /** This process committed something, or nothing is to be waited for any more. */
  wake(): void {
    if (this.#waiting.size === 0) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#endWhere(() => true)
  }

  #arm(): void {
    this.#timer ??= this.#context.clock.setTimer(askEveryMs, () => this.#ask())
  }

  #ask(): void {
    this.#timer = undefined
    const version = this.#version()
    const nowMs = this.#context.clock.monotonicMs()
    if (version === this.#seen) this.#endWhere(({ untilMs }) => untilMs <= nowMs)
    else this.#endWhere(() => true)
    this.#seen = version
    if (this.#waiting.size > 0) this.#arm()
  }

  #endWhere(isOver: (waiting: Waiting) => boolean): void {
    for (const waiting of this.#waiting) {
      if (!isOver(waiting)) continue
      this.#waiting.delete(waiting)
      waiting.end()
    }
  }
}
