import type { Clock, EntryStore, Invalidation, LocalTier, Stamp, Timer } from '@cache/ports'
import { Ahead, firstSequence } from './ahead.ts'
import { AppliedInvalidations } from './applied-invalidations.ts'

/** What a local tier needs to stay coherent with a store. */
export interface CoherenceSource {
  readonly store: EntryStore
  /**
   * The bound B: an entry is served only while the tier is known to be at most this far behind. With 0 the store is
   * asked at each look-up whether anything changed; it has to have `unchangedSince` then.
   */
  readonly withinMs: number
  /** Told of each question for the store's changes. */
  readonly onSync: () => void
  /** How much longer than the bound the tier answers while the store cannot be reached. */
  readonly aloneForMs: number
  /** Told of each answer past the bound. */
  readonly onAlone: () => void
  /** Takes what a transport has and has not delivered; called before an entry is looked up. */
  readonly poll: (() => void) | undefined
}

/** A moment in a store's history that a local tier has reached. */
export interface LocalPosition {
  readonly epoch: string | undefined
  readonly sequence: number
  /** How often somebody had touched entries in the store without a word of what was done. */
  readonly touches: number
}

/** Changes of this process after which the tier asks for those of others, however little it is read. */
const catchUpAfter = 256

/** A gap is given this long to close by itself, and no more than a share of the bound. */
const longestMomentMs = 5
const momentsInBound = 8

/** A repair that failed is tried again in steps that double up to this, while L1 is within its bound. */
const longestRetryMs = 1000

/**
 * Follows the history of a store for a local tier: applies the invalidations that come in order, repairs a gap from
 * the store's log, and knows the moment up to which nothing is missing. What it hears by messages only ever removes
 * entries; only the store's own answers move that moment.
 */
export class StoreFollower {
  /** Every change acknowledged before this moment is applied. */
  lastSyncMs: number = Number.NEGATIVE_INFINITY
  readonly applied: AppliedInvalidations
  readonly #tier: LocalTier
  readonly #clock: Clock
  readonly #source: CoherenceSource
  readonly #momentMs: number
  readonly #ahead = new Ahead()
  #epoch: string | undefined
  /** The latest that was known, also after a reset, and the one before it: its messages may still be under way. */
  #lastEpoch: string | undefined
  #formerEpoch: string | undefined
  /** Where the store stood after the latest change of this process: a reply from before it is not to hide it. */
  #own: Stamp | undefined
  /** What an answer said of the store, and when it was asked: counts once everything up to there is applied. */
  #awaited: { readonly sequence: number; readonly sentMs: number } | undefined
  /** The store did not answer when it was last asked. */
  #isAway = false
  /** Messages may have been lost without one that follows them. */
  #isDoubtful = false
  #gapSinceMs: number | undefined
  /** How long a repair waits after one that failed. */
  #retryMs = 0
  #timer: Timer | undefined
  #syncing: Promise<void> | undefined

  constructor(
    tier: LocalTier,
    clock: Clock,
    source: CoherenceSource,
    onInvalidated?: (count: number) => void,
  ) {
    this.#tier = tier
    this.#clock = clock
    this.#source = source
    this.#momentMs = Math.min(longestMomentMs, source.withinMs / momentsInBound)
    this.applied = new AppliedInvalidations(tier, onInvalidated)
  }

  /** Known since the first answer of the store, until something makes it doubtful. */
  get epoch(): string | undefined {
    return this.#epoch
  }

  /** Whether the store did not answer when it was last asked for its changes. */
  get isAway(): boolean {
    return this.#isAway
  }

