import {
  asCacheError,
  type CacheError,
  type AcquireReply,
  type Change,
  type ChangeReply,
  type ChangesReply,
  type Clock,
  type EntryStore,
  type FillReply,
  type Lease,
  type LeaseEnd,
  type LeaseRequest,
  type LocalTier,
  type NewEntry,
  type ReadReply,
  type RunStep,
  type ScanPage,
  type ScanRequest,
  type Stamp,
} from '@cache/ports'
import type { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import { CallDeadline, closedError } from './call-deadline.ts'

/** What guards a store and is told of its calls. */
export interface StoreGuard {
  readonly clock: Clock
  readonly breaker: CircuitBreaker
  /** A call that has not answered by then is given up; absent for stores that answer before they return. */
  readonly timeoutMs: number | undefined
  readonly isClosed: () => boolean
  readonly onDone: (operation: string, durationMs: number) => void
  readonly onFailure: (operation: string, error: CacheError, durationMs: number) => void
  /** Told of changes that the store acknowledged, before their caller is. */
  readonly onChange: ((changes: readonly Change[], reply: ChangeReply) => void) | undefined
}

/** An {@link EntryStore} whose calls always end: with a reply, or with a `CacheError`, in bounded time. */
export class GuardedStore implements EntryStore {
  readonly payloads: 'live' | 'encoded'
  readonly local: LocalTier | undefined
  /** Present where the store has steps. One in this process cannot hang, and is asked directly. */
  readonly step: RunStep | undefined
  readonly unchangedSince: EntryStore['unchangedSince']
  readonly leaseEnded: EntryStore['leaseEnded']
  readonly #store: EntryStore
  readonly #guard: StoreGuard
  readonly #deadline: CallDeadline | undefined

  constructor(store: EntryStore, guard: StoreGuard) {
    this.payloads = store.payloads
    this.local = store.local
    this.unchangedSince = store.unchangedSince && ((stamp) => store.unchangedSince?.(stamp) ?? false)
    this.leaseEnded = store.leaseEnded && (async (key, withinMs) => store.leaseEnded?.(key, withinMs))
    this.#store = store
    this.#guard = guard
    const { timeoutMs, clock, isClosed } = guard
    this.#deadline = timeoutMs === undefined ? undefined : new CallDeadline({ timeoutMs, clock, isClosed })
    const step = store.step?.bind(store)
    if (step === undefined || store.local !== undefined) this.step = step
    else this.step = (key, definition, input) => this.#run('step', async () => step(key, definition, input))
  }

  read(keys: readonly string[]): Promise<ReadReply> {
    return this.#run('read', () => this.#store.read(keys))
  }

  acquire(key: string, request: LeaseRequest): Promise<AcquireReply> {
    return this.#run('acquire', () => this.#store.acquire(key, request))
  }

  renew(key: string, lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#run('renew', () => this.#store.renew(key, lease, leaseMs))
  }

  fill(key: string, lease: Lease, entry: NewEntry): Promise<FillReply> {
    return this.#run('fill', () => this.#store.fill(key, lease, entry))
  }

  release(key: string, lease: Lease, end: LeaseEnd): Promise<boolean> {
    return this.#run('release', () => this.#store.release(key, lease, end))
  }

  async change(changes: readonly Change[]): Promise<ChangeReply> {
    const reply = await this.#run('change', () => this.#store.change(changes))
    this.#guard.onChange?.(changes, reply)
    return reply
  }

  scan(request: ScanRequest): Promise<ScanPage> {
    return this.#run('scan', () => this.#store.scan(request))
  }

  count(): Promise<number> {
    return this.#run('count', () => this.#store.count())
  }

  changesSince(stamp: Stamp | undefined): Promise<ChangesReply> {
    return this.#run('changesSince', () => this.#store.changesSince(stamp))
  }

  purge(limit: number): Promise<number> {
    return this.#run('purge', () => this.#store.purge(limit))
  }

  async #run<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const { clock, breaker, onDone, isClosed } = this.#guard
    if (isClosed()) throw closedError()
    const admission = breaker.admit()
    const startMs = clock.monotonicMs()
    try {
      const result = await (this.#deadline?.hold(operation, call()) ?? call())
      breaker.succeeded(admission)
      onDone(operation, clock.monotonicMs() - startMs)
      return result
    } catch (error) {
      const failure = asCacheError(error, 'BACKEND_FAILED', 'The backend failed; the cause says how')
      if (isCallersFault(failure)) breaker.succeeded(admission)
      else if (failure.code === 'CLOSED') breaker.cancelled(admission)
      else breaker.failed(admission)
      this.#guard.onFailure(operation, failure, clock.monotonicMs() - startMs)
      throw failure
    }
  }
}

/** The backend answered; what it was asked was wrong. */
function isCallersFault(error: CacheError): boolean {
  return error.code === 'INVALID_VALUE' || error.code === 'INVALID_KEY' || error.code === 'INVALID_OPTION'
}
