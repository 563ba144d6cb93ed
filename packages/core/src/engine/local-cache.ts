import type { Clock, Invalidation, LocalEntry, LocalTier, Stamp } from '@cache/ports'
import type { CacheKey } from '../keys/cache-key.ts'
import { KeyTexts } from '../keys/key-texts.ts'
import { EntryLifetimes, type TtlRange } from './entry-lifetimes.ts'
import { EntryProofs } from './entry-proofs.ts'
import { StoreFollower, type CoherenceSource, type LocalPosition } from './store-follower.ts'

/** Where a tier stands that is the store itself. */
const here: LocalPosition = { epoch: undefined, sequence: 0, touches: 0 }

/**
 * L1 of one cache: a {@link LocalTier} that decides alone when it may answer. With a source it follows the
 * store's sequence, and answers only while `now - lastSync <= B`; without one the tier *is* the store.
 *
 * Reading drives the synchronisation: a read that finds the last one older than B/2 starts the next, so an idle
 * cache costs nothing and no timer is needed. Messages and the answers to other commands make it rare.
 */
export class LocalCache {
  readonly tier: LocalTier
  readonly #clock: Clock
  readonly #follower: StoreFollower | undefined
  readonly #proofs: EntryProofs | undefined
  readonly #withinMs: number
  readonly #source: CoherenceSource | undefined
  readonly #poll: (() => void) | undefined
  readonly #texts = new KeyTexts()

  readonly #lifetimes: EntryLifetimes | undefined

  constructor(tier: LocalTier, clock: Clock, source: CoherenceSource | undefined, adaptive?: TtlRange) {
    this.tier = tier
    this.#clock = clock
    const lifetimes = adaptive && new EntryLifetimes(clock, tier, adaptive)
    this.#lifetimes = lifetimes
    const onInvalidated = lifetimes && ((count: number): void => lifetimes.noteInvalidated(count))
    this.#follower = source && new StoreFollower(tier, clock, source, onInvalidated)
    this.#proofs = source && new EntryProofs({ tier, clock, store: source.store, onVoid: onInvalidated })
    this.#withinMs = source?.withinMs ?? Number.POSITIVE_INFINITY
    this.#source = source
    this.#poll = source?.poll
  }

  /** A fresh entry that may be served now. At most one clock read, no allocation for a text key. */
  lookup(key: CacheKey): LocalEntry | undefined {
    this.#poll?.()
    let entry = typeof key === 'string' ? this.tier.get(key) : undefined
    if (entry === undefined || !entry.simpleKey) entry = this.#lookupText(key)
    if (entry === undefined) return undefined
    const nowMs = this.#clock.monotonicMs()
    return nowMs < entry.freshUntilMs && this.#mayServe(entry, nowMs) ? entry : undefined
  }

  /** An entry, fresh or stale, that holds at this moment; for stale serving and metadata. */
  find(storedKey: string): LocalEntry | undefined {
    this.#poll?.()
    const entry = this.tier.get(storedKey)
    if (entry === undefined) return undefined
    const nowMs = this.#clock.monotonicMs()
    return nowMs < entry.goneAtMs && this.#mayServe(entry, nowMs) ? entry : undefined
  }

  /** Whether entries can be kept: the tier knows where in the store's sequence it stands. */
  get ready(): boolean {
    return this.#follower === undefined || this.#follower.epoch !== undefined
  }

  /** Where the tier stands now; take it before the command whose reply is to be kept is sent. */
  position(): LocalPosition | undefined {
    const follower = this.#follower
    if (follower === undefined) return here
    return follower.epoch === undefined
      ? undefined
      : { epoch: follower.epoch, sequence: follower.applied.sequence, touches: this.touches }
  }

  /**
   * Keeps an entry, unless a change after the sequence that it reflects has been applied meanwhile, or the epoch
   * is no longer that of `position`.
   */
  put(storedKey: string, entry: LocalEntry, position: LocalPosition | undefined): void {
    const follower = this.#follower
    if (entry.coherent && follower !== undefined) {
      if (position === undefined || position.epoch !== follower.epoch) return
      if (!follower.applied.permits(storedKey, entry)) return
    }
    this.tier.set(storedKey, entry)
    if (position !== undefined) this.#proofs?.kept(storedKey, position.touches)
  }

  /** How often keys were touched so far; see {@link LocalPosition}. */
  get touches(): number {
    return this.#proofs?.count ?? 0
  }

  /** Somebody touched these keys in the store, or any; entries are dropped unless the store still has them as they are. */
  touched(keys: readonly string[] | undefined): void {
    if (keys) this.#proofs?.touch(keys)
    else this.#proofs?.touchAll()
  }

  /** How long an entry that is kept now may be served, at most. */
  ttlMs(longestMs: number): number {
    return this.#lifetimes?.ttlMs() ?? longestMs
  }

  drop(storedKey: string): void {
    this.tier.delete(storedKey)
  }

  /** Takes a change that this process made and the store acknowledged; exact where its own sequence is known. */
  noteOwn(epoch: string, invalidation: Invalidation, isExact: boolean): void {
    this.#follower?.noteOwn(epoch, invalidation, isExact)
  }

  /** Takes what an answer of the store says of its state; `sentMs` is when the command was sent. */
  observe(stamp: Stamp | undefined, sentMs: number): void {
    if (stamp !== undefined) this.#follower?.observe(stamp, sentMs)
  }

  /** Takes one message of a transport. */
  receive(epoch: string, invalidation: Invalidation): void {
    this.#follower?.receive(epoch, invalidation)
  }

  /** Messages may have been lost. */
  repair(): void {
    this.#follower?.repair()
  }

  /** Brings the tier up to the store's present sequence. Never rejects; joins a run in progress. */
  sync(): Promise<void> {
    return this.#follower?.sync() ?? Promise.resolve()
  }

  /** Drops everything and forgets where it stood. */
  reset(): void {
    if (this.#follower) this.#follower.reset()
    else this.tier.clear()
  }

  #lookupText(key: CacheKey): LocalEntry | undefined {
    const text = this.#texts.of(key)
    return text === key ? undefined : this.tier.get(text)
  }

  #mayServe(entry: LocalEntry, nowMs: number): boolean {
    const follower = this.#follower
    if (follower === undefined) return true
    if (!entry.coherent) return follower.applied.tagsHold(entry)
    if (this.#withinMs === 0) return follower.isCurrent() && follower.applied.tagsHold(entry)
    const behindMs = nowMs - follower.lastSyncMs
    if (behindMs > this.#withinMs / 2) void follower.sync()
    if (behindMs > this.#withinMs && !this.#mayServeAlone(behindMs)) return false
    return follower.applied.tagsHold(entry)
  }

  /** Past the bound, where the cache may and nobody can say what changed. */
  #mayServeAlone(behindMs: number): boolean {
    const source = this.#source
    if (!source || behindMs > this.#withinMs + source.aloneForMs || !this.#follower?.isAway) return false
    source.onAlone()
    return true
  }
}