  /** Takes an invalidation that a transport brought: late, twice, out of order or of another epoch as it may be. */
  receive(epoch: string, invalidation: Invalidation): void {
    if (this.#isOf(epoch)) this.#take(invalidation)
  }

  /**
   * Takes a change that this process made and the store acknowledged. Without an exact sequence the tier does not
   * advance by it, because changes of other processes may lie before it.
   */
  noteOwn(epoch: string, invalidation: Invalidation, isExact: boolean): void {
    const { sequence } = invalidation
    if (epoch !== this.#own?.epoch || sequence > this.#own.sequence) this.#own = { epoch, sequence }
    if (epoch !== this.#epoch) {
      this.reset()
      return
    }
    if (isExact) this.#take(invalidation)
    else this.applied.note(invalidation)
    // The store's log is bounded: a tier that falls too far behind would have to drop everything.
    if (sequence - this.applied.sequence > catchUpAfter) void this.sync()
  }

  /** Whether the tier has every change that anybody was told is done; where it has not, it asks for them. */
  isCurrent(): boolean {
    const stamp = this.#stamp()
    if (stamp !== undefined && this.#source.store.unchangedSince?.(stamp) === true) return true
    if (stamp !== undefined) void this.sync()
    return false
  }

  /** Takes what an answer to a command said of the store; `sentMs` is when the command was sent. */
  observe(stamp: Stamp, sentMs: number): void {
    if (!this.#isOf(stamp.epoch)) return
    if (stamp.sequence <= this.applied.sequence) {
      this.#advance(sentMs)
      return
    }
    this.#awaited ??= { sequence: stamp.sequence, sentMs }
    this.#noteGap()
  }

  /** Messages may have been lost: looks for them after a moment if the tier is in use, otherwise a read does. */
  repair(): void {
    if (this.#epoch === undefined) return
    this.#isDoubtful = true
    this.#noteGap()
  }

  /** Brings the tier up to the store's present sequence. Never rejects; joins a run in progress. */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined
      if (this.#hasGap) this.#noteGap()
    })
    return this.#syncing
  }

  /** Drops everything and forgets where it stood. */
  reset(): void {
    this.#epoch = undefined
    this.lastSyncMs = Number.NEGATIVE_INFINITY
    this.#forgetGap()
    this.#tier.clear()
  }

  /** Whether something is of the tier's own epoch; of one that it does not know, the tier starts over. */
  #isOf(epoch: string): boolean {
    if (epoch === this.#epoch) return true
    if (this.#epoch !== undefined && epoch !== this.#formerEpoch) {
      this.reset()
      void this.sync()
    }
    return false
  }

  #take(invalidation: Invalidation): void {
    const next = this.applied.sequence + 1
    if (invalidation.sequence < next) return
    if (firstSequence(invalidation) > next) {
      this.applied.note(invalidation)
      this.#ahead.add(invalidation)
      this.#noteGap()
      return
    }
    this.applied.apply(invalidation)
    this.#catchUp()
  }

  /** Applies what follows by now, and counts the answer that waited for it. */
  #catchUp(): void {
    if (this.#gapSinceMs === undefined) return
    for (;;) {
      const following = this.#ahead.take(this.applied.sequence + 1)
      if (!following) break
      this.applied.apply(following)
    }
    const awaited = this.#awaited
    if (awaited && awaited.sequence <= this.applied.sequence) {
      this.#awaited = undefined
      this.#advance(awaited.sentMs)
    }
    if (!this.#hasGap) this.#gapSinceMs = undefined
  }

  get #hasGap(): boolean {
    return this.#isDoubtful || this.#awaited !== undefined || !this.#ahead.isEmpty
  }

  #advance(sentMs: number): void {
    if (sentMs > this.lastSyncMs) this.lastSyncMs = sentMs
  }

  #noteGap(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#gapSinceMs ??= nowMs
    if (this.#timer || this.#syncing || nowMs - this.lastSyncMs > this.#source.withinMs) return
    this.#arm(Math.max(this.#momentMs, this.#retryMs))
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#timer = undefined
      if (this.#gapSinceMs === undefined || this.#epoch === undefined) return
      const waitedMs = this.#clock.monotonicMs() - this.#gapSinceMs
      if (waitedMs < this.#momentMs) this.#arm(this.#momentMs - waitedMs)
      else void this.sync()
    })
  }

  #forgetGap(): void {
    this.#ahead.clear()
    this.#awaited = undefined
    this.#isDoubtful = false
    this.#gapSinceMs = undefined
  }

  /** What was heard before the question is settled by the answer, whatever it claimed. */
  async #sync(): Promise<void> {
    const sentMs = this.#clock.monotonicMs()
    const stamp = this.#stamp()
    this.#source.onSync()
    const hadGap = this.#hasGap
    this.#forgetGap()
    try {
      const reply = await this.#source.store.changesSince(stamp)
      this.#isAway = false
      if (reply.kind === 'reset') this.#adopt(reply.stamp)
      else if (stamp?.epoch === this.#epoch) this.#applyAll(reply.invalidations, reply.stamp)
      else return
      this.#advance(sentMs)
      this.#retryMs = 0
    } catch {
      this.#isAway = true
      // The guarded store has counted and published the failure; L1 answers no longer than the bound.
      this.#isDoubtful = hadGap
      this.#retryMs = Math.min(longestRetryMs, Math.max(this.#momentMs, 2 * this.#retryMs))
    }
  }

  #applyAll(invalidations: readonly Invalidation[], { sequence }: Stamp): void {
    for (const invalidation of invalidations) this.applied.apply(invalidation)
    this.applied.reach(sequence)
    this.#ahead.dropUpTo(this.applied.sequence)
    this.#catchUp()
  }

  #stamp(): Stamp | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, sequence: this.applied.sequence }
  }

  #adopt({ epoch, sequence }: Stamp): void {
    this.#tier.clear()
    if (epoch !== this.#epoch) {
      this.#forgetGap()
      if (epoch !== this.#lastEpoch) this.#formerEpoch = this.#lastEpoch
    }
    this.#epoch = epoch
    this.#lastEpoch = epoch
    this.applied.restart(sequence, this.#own?.epoch === epoch ? this.#own.sequence : 0)
    this.#ahead.dropUpTo(sequence)
    this.#catchUp()
  }
}
