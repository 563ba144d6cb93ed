import { CacheError } from '@cache/ports'
import type {
  AcquireReply,
  Change,
  ChangeOutcome,
  ChangeReply,
  ChangesReply,
  Clock,
  Condition,
  EntryStore,
  FillRefusal,
  FillReply,
  Lease,
  LeaseEnd,
  LeaseRequest,
  LocalEntry,
  LocalTier,
  NewEntry,
  ReadReply,
  ScanPage,
  ScanRequest,
  Stamp,
  Step,
} from '@cache/ports'
import type { CacheHistory } from './cache-history.ts'
import { moveState, retimed, stateEntry, storedEntry, writtenEntry } from './entry-times.ts'
import { KeyScan } from './key-scan.ts'
import type { VersionEntries } from './version-entries.ts'

/** What the stores of one backend share. */
export interface MemoryState {
  clock: Clock
  closed: boolean
}

/**
 * The entries of one version of one cache. Every method does its work before it returns, so each is one atomic
 * step; the promises only satisfy the port.
 */
export class MemoryStore implements EntryStore {
  readonly payloads = 'live'
  readonly #entries: VersionEntries
  readonly #history: CacheHistory
  readonly #state: MemoryState
  readonly #scan: KeyScan

  constructor(entries: VersionEntries, history: CacheHistory, state: MemoryState) {
    this.#entries = entries
    this.#history = history
    this.#state = state
    this.#scan = new KeyScan(entries)
  }

  get local(): LocalTier {
    return this.#entries.tier
  }

