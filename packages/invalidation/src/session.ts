import { CacheError } from '@cache/ports'
import type { InvalidationMessage, TouchedEntries, TransportContext, TransportListener } from '@cache/ports'

/** Messages that cannot be read are reported once in this time. */
const reportEveryMs = 60_000

/**
 * What every transport does alike: it starts once, calls its listener only while it is open, and outlives whatever the
 * listener throws.
 */
export class Session {
  readonly #name: string
  #started = false
  #open = false
  #listener: TransportListener | undefined
  #context: TransportContext | undefined
  #unread = 0
  #reportedAtMs = Number.NEGATIVE_INFINITY

  constructor(name: string) {
    this.#name = name
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** @throws CacheError `TRANSPORT_FAILED` when it was started before, `CLOSED` when it was closed. */
  begin(listener: TransportListener, context: TransportContext): void {
    if (this.#started) {
      throw new CacheError(
        'TRANSPORT_FAILED',
        `${this.#name} was started already; give each createCaches a transport of its own`,
      )
    }
    this.#started = true
    this.#open = true
    this.#listener = listener
    this.#context = context
  }

  /** @throws CacheError `CLOSED` */
  refuseClosed(): void {
    if (!this.#open) throw new CacheError('CLOSED', `${this.#name} is not open`)
  }

  connected(): void {
    this.#call((listener) => listener.onConnect())
  }

  /** Takes a message as it was read; `undefined` is one that could not be. */
  deliver(message: InvalidationMessage | undefined): void {
    if (message) this.#call((listener) => listener.onMessage(message))
    else if (this.#open) this.#countUnread()
  }

  /** Entries were touched in the store; without an argument, any may have been. */
  touched(entries?: TouchedEntries): void {
    this.#call((listener) => listener.onTouched?.(entries))
  }

  report(message: string, error?: unknown): void {
    if (this.#open) this.#context?.report(message, error)
  }

  /** Nothing is delivered from now on; `false` when that was so before. */
  end(): boolean {
    const wasOpen = this.#open
    this.#started = true
    this.#open = false
    this.#listener = undefined
    return wasOpen
  }

  #call(run: (listener: TransportListener) => void): void {
    if (!this.#open || !this.#listener) return
    try {
      run(this.#listener)
    } catch (error) {
      this.report('A listener of invalidations failed', error)
    }
  }

  #countUnread(): void {
    this.#unread++
    const nowMs = this.#context?.clock.monotonicMs() ?? 0
    if (nowMs - this.#reportedAtMs < reportEveryMs) return
    this.#reportedAtMs = nowMs
    this.report(`${this.#unread} messages could not be read: something else writes to the channel`)
    this.#unread = 0
  }
}
