import {
  CacheError,
  isCacheError,
  localEntry,
  type Lease,
  type LeaseEnd,
  type NewEntry,
  type Timer,
} from '@cache/ports'
import { channels, type LoadEvent } from '../events/channels.ts'
import { countRead, newEntry, reportFailure, type CacheContext } from '../engine/cache-context.ts'
import { removed, type EntryReader, type FoundEntry } from '../engine/entry-reader.ts'
import { freezeShared } from '../codec/freeze.ts'
import { deadline } from './deadline.ts'
import { shareable } from './shareable.ts'
import type { Flight, FlightOutcome } from './flight.ts'
import { renewLease } from './lease-renewal.ts'
import { runLoader, type Loaded, type LoadRequest } from './load-run.ts'
import { asLoading } from './reentrancy.ts'

/** First pause between two looks at another process's load; doubles up to the longest. */
const firstPollMs = 2
const longestPollMs = 50

/**
 * Carries out one flight by the protocol: acquire, load, fill. It always settles: within the hard timeout while it
 * waits for another process, and within it again while its own loader runs.
 */
export class LoadFlight<V> {
  readonly #context: CacheContext<V>
  readonly #reader: EntryReader<V>
  readonly #request: LoadRequest<V>
  readonly #flight: Flight<V>
  readonly #token: string
  /** Set where a fresh entry is to be replaced all the same. */
  #refreshAhead = false

  constructor(context: CacheContext<V>, reader: EntryReader<V>, request: LoadRequest<V>, flight: Flight<V>) {
    this.#context = context
    this.#reader = reader
    this.#request = request
    this.#flight = flight
    this.#token = context.newId()
  }