  async read(keys: readonly string[]): Promise<ReadReply> {
    const nowMs = this.#now()
    const entries = keys.map((key) => {
      const entry = this.#entries.live(key, nowMs)
      return entry && storedEntry(entry, nowMs)
    })
    return { entries, stamp: this.#history.stamp }
  }

  async acquire(key: string, request: LeaseRequest): Promise<AcquireReply> {
    const nowMs = this.#now()
    const live = this.#entries.live(key, nowMs)
    if (!live) return this.#acquireMissing(key, request, nowMs)
    const entry = storedEntry(live, nowMs)
    if (entry.freshForMs > 0 && !request.refresh) return { kind: 'hit', entry, stamp: this.#history.stamp }
    const note = this.#entries.leases.find(key, nowMs)
    if (note) return { kind: 'stale', entry, because: note.kind === 'throttle' ? 'throttled' : 'loading' }
    return { kind: 'stale', entry, lease: this.#grant(key, request, nowMs) }
  }

  async renew(key: string, lease: Lease, leaseMs: number): Promise<boolean> {
    const nowMs = this.#now()
    if (!this.#holds(key, lease, nowMs)) return false
    const { token, sequence } = lease
    this.#entries.leases.put(key, { kind: 'lease', token, sequence, untilMs: nowMs + leaseMs }, nowMs)
    return true
  }

  async fill(key: string, lease: Lease, entry: NewEntry): Promise<FillReply> {
    const nowMs = this.#now()
    const held = this.#holds(key, lease, nowMs)
    if (held) this.#entries.leases.end(key)
    const reason = this.#fillRefusal(key, entry, { lease, held, nowMs })
    if (reason) return { accepted: false, reason }
    this.#write(key, writtenEntry(key, entry, lease.sequence, nowMs), nowMs)
    return { accepted: true, stamp: this.#history.stamp }
  }

  async release(key: string, lease: Lease, end: LeaseEnd): Promise<boolean> {
    const nowMs = this.#now()
    if (!this.#holds(key, lease, nowMs)) return false
    const { leases } = this.#entries
    leases.end(key)
    if (end.kind === 'free') return true
    if (end.kind === 'unstored' && !this.#history.tags.holdSince(end.tags, lease.sequence)) return false
    leases.put(key, { kind: end.kind, untilMs: nowMs + end.forMs }, nowMs)
    return true
  }

  async change(changes: readonly Change[]): Promise<ChangeReply> {
    const nowMs = this.#now()
    const outcomes = changes.map((change) => this.#apply(change, nowMs))
    return { outcomes, stamp: this.#history.stamp }
  }

  async scan(request: ScanRequest): Promise<ScanPage> {
    return this.#scan.page(request, this.#now())
  }

  /** Entries that are gone count until something finds or purges them. */
  async count(): Promise<number> {
    this.#now()
    return this.#entries.tier.size
  }

  async changesSince(stamp: Stamp | undefined): Promise<ChangesReply> {
    this.#now()
    return this.#history.changesSince(stamp)
  }

  async purge(limit: number): Promise<number> {
    return this.#entries.purge(limit, this.#now())
  }

  /** Answers at once; the state stays as it is between two steps. */
  step<S, I, O>(key: string, step: Step<S, I, O>, input: I): O {
    const nowMs = this.#now()
    const entry = this.#entries.live(key, nowMs)
    const { output, state, keptForMs } = step.run(entry?.payload as S | undefined, input, nowMs)
    if (state === undefined) return output
    if (!(keptForMs > 0)) this.#entries.tier.delete(key)
    else if (entry) moveState(entry, state, nowMs + keptForMs)
    else this.#entries.tier.set(key, stateEntry(state, nowMs + keptForMs, step.maxBytes))
    return output
  }

  leaseEnded(key: string, withinMs: number): Promise<void> {
    const { clock, closed } = this.#state
    if (closed) return Promise.resolve()
    return this.#entries.leases.ended(key, (end) => clock.setTimer(withinMs, end))
  }

  #now(): number {
    if (this.#state.closed) throw new CacheError('CLOSED', 'The memory backend was closed')
    return this.#state.clock.monotonicMs()
  }

  #acquireMissing(key: string, request: LeaseRequest, nowMs: number): AcquireReply {
    const note = this.#entries.leases.find(key, nowMs)
    if (note?.kind === 'unstored') return { kind: 'unstored' }
    if (note?.kind === 'lease') return { kind: 'wait', remainingMs: note.untilMs - nowMs }
    return { kind: 'lease', lease: this.#grant(key, request, nowMs) }
  }

  #grant(key: string, { token, leaseMs }: LeaseRequest, nowMs: number): Lease {
    const { epoch, sequence } = this.#history
    this.#entries.leases.put(key, { kind: 'lease', token, sequence, untilMs: nowMs + leaseMs }, nowMs)
    return { token, epoch, sequence }
  }

  #holds(key: string, lease: Lease, nowMs: number): boolean {
    return lease.epoch === this.#history.epoch && this.#entries.leases.holds(key, lease, nowMs)
  }

  #fillRefusal(
    key: string,
    entry: NewEntry,
    { lease, held, nowMs }: { readonly lease: Lease; readonly held: boolean; readonly nowMs: number },
  ): FillRefusal | undefined {
    if (lease.epoch !== this.#history.epoch) return 'epoch'
    if (!held) return 'lease'
    if (!this.#history.tags.holdSince(entry.tags, lease.sequence)) return 'invalidated'
    return isOlder(entry, this.#entries.live(key, nowMs)) ? 'version' : undefined
  }

  #apply(change: Change, nowMs: number): ChangeOutcome {
    switch (change.kind) {
      case 'set':
        return this.#set(change, nowMs)
      case 'delete':
        return this.#delete(change, nowMs)
      case 'expire':
        return this.#expire(change, nowMs)
      case 'tags':
        this.#history.changeTags(change.tags)
        return 'applied'
      default:
        this.#history.clear()
        return 'applied'
    }
  }

  #set({ key, entry, when }: Extract<Change, { kind: 'set' }>, nowMs: number): ChangeOutcome {
    const present = this.#entries.live(key, nowMs)
    if (!holds(when, present)) return 'conflict'
    if (isOlder(entry, present)) return 'older'
    this.#history.changeKey(key, this.#entries)
    this.#write(key, writtenEntry(key, entry, this.#history.sequence, nowMs), nowMs)
    return 'applied'
  }

  /** An unconditional delete of nothing is still told: local tiers elsewhere may hold what was evicted here. */
  #delete({ key, when }: Extract<Change, { kind: 'delete' }>, nowMs: number): ChangeOutcome {
    const present = this.#entries.live(key, nowMs)
    if (!present && when) return 'absent'
    if (!holds(when, present)) return 'conflict'
    this.#history.changeKey(key)
    return present ? 'applied' : 'absent'
  }

  #expire(change: Extract<Change, { kind: 'expire' }>, nowMs: number): ChangeOutcome {
    const { key, when } = change
    const present = this.#entries.live(key, nowMs)
    if (!present) return 'absent'
    if (!holds(when, present)) return 'conflict'
    this.#history.changeKey(key, this.#entries)
    const entry = retimed(present, change, nowMs)
    this.#write(key, writtenEntry(key, entry, this.#history.sequence, nowMs), nowMs)
    return 'applied'
  }

  /** Keeps an entry, or only drops what was there when it is already gone. */
  #write(key: string, entry: LocalEntry, nowMs: number): void {
    if (entry.goneAtMs > nowMs) this.#entries.tier.set(key, entry)
    else this.#entries.tier.delete(key)
  }
}

function holds(when: Condition | undefined, present: LocalEntry | undefined): boolean {
  if (!when) return true
  return when.kind === 'absent' ? present === undefined : present?.revision === when.revision
}

function isOlder(entry: NewEntry, present: LocalEntry | undefined): boolean {
  return entry.version !== undefined && present?.version !== undefined && entry.version < present.version
}
