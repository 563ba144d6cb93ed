import type { CacheKey } from '../keys/cache-key.ts'
import { KeyTexts } from '../keys/key-texts.ts'
import type { EntryStore, Invalidation, Stamp } from '../ports/backend.ts'
import type { Clock } from '../ports/clock.ts'
import type { LocalEntry, LocalTier } from '../ports/local-tier.ts'
import { AppliedInvalidations } from './applied-invalidations.ts'

/** What the local cache needs to stay coherent with a store. */
export interface CoherenceSource {
  readonly store: EntryStore
  /** The bound B: an entry is served only while the tier is known to be at most this far behind. */
  readonly withinMs: number
  readonly onSyncError: (error: unknown) => void
}

/** Changes of this process after which the tier asks for those of others, however little it is read. */
const catchUpAfter = 256

/** A moment in a store's history that a local tier has reached. */
export interface LocalPosition {
  readonly epoch: string | undefined
  readonly sequence: number
}

/**
 * L1 of one cache: a {@link LocalTier} that decides alone when it may answer. With a source it follows the
 * store's sequence, and answers only while `now - lastSync <= B`; without one the tier *is* the store.
 *
 * Reading drives the synchronisation: a read that finds the last one older than B/2 starts the next, so an idle
 * cache costs nothing and no timer is needed.
 */
export class LocalCache {
  readonly tier: LocalTier
  readonly #clock: Clock
  readonly #source: CoherenceSource | undefined
  readonly #applied: AppliedInvalidations
  readonly #texts = new KeyTexts()
  #epoch: string | undefined
  /** Where the store stood after the latest change of this process: a reply from before it is not to hide it. */
  #own: Stamp | undefined
  #lastSyncMs = Number.NEGATIVE_INFINITY
  #syncing: Promise<void> | undefined

  constructor(tier: LocalTier, clock: Clock, source: CoherenceSource | undefined) {
    this.tier = tier
    this.#clock = clock
    this.#source = source
    this.#applied = new AppliedInvalidations(tier)
    if (!source) this.#lastSyncMs = Number.POSITIVE_INFINITY
  }

  /** A fresh entry that may be served now. At most one clock read, no allocation for a text key. */
  lookup(key: CacheKey): LocalEntry | undefined {
    let entry = typeof key === 'string' ? this.tier.get(key) : undefined
    if (entry === undefined || !entry.simpleKey) entry = this.#lookupText(key)
    if (entry === undefined) return undefined
    const nowMs = this.#clock.monotonicMs()
    return nowMs < entry.freshUntilMs && this.#mayServe(entry, nowMs) ? entry : undefined
  }

  /** An entry, fresh or stale, that holds at this moment; for stale serving and metadata. */
  find(storedKey: string): LocalEntry | undefined {
    const entry = this.tier.get(storedKey)
    if (entry === undefined) return undefined
    const nowMs = this.#clock.monotonicMs()
    return nowMs < entry.goneAtMs && this.#mayServe(entry, nowMs) ? entry : undefined
  }

  /** Whether entries can be kept: the tier knows where in the store's sequence it stands. */
  get ready(): boolean {
    return this.#source === undefined || this.#epoch !== undefined
  }

  /** Where the tier stands now; take it before the command whose reply is to be kept is sent. */
  position(): LocalPosition | undefined {
    return this.ready ? { epoch: this.#epoch, sequence: this.#applied.sequence } : undefined
  }

  /**
   * Keeps an entry, unless a change after the sequence that it reflects has been applied meanwhile, or the epoch
   * is no longer that of `position`.
   */
  put(storedKey: string, entry: LocalEntry, position: LocalPosition | undefined): void {
    if (entry.coherent) {
      if (position === undefined || position.epoch !== this.#epoch) return
      if (!this.#applied.permits(storedKey, entry)) return
    }
    this.tier.set(storedKey, entry)
  }

  drop(storedKey: string): void {
    this.tier.delete(storedKey)
  }

  /**
   * Takes a change that this process made and the store acknowledged. The tier does not advance by it, because
   * changes of other processes may lie before it; {@link sync} finds them.
   */
  noteOwn(epoch: string, invalidation: Invalidation): void {
    if (epoch !== this.#own?.epoch || invalidation.sequence > this.#own.sequence)
      this.#own = { epoch, sequence: invalidation.sequence }
    if (epoch !== this.#epoch) {
      this.reset()
      return
    }
    this.#applied.note(invalidation)
    // The store's log is bounded: a tier that falls too far behind would have to drop everything.
    if (invalidation.sequence - this.#applied.sequence > catchUpAfter) void this.sync()
  }

  /** Takes one message of a transport: drops what it names at once, and looks for what may have been lost. */
  receive(epoch: string, invalidation: Invalidation): void {
    if (epoch === this.#epoch) this.#applied.note(invalidation)
    if (this.ready) void this.sync()
  }

  /** Brings the tier up to the store's present sequence. Never rejects; joins a run in progress. */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  /** Drops everything and forgets where it stood. */
  reset(): void {
    this.#epoch = undefined
    this.#lastSyncMs = this.#source ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    this.tier.clear()
  }

  #lookupText(key: CacheKey): LocalEntry | undefined {
    const text = this.#texts.of(key)
    return text === key ? undefined : this.tier.get(text)
  }

  #mayServe(entry: LocalEntry, nowMs: number): boolean {
    if (this.#source === undefined) return true
    if (!entry.coherent) return this.#applied.tagsHold(entry)
    const behindMs = nowMs - this.#lastSyncMs
    const { withinMs } = this.#source
    if (behindMs > withinMs / 2) void this.sync()
    return behindMs <= withinMs && this.#applied.tagsHold(entry)
  }

  async #sync(): Promise<void> {
    if (this.#source === undefined) return
    const sentMs = this.#clock.monotonicMs()
    try {
      const reply = await this.#source.store.changesSince(this.#stamp())
      if (reply.kind === 'reset') this.#adopt(reply.stamp)
      else for (const invalidation of reply.invalidations) this.#applied.apply(invalidation)
      this.#lastSyncMs = sentMs
    } catch (error) {
      this.#source.onSyncError(error)
    }
  }

  #stamp(): Stamp | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, sequence: this.#applied.sequence }
  }

  #adopt(stamp: Stamp): void {
    this.tier.clear()
    this.#epoch = stamp.epoch
    const own = this.#own?.epoch === stamp.epoch ? this.#own.sequence : 0
    this.#applied.restart(stamp.sequence, own)
  }
}