  /** Loads ahead of the end of the fresh time, if no other process does. Never rejects. */
  async runAhead(): Promise<void> {
    this.#refreshAhead = true
    await this.run()
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      this.#flight.settle(await this.#fly())
    } catch (error) {
      this.#flight.settle({ kind: 'failed', error })
    } finally {
      this.#flight.end()
    }
  }

  async #fly(): Promise<FlightOutcome<V>> {
    const reply = await this.#acquireOrFail()
    switch (reply.kind) {
      case 'unreachable':
        return (await this.#heldAlone()) ?? this.#loadAlone()
      case 'unstored':
        return this.#loadUnstored()
      case 'lease':
        this.#count('miss')
        return this.#loadLeased(reply.lease, undefined)
      case 'hit':
        this.#count('l2-hit')
        return this.#shared(reply)
      case 'stale':
        this.#count('stale-hit')
        return reply.lease ? this.#refresh(reply.lease, reply) : this.#shared(reply)
      default:
        return reply satisfies never
    }
  }

  #count(outcome: 'l2-hit' | 'stale-hit' | 'miss'): void {
    countRead(this.#context, this.#request.storedKey, outcome)
  }

  async #acquireOrFail(): Promise<Acquired<V>> {
    try {
      return await this.#acquire()
    } catch (error) {
      if (isCacheError(error, 'CLOSED') || isCacheError(error, 'LOADER_TIMEOUT')) throw error
      return { kind: 'unreachable' }
    }
  }

  /** Asks until there is an answer other than "wait". */
  async #acquire(): Promise<Acquired<V>> {
    const { clock, policy } = this.#context
    const endMs = clock.monotonicMs() + policy.loading.hardTimeoutMs
    let refresh = this.#refreshAhead
    for (let pauseMs = firstPollMs; ; pauseMs = Math.min(pauseMs * 2, longestPollMs)) {
      this.#flight.signal.throwIfAborted()
      const reply = await this.#ask(refresh)
      if (reply.kind === 'unfit' && !refresh) refresh = true
      else if (reply.kind === 'wait' || reply.kind === 'unfit') await this.#pause(pauseMs, endMs)
      else return reply
    }
  }

  async #ask(refresh: boolean): Promise<Acquired<V> | NotYet> {
    const { storedKey, maxAgeMs } = this.#request
    const sent = await this.#reader.send()
    const sentMs = this.#context.clock.monotonicMs()
    const request = { token: this.#token, leaseMs: this.#context.policy.loading.leaseMs, refresh }
    const reply = await this.#context.store.acquire(storedKey, request)
    if (reply.kind !== 'hit' && reply.kind !== 'stale') return reply
    const stamp = reply.kind === 'hit' ? reply.stamp : undefined
    this.#context.local?.observe(stamp, sentMs)
    const found = await this.#reader.accept(storedKey, reply.entry, sent, stamp?.sequence)
    // With the forgery, a lease that came with it has ended.
    if (found === removed) return { kind: 'unfit' }
    if (reply.kind === 'stale' && reply.because) this.#noteRefused(reply.entry.revision, reply.because)
    const lease = reply.kind === 'stale' ? reply.lease : undefined
    const fits =
      found !== undefined && found.ageMs <= maxAgeMs && (reply.kind === 'stale' || found.freshForMs > 0)
    if (lease) return fits ? { kind: 'stale', found, sentMs, lease } : { kind: 'lease', lease }
    return fits ? { kind: reply.kind, found, sentMs, lease } : { kind: 'unfit' }
  }

  /** Until the lease may have ended, where the store tells, and no longer than `pauseMs` with jitter. */
  async #pause(pauseMs: number, endMs: number): Promise<void> {
    const { clock, random, store } = this.#context
    if (clock.monotonicMs() >= endMs) {
      throw new CacheError(
        'LOADER_TIMEOUT',
        'Another process held the lease for longer than the hard timeout',
      )
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    const longestMs = pauseMs * (0.5 + random())
    const timer = clock.setTimer(longestMs, resolve)
    void store.leaseEnded?.(this.#request.storedKey, longestMs).then(resolve)
    await promise
    timer.cancel()
  }

  /** Callers that joined later may have it too while L1 might: within the bound, and within its time. */
  #shared({ found, sentMs }: Read<V>): FlightOutcome<V> {
    const { local, store, withinMs } = this.#context
    const { value, freshForMs, keptForMs } = found
    const lastsMs = freshForMs > 0 ? freshForMs : keptForMs
    const sharedForMs = local && !store.local ? Math.min(withinMs, lastsMs) : 0
    return { kind: 'read', value: () => value, sharedUntilMs: sentMs + sharedForMs }
  }

  /** A stale entry and the right to load it anew. */
  async #refresh(lease: Lease, reply: Read<V>): Promise<FlightOutcome<V>> {
    const { loading } = this.#context.policy
    const { found } = reply
    const stale = this.#shared(reply)
    let timer: Timer | undefined
    if (loading.staleWhileRevalidate) this.#flight.answerEarly(stale)
    else {
      timer = this.#context.clock.setTimer(loading.softTimeoutMs, () => this.#flight.answerEarly(stale))
    }
    try {
      return await this.#loadLeased(lease, found)
    } catch (error) {
      if (isCacheError(error, 'ABORTED') || isCacheError(error, 'CLOSED')) throw error
      reportFailure(this.#context, 'refresh', error)
      return stale
    } finally {
      timer?.cancel()
    }
  }

  async #loadLeased(lease: Lease, found: FoundEntry<V> | undefined): Promise<FlightOutcome<V>> {
    const renewal = renewLease(this.#context, this.#request.storedKey, lease)
    try {
      const loaded = await this.#load(found?.value)
      const entry = loaded.skip || loaded.details.keptForMs <= 0 ? undefined : this.#entryOf(loaded)
      return await (entry ? this.#fill(lease, loaded, entry) : this.#endUnstored(lease, loaded))
    } catch (error) {
      const { retryAfterMs } = this.#context.policy.loading
      if (found) this.#noteRefused(found.revision, 'throttled')
      await this.#release(lease, found ? { kind: 'throttle', forMs: retryAfterMs } : { kind: 'free' })
      throw error
    } finally {
      renewal.cancel()
    }
  }

  /** Nothing to store: those who wait may have the value if nothing was invalidated, the next load in parallel. */
  async #endUnstored(lease: Lease, loaded: Loaded<V>): Promise<FlightOutcome<V>> {
    const forMs = this.#context.policy.loading.leaseMs / 3
    const held = await this.#release(lease, { kind: 'unstored', forMs, tags: loaded.details.tags })
    this.#publish('not-stored', loaded)
    return { kind: held ? 'value' : 'refused', value: shareable(loaded.value) }
  }

  async #fill(lease: Lease, loaded: Loaded<V>, entry: NewEntry): Promise<FlightOutcome<V>> {
    const { storedKey } = this.#request
    const value = this.#handOut(loaded.value, entry)
    // The times of the entry count from now, so that nothing is waited for.
    const sent = this.#reader.sentNow()
    this.#flight.close()
    try {
      const reply = await this.#context.store.fill(storedKey, lease, entry)
      if (reply.accepted) this.#context.local?.observe(reply.stamp, sent.atMs)
      this.#publish(reply.accepted ? 'stored' : reply.reason, loaded)
      if (!reply.accepted) {
        this.#context.stats.refusals[reply.reason]++
        return { kind: 'refused', value }
      }
      const sequence = reply.stamp?.sequence ?? Math.max(lease.sequence, sent.position?.sequence ?? 0)
      this.#keep(loaded.value, entry, {
        fromMs: sent.atMs,
        sequence,
        position: sent.position,
        coherent: true,
      })
      return { kind: 'value', value }
    } catch (error) {
      if (isCacheError(error, 'CLOSED')) throw error
      return { kind: 'refused', value }
    }
  }

  /** `undefined` when the value is too large to keep: that depends on data, so it fails no caller. */
  #entryOf(loaded: Loaded<V>): NewEntry | undefined {
    try {
      return newEntry(this.#context, this.#request.storedKey, loaded.value, loaded.details)
    } catch (error) {
      if (!isCacheError(error, 'VALUE_TOO_LARGE')) throw error
      reportFailure(this.#context, 'load', error)
      return undefined
    }
  }

  /** Callers share what is frozen; otherwise each gets a copy, as later hits do. */
  #handOut(value: V | undefined, entry: NewEntry): () => V | undefined {
    const { packer, policy } = this.#context
    if (policy.sharing === 'reference') return () => value
    const decode = (): V | undefined => packer.decode(entry, this.#request.storedKey) as V | undefined
    if (policy.sharing === 'clone') return decode
    const copy = decode()
    return freezeShared(copy) ? () => copy : decode
  }

  /** Without a lease and without storing, after a result that was marked so: each caller loads for itself. */
  async #loadUnstored(): Promise<FlightOutcome<V>> {
    this.#flight.close()
    this.#count('miss')
    const { value } = await this.#load(undefined)
    return { kind: 'value', value: shareable(value) }
  }

  /**
   * With the backend unreachable: single-flight in this process, and L1 for a moment, without a claim. Others may have
   * been told of changes meanwhile, so those who joined more than the bound after it began start over.
   */
  async #loadAlone(): Promise<FlightOutcome<V>> {
    const { local, withinMs, clock } = this.#context
    this.#count('miss')
    const sharedUntilMs = clock.monotonicMs() + withinMs
    const loaded = await this.#load(undefined)
    const entry = loaded.skip ? undefined : this.#entryOf(loaded)
    if (!entry) return { kind: 'read', value: shareable(loaded.value), sharedUntilMs }
    const value = this.#handOut(loaded.value, entry)
    if (local && withinMs > 0 && this.#flight.open) {
      const fromMs = this.#context.clock.monotonicMs()
      const brief = { ...entry, keptForMs: Math.min(entry.keptForMs, withinMs - entry.ageMs) }
      const sequence = local.position()?.sequence ?? 0
      this.#keep(loaded.value, brief, { fromMs, sequence, position: undefined, coherent: false })
    }
    return { kind: 'read', value, sharedUntilMs }
  }

  /** What L1 may serve without the backend. */
  async #heldAlone(): Promise<FlightOutcome<V> | undefined> {
    const { storedKey, maxAgeMs } = this.#request
    const held = await this.#reader.heldAlone(storedKey, maxAgeMs)
    return held && { kind: 'read', value: () => held.value, sharedUntilMs: this.#context.clock.monotonicMs() }
  }

  async #load(stale: V | undefined): Promise<Loaded<V>> {
    const { stats, clock, policy, loaderBreaker } = this.#context
    const { hardTimeoutMs } = policy.loading
    const admission = loaderBreaker?.admit()
    stats.loads++
    const startMs = clock.monotonicMs()
    const limit = deadline(clock.setTimer.bind(clock), hardTimeoutMs, this.#flight)
    try {
      const run = (): Promise<Loaded<V>> =>
        runLoader(this.#context, this.#request, this.#flight.signal, stale)
      const loaded = await Promise.race([
        asLoading(this.#context, this.#request.storedKey, run),
        limit.reached,
      ])
      if (admission) loaderBreaker?.succeeded(admission)
      return loaded
    } catch (error) {
      if (admission) {
        // A call that nobody waits for any more says nothing of the source.
        const isCancelled = this.#flight.signal.aborted && !isCacheError(error, 'LOADER_TIMEOUT')
        if (isCancelled) loaderBreaker?.cancelled(admission)
        else loaderBreaker?.failed(admission)
      }
      stats.loadErrors++
      this.#publish('failed', undefined)
      throw error
    } finally {
      limit.timer.cancel()
      stats.loadLatency.record(clock.monotonicMs() - startMs)
    }
  }

  /** For those who ask why the entry is stale. */
  #noteRefused(revision: string, reason: 'loading' | 'throttled'): void {
    const { refusedRefreshes, policy } = this.#context
    const { leaseMs, retryAfterMs } = policy.loading
    const forMs = reason === 'loading' ? leaseMs : retryAfterMs
    refusedRefreshes.note(this.#request.storedKey, revision, reason, forMs)
  }

  async #release(lease: Lease, end: LeaseEnd): Promise<boolean> {
    this.#flight.close()
    try {
      return await this.#context.store.release(this.#request.storedKey, lease, end)
    } catch {
      // The guarded store has counted and published the failure, and the lease ends by itself.
      return false
    }
  }

  #keep(value: V | undefined, entry: NewEntry, from: KeepFacts): void {
    const { local, store, packer, policy } = this.#context
    if (!local || store.local || !policy.local || entry.freshForMs <= 0 || entry.keptForMs <= 0) return
    const packed = packer.keep(value, () => entry)
    const facts = {
      ...packed,
      ...from,
      maxFreshMs: Math.min(local.ttlMs(policy.local.ttlMs), entry.keptForMs),
    }
    local.put(this.#request.storedKey, localEntry(this.#request.storedKey, entry, facts), from.position)
  }

  #publish(outcome: LoadEvent['outcome'], loaded: Loaded<V> | undefined): void {
    if (!channels['cache:load'].hasSubscribers) return
    const { prefix, name } = this.#context
    const { storedKey } = this.#request
    const durationMs = loaded?.details.loadMs ?? 0
    channels['cache:load'].publish({ prefix, cache: name, key: storedKey, outcome, durationMs })
  }
}

/** An entry that the store had, and when it was asked. */
interface Read<V> {
  readonly found: FoundEntry<V>
  readonly sentMs: number
}

type Acquired<V> =
  | ({ readonly kind: 'hit' | 'stale'; readonly lease: Lease | undefined } & Read<V>)
  | { readonly kind: 'lease'; readonly lease: Lease }
  | { readonly kind: 'unstored' }
  | { readonly kind: 'unreachable' }

type NotYet =
  | { readonly kind: 'wait' }
  /** An entry that cannot be read, or is too old for this call: the right to replace it is to be asked for. */
  | { readonly kind: 'unfit' }

interface KeepFacts {
  readonly fromMs: number
  readonly sequence: number
  readonly position: ReturnType<NonNullable<CacheContext<unknown>['local']>['position']>
  readonly coherent: boolean
}
