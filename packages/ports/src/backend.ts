/**
 * The port between the engine and what stores entries.
 *
 * A backend holds one {@link EntryStore} for each cache. All times that cross the port are durations in
 * milliseconds relative to now, so that two machines never have to agree on a clock: the store adds them to its
 * own time when it writes and subtracts them when it reads.
 */
import type { Clock } from './clock.ts'
import type { LocalTier } from './local-tier.ts'
import type { RunStep } from './step.ts'

/** An encoded value: text stays text, so that stores with a text type need no copy. */
export type Payload = string | Uint8Array

/** The identity of a store's state and the number of its latest invalidation. */
export interface Stamp {
  /** A new epoch makes every older entry unreadable. */
  readonly epoch: string
  /**
   * Grows by at least one for each change; fills do not change it. It goes on growing where state was lost: a new
   * epoch begins at the microseconds of the wall clock since 1970 or at one more than before, whichever is more. So
   * it serves as a fencing token.
   */
  readonly sequence: number
}

/** What is written; the store takes the moment of the write as "now". */
export interface NewEntry {
  /** An encoded {@link Payload}; a store whose `payloads` is `'live'` also takes values as they are. */
  readonly payload: unknown
  /** How `payload` is to be read, 0–255; opaque to the store. */
  readonly format: number
  /** Bytes the entry counts for in limits. */
  readonly sizeBytes: number
  /** Fresh for this long; `Infinity` for ever. */
  readonly freshForMs: number
  /** Kept for this long, fresh or stale; at least `freshForMs`. */
  readonly keptForMs: number
  /** Age at the moment of the write: time since the load of it began. */
  readonly ageMs: number
  /** How long its load took, for refresh ahead; 0 for explicit writes. */
  readonly loadMs: number
  /** Unique to this write; compare-and-set tests it. */
  readonly revision: string
  /** The caller's own version: a write with a lower one than the stored entry's is refused. */
  readonly version: number | undefined
  readonly tags: readonly string[]
}

/** What is read. An entry that is gone, or void by epoch, clear or tag, is never returned. */
export interface StoredEntry {
  readonly payload: unknown
  readonly format: number
  readonly sizeBytes: number
  /** Remaining fresh time; 0 or less when stale. */
  readonly freshForMs: number
  /** Remaining time until it is gone; above 0. */
  readonly keptForMs: number
  readonly ageMs: number
  readonly loadMs: number
  readonly revision: string
  readonly version: number | undefined
  readonly tags: readonly string[]
  /** The sequence when it was written, or when its load was authorised. */
  readonly sequence: number
}

/** A reply to a read; a missing entry is `undefined`. */
export interface ReadReply {
  readonly entries: readonly (StoredEntry | undefined)[]
  /** Absent where a store would need a second step to know it. */
  readonly stamp?: Stamp | undefined
}

/** The right to load one key. Void after an invalidation of the key, of its tags or of the cache. */
export interface Lease {
  /** Random, 64 bits or more. */
  readonly token: string
  readonly epoch: string
  /** The sequence when the load was authorised (`s0`). */
  readonly sequence: number
}

/** Legal outcomes of {@link EntryStore.acquire}. */
export type AcquireReply =
  /** A fresh entry. */
  | { readonly kind: 'hit'; readonly entry: StoredEntry; readonly stamp?: Stamp | undefined }
  /** A stale entry; with the lease when it was free and is now the caller's, else with why it was not. */
  | {
      readonly kind: 'stale'
      readonly entry: StoredEntry
      readonly lease?: Lease | undefined
      readonly because?: 'loading' | 'throttled' | undefined
    }
  /** No entry: the caller is to load it. */
  | { readonly kind: 'lease'; readonly lease: Lease }
  /** Another loader holds the lease for `remainingMs` more. */
  | { readonly kind: 'wait'; readonly remainingMs: number }
  /** The last result was marked not to be stored: load without a lease and do not store. */
  | { readonly kind: 'unstored' }

/** How a lease is asked for. */
export interface LeaseRequest {
  readonly token: string
  readonly leaseMs: number
  /** Treat a fresh entry as stale: used by refresh ahead and by `maxAge`. */
  readonly refresh?: boolean | undefined
}

/** Why a fill was refused. */
export type FillRefusal =
  /** The lease ended, was taken over, or its key was invalidated. */
  | 'lease'
  /** One of the tags was invalidated, or the cache cleared, after the load began. */
  | 'invalidated'
  /** The store's epoch changed. */
  | 'epoch'
  /** The stored entry has a higher version of the caller's. */
  | 'version'

