import { CacheError, type Clock, type ErrorCode } from '@cache/ports'

export interface BreakerOptions {
  /** Named in errors and events. */
  readonly name: string
  /** Of the error that a refused call gets. Default `BACKEND_UNREACHABLE`. */
  readonly code?: ErrorCode | undefined
  /** Calls in the sliding window below which the breaker stays closed. */
  readonly minimumCalls: number
  /** Opens when this share of the window's calls failed. */
  readonly failureShare: number
  /** The window's length in calls. */
  readonly windowCalls: number
  /** How long it stays open before one probe is let through. */
  readonly openForMs: number
  /** A probe that has not settled by then counts as failed. */
  readonly probeTimeoutMs: number
  readonly clock: Clock
  readonly onStateChange: (state: BreakerState) => void
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** What a call was admitted with; handed back with its outcome. Results of an earlier generation are ignored. */
export interface Admission {
  readonly generation: number
  readonly probe: boolean
}

/**
 * A circuit breaker: closed, it counts the last calls; open, it refuses at once; half-open, it admits exactly one
 * probe, which ends by its own deadline even if the call never settles. A cancelled call is neutral: a cancelled
 * probe gives its place to the next call.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions
  /** The outcomes of the last calls, 1 for a failure, as a ring. */
  readonly #window: Uint8Array
  #calls = 0
  #failures = 0
  #state: BreakerState = 'closed'
  #generation = 0
  #openedAtMs = 0
  #probeEndsAtMs = 0
  #admission: Admission = { generation: 0, probe: false }

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#window = new Uint8Array(options.windowCalls)
  }

  get state(): BreakerState {
    return this.#state
  }

  /**
   * Admits a call or refuses it. Closed, it reads no clock and allocates nothing.
   *
   * @throws CacheError of the breaker's code when it is open.
   */
  admit(): Admission {
    if (this.#state === 'closed') return this.#admission
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#state === 'half-open' && nowMs >= this.#probeEndsAtMs) this.#open(nowMs)
    const mayProbe = this.#state === 'open' && nowMs >= this.#openedAtMs + this.#options.openForMs
    if (!mayProbe) {
      throw new CacheError(
        this.#options.code ?? 'BACKEND_UNREACHABLE',
        `The circuit breaker of ${this.#options.name} is open; it retries by itself`,
      )
    }
    this.#probeEndsAtMs = nowMs + this.#options.probeTimeoutMs
    this.#enter('half-open')
    return { generation: this.#generation, probe: true }
  }

  succeeded(admission: Admission): void {
    if (admission.generation !== this.#generation) return
    if (admission.probe) this.#enter('closed')
    else this.#record(0)
  }

  failed(admission: Admission): void {
    if (admission.generation !== this.#generation) return
    const nowMs = this.#options.clock.monotonicMs()
    if (admission.probe) this.#open(nowMs)
    else if (this.#record(1)) this.#open(nowMs)
  }

  /** The call was cancelled by its caller: neither success nor failure. */
  cancelled(admission: Admission): void {
    if (admission.probe && admission.generation === this.#generation) this.#enter('open')
  }

  /** Whether the window now says to open. */
  #record(failure: 0 | 1): boolean {
    const position = this.#calls++ % this.#window.length
    this.#failures += failure - (this.#window[position] ?? 0)
    this.#window[position] = failure
    const counted = Math.min(this.#calls, this.#window.length)
    return counted >= this.#options.minimumCalls && this.#failures / counted >= this.#options.failureShare
  }

  #open(nowMs: number): void {
    this.#openedAtMs = nowMs
    this.#enter('open')
  }

  #enter(state: BreakerState): void {
    this.#state = state
    this.#generation++
    this.#admission = { generation: this.#generation, probe: false }
    this.#window.fill(0)
    this.#calls = 0
    this.#failures = 0
    this.#options.onStateChange(state)
  }
}
