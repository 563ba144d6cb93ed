import { CacheError, type LocalEntry } from '@cache/ports'
import type { CacheContext } from '../engine/cache-context.ts'
import type { EntryReader } from '../engine/entry-reader.ts'
import { Flights, type Flight, type FlightOutcome } from './flight.ts'
import { LoadFlight } from './load-flight.ts'
import type { LoadRequest } from './load-run.ts'
import { refuseReentry } from './reentrancy.ts'
import type { StaleReason } from './refused-refreshes.ts'

/** Joins that may be refused before a caller loads by itself, so that no stream of invalidations starves it. */
const refusedJoins = 3

/** `getOrLoad` of one cache: single-flight in this process, leases between processes. */
export class Loading<V> {
  readonly flights: Flights<V> = new Flights()
  readonly #context: CacheContext<V>
  readonly #reader: EntryReader<V>
  readonly #ahead = new Set<string>()

  constructor(context: CacheContext<V>, reader: EntryReader<V>) {
    this.#context = context
    this.#reader = reader
  }

  /**
   * The fresh value, or what the loader gives.
   *
   * @throws whatever the loader throws; `LOADER_TIMEOUT`, `LOADER_FAILED`, `ABORTED`, `CLOSED`
   */
  async load(request: LoadRequest<V>): Promise<V | undefined> {
    refuseReentry(this.#context, request.storedKey)
    const { signal } = request.options
    if (signal?.aborted) throw abortedBy(signal)
    for (let joins = 0; ; joins++) {
      const open = joins < refusedJoins ? this.#openFlight(request) : undefined
      if (open) this.#context.stats.joins++
      const joinedMs = this.#context.clock.monotonicMs()
      const outcome = await waitFor(open ?? this.#start(request), signal)
      if (outcome.kind === 'failed') throw outcome.error
      if (!open || mayShare(outcome, joinedMs)) return outcome.value()
    }
  }

  /**
   * Whether a fresh entry is to be loaded anew: in the last `refreshAheadMs` of its fresh time, or if chance says so,
   * the likelier the nearer its end and the longer the last load took (A. Vattani, F. Chierichetti, K. Lowenstein,
   * "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015).
   */
  isDueAhead({ freshUntilMs, loadMs }: LocalEntry): boolean {
    const { policy, clock, random } = this.#context
    const { refreshAheadMs } = policy.loading
    if (refreshAheadMs === undefined) return false
    const aheadMs = Math.max(refreshAheadMs, -loadMs * Math.log(1 - random()))
    return aheadMs >= freshUntilMs - clock.monotonicMs()
  }

  /** Loads in the background, unless that is under way or failed lately. */
  loadAhead(request: LoadRequest<V>, { revision }: LocalEntry): void {
    const { storedKey } = request
    if (this.#ahead.has(storedKey) || this.#context.refusedRefreshes.reasonOf(storedKey, revision)) return
    this.#ahead.add(storedKey)
    const flight = this.flights.start(storedKey, { forCallers: false })
    const run = new LoadFlight(this.#context, this.#reader, request, flight)
    void run.runAhead().finally(() => this.#ahead.delete(storedKey))
  }

  /** Why an entry past its fresh time has not been replaced, as far as this process knows. */
  staleBecause(storedKey: string, revision: string): StaleReason {
    if (this.flights.has(storedKey)) return 'loading'
    return this.#context.refusedRefreshes.reasonOf(storedKey, revision) ?? 'expired'
  }

  /** A load under way says nothing about the age of what it will find, so calls with a limit do not join. */
  #openFlight(request: LoadRequest<V>): Flight<V> | undefined {
    return request.maxAgeMs === Number.POSITIVE_INFINITY
      ? this.flights.joinable(request.storedKey)
      : undefined
  }

  #start(request: LoadRequest<V>): Flight<V> {
    const flight = this.flights.start(request.storedKey, { forCallers: true })
    void new LoadFlight(this.#context, this.#reader, request, flight).run()
    return flight
  }
}

/** Whether a caller that joined at a moment may have what the flight brought. */
function mayShare<V>(outcome: FlightOutcome<V>, joinedMs: number): boolean {
  return outcome.kind === 'read' ? joinedMs <= outcome.sharedUntilMs : outcome.kind === 'value'
}

/** Waits as one caller: its abort ends its own waiting, and the load too if nobody else waits. */
async function waitFor<V>(flight: Flight<V>, signal: AbortSignal | undefined): Promise<FlightOutcome<V>> {
  flight.enter()
  if (!signal) return flight.outcome
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(abortedBy(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([flight.outcome, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    flight.leave(signal.reason)
  }
}

function abortedBy(signal: AbortSignal): CacheError {
  return new CacheError('ABORTED', 'The caller aborted the call', { cause: signal.reason })
}
