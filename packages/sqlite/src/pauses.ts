import type { BackendContext } from '@cache/ports'

/** Waits on the clock that keep the process alive, because a caller's write waits with them, and can be cut short. */
export class Pauses {
  readonly #context: BackendContext
  readonly #pending = new Set<() => void>()

  constructor(context: BackendContext) {
    this.#context = context
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const hold = setInterval(() => undefined, 60_000)
      const end = (): void => {
        clearInterval(hold)
        timer.cancel()
        this.#pending.delete(end)
        resolve()
      }
      const timer = this.#context.clock.setTimer(delayMs, end)
      this.#pending.add(end)
    })
  }

  endAll(): void {
    for (const end of this.#pending) end()
  }
}
