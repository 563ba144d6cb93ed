/** How a load of this process ended. */
export type FlightOutcome<V> =
  /** Stored, or nothing stands against sharing it: joiners may use it. */
  | { readonly kind: 'value'; readonly value: () => V | undefined }
  /** The store had it when it was asked at `sentMs`: it says nothing to callers that joined much later. */
  | { readonly kind: 'read'; readonly value: () => V | undefined; readonly sentMs: number }
  /** An invalidation won: only the caller that loaded may use it, joiners start over. */
  | { readonly kind: 'refused'; readonly value: () => V | undefined }
  | { readonly kind: 'failed'; readonly error: unknown }

/** One load in this process and the callers that wait for it. */
export class Flight<V> {
  /** Resolves once there is something to give to callers; never rejects. */
  readonly outcome: Promise<FlightOutcome<V>>
  readonly #controller = new AbortController()
  readonly #onClose: (flight: Flight<V>) => void
  #settle: (outcome: FlightOutcome<V>) => void = () => undefined
  #open = true
  #waiting = 0
  /** Callers have their answer, so that leaving aborts nothing. */
  #answered = false

  constructor(onClose: (flight: Flight<V>) => void) {
    this.#onClose = onClose
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Aborts the loader. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Callers may join: the fill was not sent, and nothing was invalidated that this process knows of. */
  get open(): boolean {
    return this.#open
  }

  /** No caller joins from now on. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#onClose(this)
  }

  /** The first outcome counts. */
  settle(outcome: FlightOutcome<V>): void {
    this.#answered = true
    this.#settle(outcome)
  }

  /** Answers the callers with a stale value while the load goes on. */
  answerEarly(outcome: FlightOutcome<V>): void {
    this.close()
    this.settle(outcome)
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }

  enter(): void {
    this.#waiting++
  }

  /** The last caller that leaves without an answer aborts the loader. */
  leave(reason: unknown): void {
    this.#waiting--
    if (this.#waiting > 0 || this.#answered) return
    this.close()
    this.abort(reason)
  }
}

/** The open flights of one cache, by stored key. */
export class Flights<V> {
  readonly #byKey = new Map<string, Flight<V>>()

  get(storedKey: string): Flight<V> | undefined {
    return this.#byKey.get(storedKey)
  }

  start(storedKey: string): Flight<V> {
    const flight = new Flight<V>(() => {
      if (this.#byKey.get(storedKey) === flight) this.#byKey.delete(storedKey)
    })
    this.#byKey.set(storedKey, flight)
    return flight
  }

  /** Callers that come after an invalidation must not join a load that began before it. */
  close(storedKey: string): void {
    this.#byKey.get(storedKey)?.close()
  }

  closeAll(): void {
    for (const flight of this.#byKey.values()) flight.close()
  }

  /** Aborts every load; for the end of the cache. */
  abortAll(reason: unknown): void {
    for (const flight of this.#byKey.values()) flight.abort(reason)
  }
}