/** Legal outcomes of {@link EntryStore.fill}; the lease has ended in each of them. */
export type FillReply =
  | { readonly accepted: true; readonly stamp?: Stamp | undefined }
  | { readonly accepted: false; readonly reason: FillRefusal }

/** How a lease ends without a value. */
export type LeaseEnd =
  /** The next caller may load at once. */
  | { readonly kind: 'free' }
  /** Callers within `forMs` load in parallel, without a lease. `tags` are those the result would have had. */
  | { readonly kind: 'unstored'; readonly forMs: number; readonly tags: readonly string[] }
  /** No refresh of the stale entry is authorised within `forMs`, for any process. */
  | { readonly kind: 'throttle'; readonly forMs: number }

/** The state that a conditional change requires. */
export type Condition = { readonly kind: 'absent' } | { readonly kind: 'revision'; readonly revision: string }

/** One change. Each is one atomic step, advances the sequence when it applies and ends the leases it touches. */
export type Change =
  | {
      readonly kind: 'set'
      readonly key: string
      readonly entry: NewEntry
      readonly when?: Condition | undefined
    }
  | { readonly kind: 'delete'; readonly key: string; readonly when?: Condition | undefined }
  /** New remaining times for a live entry; `freshForMs` 0 makes it stale at once. */
  | {
      readonly kind: 'expire'
      readonly key: string
      readonly freshForMs: number
      readonly keptForMs: number
      readonly when?: Condition | undefined
    }
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
  | { readonly kind: 'clear' }

/** What became of one change. */
export type ChangeOutcome =
  | 'applied'
  /**
   * Nothing live under the key (`delete`, `expire`), whatever the condition. An unconditional `delete` still ends the
   * key's lease, advances the sequence and is told to others: their local tiers may hold what was evicted here.
   */
  | 'absent'
  /** The condition did not hold. */
  | 'conflict'
  /** The stored entry has a higher version of the caller's. */
  | 'older'

/** One outcome for each change, in order, and the stamp after the last. */
export interface ChangeReply {
  readonly outcomes: readonly ChangeOutcome[]
  readonly stamp: Stamp
  /**
   * The sequence of each change, `undefined` for one that took none. With it the changes are published and applied
   * as they are in the log; absent where a store does not know it, and others then find them in the log.
   */
  readonly sequences?: readonly (number | undefined)[] | undefined
}

/** What other processes are told of a change. Sequences have no gaps: each belongs to exactly one invalidation. */
export type Invalidation = {
  readonly sequence: number
  /** The first sequence that it covers, where one invalidation stands for several changes of keys. */
  readonly first?: number | undefined
} & (
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
  | { readonly kind: 'clear' }
)

/** Legal outcomes of {@link EntryStore.changesSince}. */
export type ChangesReply =
  /** Everything after the given stamp, in order and without a gap; often empty. */
  | { readonly kind: 'log'; readonly stamp: Stamp; readonly invalidations: readonly Invalidation[] }
  /** The epoch is another one or the log no longer reaches back: drop everything local. */
  | { readonly kind: 'reset'; readonly stamp: Stamp }

/** A page of keys. */
export interface ScanPage {
  readonly keys: readonly string[]
  /** Pass it back for the next page; absent on the last. */
  readonly cursor?: string | undefined
}

export interface ScanRequest {
  /** `'leases'`: keys whose lease is held, in place of those of entries; `tag` says nothing then. Default `'entries'`. */
  readonly of?: 'entries' | 'leases' | undefined
  /** Only keys that begin with this. */
  readonly prefix?: string | undefined
  /** Only entries that carry this tag and still hold it. */
  readonly tag?: string | undefined
  /** Keys per page, a hint. */
  readonly limit: number
  readonly cursor?: string | undefined
}

/**
 * The entries of one cache. Every method is one atomic step and, for a remote store, one round trip. It rejects
 * with a `CacheError` whose code says whether the backend was unreachable, closed, full, read-only, locked or
 * corrupt; a miss is never an error.
 */
