import { CacheError, isCacheError, type StateStore, type Timer } from '@cache/core'

/** A lock that is held. `await using` releases it. */
export interface Lock {
  readonly name: string
  /**
   * The fencing token: higher than that of every holder before. Give it to the resource, so that it can refuse who was
   * too late.
   */
  readonly token: number
  /** Aborted with `LOCK_LOST` when the lock was lost, or could not be confirmed in time: before it is another's. */
  readonly signal: AbortSignal
  /** Whether it is certain at this moment. Also right where the event loop was blocked and no timer has run. */
  readonly held: boolean
  /** How long it is certain without a further renewal; 0 when it is lost. */
  readonly certainForMs: number
  /**
   * @throws CacheError `LOCK_LOST` unless it is certain at this moment
   */
  assertHeld(): void
  /**
   * Lets go; `false` if it was lost before. One round trip.
   *
   * @throws CacheError when the backend did not acknowledge it; the lock then ends by itself
   */
  release(): Promise<boolean>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a lock was got with. */
export interface Grant {
  readonly key: string
  readonly revision: string
  readonly token: number
  readonly ttlMs: number
  /** On the monotonic clock, when the command that got it was sent: its lease began no earlier. */
  readonly sentAtMs: number
}

/** The share of the lease that is kept back, for clocks that differ and timers that are late. */
const reserveShare = 0.1
const renewShare = 1 / 3
const retryShare = 1 / 12

/** Implements {@link Lock}: renews the lease for as long as it is held, and counts its time on its own clock. */
export class HeldLock implements Lock {
  readonly name: string
  readonly token: number
  readonly #state: StateStore
  readonly #grant: Grant
  readonly #onEnd: () => void
  readonly #loss = new AbortController()
  #certainUntilMs: number
  #timer: Timer | undefined
  #ended = false

  constructor(state: StateStore, name: string, grant: Grant, onEnd: () => void) {
    this.name = name
    this.token = grant.token
    this.#state = state
    this.#grant = grant
    this.#onEnd = onEnd
    this.#certainUntilMs = this.#certainFrom(grant.sentAtMs)
    this.#arm(grant.ttlMs * renewShare)
  }

  get signal(): AbortSignal {
    return this.#loss.signal
  }

  get held(): boolean {
    return this.certainForMs > 0
  }

  get certainForMs(): number {
    return this.#ended ? 0 : Math.max(0, this.#certainUntilMs - this.#state.clock.monotonicMs())
  }

  assertHeld(): void {
    if (!this.held) throw this.#lossError()
  }

  async release(): Promise<boolean> {
    if (this.#ended) return false
    this.#end()
    const { key, revision } = this.#grant
    const when = { kind: 'revision', revision } as const
    try {
      const { outcomes } = await this.#state.entries.change([{ kind: 'delete', key, when }])
      return outcomes[0] === 'applied'
    } finally {
      this.#onEnd()
    }
  }

  /** Never rejects: it would hide what the block threw. A lock that was not let go of ends by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => false)
  }

  #certainFrom(sentAtMs: number): number {
    return sentAtMs + this.#grant.ttlMs * (1 - reserveShare)
  }

  /** A timer for the next renewal, and never later than the end of what is certain. */
  #arm(delayMs: number): void {
    if (this.#ended) return
    const restMs = Math.max(0, this.#certainUntilMs - this.#state.clock.monotonicMs())
    this.#timer = this.#state.clock.setTimer(Math.min(delayMs, restMs), () => this.#tick())
  }

  #tick(): void {
    if (this.#ended) return
    if (!this.held) this.#lose(this.#lossError())
    else {
      void this.#renew()
      // Whatever becomes of the renewal, the end of what is certain is not missed.
      this.#arm(Number.POSITIVE_INFINITY)
    }
  }

  async #renew(): Promise<void> {
    const { key, revision, ttlMs } = this.#grant
    const sentAtMs = this.#state.clock.monotonicMs()
    const when = { kind: 'revision', revision } as const
    try {
      const { outcomes } = await this.#state.entries.change([
        { kind: 'expire', key, freshForMs: ttlMs, keptForMs: ttlMs, when },
      ])
      if (outcomes[0] === 'applied') this.#confirm(sentAtMs)
      else this.#lose(this.#lossError())
    } catch (error) {
      if (isCacheError(error, 'CLOSED')) this.#lose(error)
      else this.#again(ttlMs * retryShare)
    }
  }

  #confirm(sentAtMs: number): void {
    this.#certainUntilMs = this.#certainFrom(sentAtMs)
    this.#again(this.#grant.ttlMs * renewShare)
  }

  #again(delayMs: number): void {
    this.#timer?.cancel()
    this.#arm(delayMs)
  }

  #lose(error: CacheError): void {
    if (this.#ended) return
    this.#end()
    this.#loss.abort(error)
    this.#onEnd()
  }

  #end(): void {
    this.#ended = true
    this.#timer?.cancel()
  }

  #lossError(): CacheError {
    return new CacheError(
      'LOCK_LOST',
      'The lock was lost, or could not be confirmed in time: stop what it protected',
    )
  }
}
