import { systemClock } from '@cache/ports'

/** What both connections and clusters of the library are. */
interface Emitter {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
}

/** Listeners on a client that may be the caller's: all of them go when they are no longer needed. */
export class FamilyEvents {
  readonly #emitter: Emitter
  readonly #added: (readonly [string, (...args: unknown[]) => void])[] = []

  constructor(emitter: Emitter) {
    this.#emitter = emitter
  }

  on(event: string, listener: (...args: unknown[]) => void): void {
    this.#emitter.on(event, listener)
    this.#added.push([event, listener])
  }

  /** Resolves at `ready`; rejects at the end of the attempt, or when it takes too long, with what `failure` gives. */
  async ready(failure: () => unknown, withinMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const fail = (): void => reject(failure() ?? new Error('Connection is closed'))
    const listeners = [['ready', () => resolve()] as const, ['close', fail] as const, ['end', fail] as const]
    for (const [event, listener] of listeners) this.#emitter.on(event, listener)
    const timer = systemClock.setTimer(withinMs, () => reject(failure() ?? new Error('ETIMEDOUT: not ready')))
    try {
      await promise
    } finally {
      timer.cancel()
      for (const [event, listener] of listeners) this.#emitter.off(event, listener)
    }
  }

  removeAll(): void {
    for (const [event, listener] of this.#added.splice(0)) this.#emitter.off(event, listener)
  }
}