export interface EntryStore {
  /** `'live'`: in this process, keeps values as they are; `'encoded'`: takes a {@link Payload} only. */
  readonly payloads: 'live' | 'encoded'
  /** The store's own local tier, where the store itself lives in this process. */
  readonly local?: LocalTier | undefined
  /** Fresh and stale entries alike; order and length follow `keys`. */
  read(keys: readonly string[]): Promise<ReadReply>
  acquire(key: string, request: LeaseRequest): Promise<AcquireReply>
  /** Prolongs a lease; `false` when it is no longer the caller's. */
  renew(key: string, lease: Lease, leaseMs: number): Promise<boolean>
  fill(key: string, lease: Lease, entry: NewEntry): Promise<FillReply>
  /**
   * Ends a lease without a value. `false` when it was no longer the caller's, and nothing was done; for `unstored`
   * also when a fill with its tags would have been refused, and the lease has ended without a marker.
   */
  release(key: string, lease: Lease, end: LeaseEnd): Promise<boolean>
  /** Applies changes in order; not one transaction, unless the backend says so. */
  change(changes: readonly Change[]): Promise<ChangeReply>
  /** Live keys; those added or removed during the scan may or may not appear. */
  scan(request: ScanRequest): Promise<ScanPage>
  /** Number of live entries; `O(1)` where the store counts them, else an estimate it documents. */
  count(): Promise<number>
  changesSince(stamp: Stamp | undefined): Promise<ChangesReply>
  /** Removes up to `limit` entries that are gone; resolves with how many were. */
  purge(limit: number): Promise<number>
  /**
   * Optional: runs a `Step` where the state lies, atomically and in one round trip. The states of steps live in
   * stores that hold nothing else; they have no tags, take no leases and are told to nobody. Answers without a promise
   * only where the store has a local tier.
   */
  readonly step?: RunStep | undefined
  /**
   * Whether nothing that the store acknowledged, to whomever, lies after the stamp; told at once, by the store itself.
   * Also `false` where it can't tell. Lets L1 answer within a bound of 0; absent where it would cost a round trip.
   */
  readonly unchangedSince?: ((stamp: Stamp) => boolean) | undefined
  /**
   * Resolves when the lease on a key may have ended, and after `withinMs` at the latest. Never rejects. Absent where
   * those who wait can only ask again.
   */
  readonly leaseEnded?: ((key: string, withinMs: number) => Promise<void>) | undefined
}

/** What a store is opened with. */
export interface StoreOptions {
  /** The cache's name, `segment(:segment)*`. */
  readonly cache: string
  /** The cache's schema version: entries of another one are never read, and are invalidated together. */
  readonly version: number
  readonly maxEntries: number
  readonly maxBytes: number
  /** Told of entries that the store dropped by itself. */
  readonly onEvict: (event: Eviction) => void
}

/** Why a store dropped an entry by itself. */
export type EvictionReason =
  /** The cache's limit on entries. */
  | 'entries'
  /** The cache's limit on bytes. */
  | 'bytes'
  /** The process's limit on bytes. */
  | 'budget'
  /** Past the time it was kept for. */
  | 'expired'

export interface Eviction {
  readonly count: number
  readonly reason: EvictionReason
}

/** Declared by the backend, never inferred; the contract suite obeys only these. */
export interface BackendCapabilities {
  /** Who sees the same entries. */
  readonly shared: 'process' | 'host' | 'network'
  /** Entries survive a restart of the process. */
  readonly persistent: boolean
  /** Calls block the event loop and end before they return, so that a timeout would be of no use. */
  readonly blocking: boolean
  /** `change` with several changes applies all or none of them; each still has its own outcome. */
  readonly transactional: boolean
  /** Each change is published by the store itself, in the same step, for transports that carry what stores publish. */
  readonly publishes?: boolean | undefined
}

export interface BackendHealth {
  readonly healthy: boolean
  /** Facts for an operator: versions, memory, paths; never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean>>
  /** Dangerous settings, each with its mend. */
  readonly warnings: readonly string[]
}

/** A backend: memory, sqlite, redis, valkey or your own. */
export interface CacheBackend {
  readonly name: string
  readonly capabilities: BackendCapabilities
  /** Connects and checks; called once, before any store is used. */
  start(context: BackendContext): Promise<void>
  /** The store of one cache; the same object for the same cache and version. Does no I/O. */
  store(options: StoreOptions): EntryStore
  /** The names of all caches that hold state here, also those of other processes. */
  cacheNames(): Promise<readonly string[]>
  health(): Promise<BackendHealth>
  /** Idempotent; nothing of it runs afterwards and every later call rejects with `CLOSED`. */
  close(): Promise<void>
}

/** What the engine gives a backend at its start. */
export interface BackendContext {
  /** The first part of every key. */
  readonly prefix: string
  readonly clock: Clock
  /** For facts an operator should see: a corrupt file set aside, a server that restarted. */
  readonly report: (message: string, error?: unknown) => void
}
