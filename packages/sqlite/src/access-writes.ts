import type { BackendContext, Timer } from '@cache/ports'
import type { AccessBuffer } from './access-buffer.ts'
import type { Step, Transaction } from './transaction.ts'

/** Noted reads join a transaction of others once they have waited for this long. */
const joinAfterMs = 1000
/** Where there is none, they get their own after this long. */
const aloneAfterMs = 5000
/** How many a transaction takes along at most, so that it stays short. */
const perTransaction = 256

/** Decides when the noted reads of a file are written. */
export class AccessWrites {
  readonly #accesses: AccessBuffer
  readonly #context: BackendContext
  readonly #write: (step: Step<void>) => Promise<void>
  #joinFromMs = Number.POSITIVE_INFINITY
  #timer: Timer | undefined
  #stopped = false

  constructor(accesses: AccessBuffer, context: BackendContext, write: (step: Step<void>) => Promise<void>) {
    this.#accesses = accesses
    this.#context = context
    this.#write = write
  }

  /** To be called when something is noted after a while of nothing. */
  expect(): void {
    const { clock } = this.#context
    this.#joinFromMs = clock.monotonicMs() + joinAfterMs
    if (!this.#stopped) this.#timer ??= clock.setTimer(aloneAfterMs, () => this.#writeAlone())
  }

  /** Lets what has waited for long enough go along with a transaction. */
  join(tx: Transaction): void {
    if (this.#accesses.size > 0 && this.#context.clock.monotonicMs() >= this.#joinFromMs)
      this.#accesses.write(tx, perTransaction)
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #writeAlone(): void {
    this.#timer = undefined
    if (this.#accesses.size === 0 || this.#stopped) return
    // A failure costs the notes of some reads; the next ones are noted again.
    this.#write((tx) => this.#accesses.write(tx, perTransaction)).catch(() => undefined)
    this.expect()
  }
}
