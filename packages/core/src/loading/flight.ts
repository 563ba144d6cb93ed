/** How a load of this process ended. */
export type FlightOutcome<V> =
  /** Stored, or nothing stands against sharing it: joiners may use it. */
  | { readonly kind: 'value'; readonly value: () => V | undefined }
  /** The store had it when it was asked: it says nothing to callers that joined after `sharedUntilMs`. */
  | { readonly kind: 'read'; readonly value: () => V | undefined; readonly sharedUntilMs: number }
  /** An invalidation won: only the caller that loaded may use it, joiners start over. */
  | { readonly kind: 'refused'; readonly value: () => V | undefined }
  | { readonly kind: 'failed'; readonly error: unknown }

/** What a flight is begun for. */
export interface FlightStart {
  /** `false` for a refresh ahead, for which nobody waits. */
  readonly forCallers: boolean
}

/** One load in this process and the callers that wait for it. */
export class Flight<V> {
  /** Resolves once there is something to give to callers; never rejects. */
  readonly outcome: Promise<FlightOutcome<V>>
  readonly #controller = new AbortController()
  readonly #forCallers: boolean
  readonly #onEnd: () => void
  #settle: (outcome: FlightOutcome<V>) => void = () => undefined
  #open = true
  #waiting = 0
  /** Callers have their answer, so that leaving aborts nothing. */
  #answered = false

  constructor({ forCallers }: FlightStart, onEnd: () => void) {
    this.#forCallers = forCallers
    this.#onEnd = onEnd
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Aborts the loader. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The fill was not sent, and nothing was invalidated that this process knows of. */
  get open(): boolean {
    return this.#open
  }

  get joinable(): boolean {
    return this.#open && this.#forCallers
  }

  /** No caller joins from now on. */
  close(): void {
    this.#open = false
  }

  /** Nothing of it runs any more. */
  end(): void {
    this.close()
    this.#onEnd()
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

/** The flights of one cache that have not ended, by stored key; several of one key where callers could not join. */
export class Flights<V> {
  readonly #byKey = new Map<string, Set<Flight<V>>>()

  /** Whether nothing is loading. */
  get idle(): boolean {
    return this.#byKey.size === 0
  }

  /** Whether a key is being loaded, whoever may join. */
  has(storedKey: string): boolean {
    return this.#byKey.has(storedKey)
  }

  /** One that callers may join. */
  joinable(storedKey: string): Flight<V> | undefined {
    for (const flight of this.#byKey.get(storedKey) ?? []) if (flight.joinable) return flight
    return undefined
  }

  start(storedKey: string, how: FlightStart): Flight<V> {
    const flights = this.#byKey.get(storedKey) ?? new Set()
    const flight = new Flight<V>(how, () => {
      flights.delete(flight)
      if (flights.size === 0) this.#byKey.delete(storedKey)
    })
    this.#byKey.set(storedKey, flights.add(flight))
    return flight
  }

  /** Callers that come after an invalidation must not join a load that began before it. */
  close(storedKey: string): void {
    for (const flight of this.#byKey.get(storedKey) ?? []) flight.close()
  }

  closeAll(): void {
    for (const storedKey of this.#byKey.keys()) this.close(storedKey)
  }

  /** Aborts every load; for the end of the cache. */
  abortAll(reason: unknown): void {
    for (const flights of this.#byKey.values()) for (const flight of flights) flight.abort(reason)
  }
}
