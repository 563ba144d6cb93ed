import type { EvictionReason, FillRefusal } from '@cache/ports'
import { LatencyHistogram, type LatencySnapshot } from './latency-histogram.ts'

/** The counters of one cache. Plain fields: counting a hit is one addition. */
export class StatsCounters {
  localHits = 0
  aloneHits = 0
  storeHits = 0
  staleHits = 0
  misses = 0
  loads = 0
  loadErrors = 0
  joins = 0
  writes = 0
  deletes = 0
  keysDeleted = 0
  clears = 0
  tagInvalidations = 0
  errors = 0
  slowOperations = 0
  forgeries = 0
  denied = 0
  messages = 0
  syncs = 0
  publishFailures = 0
  readonly refusals: Record<FillRefusal, number> = { lease: 0, invalidated: 0, epoch: 0, version: 0 }
  readonly evictions: Record<EvictionReason, number> = { entries: 0, bytes: 0, budget: 0, expired: 0 }
  readonly storeLatency: LatencyHistogram = new LatencyHistogram()
  readonly loadLatency: LatencyHistogram = new LatencyHistogram()

  reset(): void {
    Object.assign(this, zeroCounters)
    Object.assign(this.refusals, { lease: 0, invalidated: 0, epoch: 0, version: 0 })
    Object.assign(this.evictions, { entries: 0, bytes: 0, budget: 0, expired: 0 })
    this.storeLatency.reset()
    this.loadLatency.reset()
  }

  snapshot(facts: StatsFacts): CacheStats {
    const hits = this.localHits + this.storeHits
    const { storeLatency, loadLatency, refusals, evictions, ...counters } = this
    return {
      ...counters,
      ...facts,
      hits,
      hitRate: ratio(hits, hits + this.misses),
      localShare: ratio(this.localHits, hits + this.misses),
      refusals: { ...refusals },
      evictions: { ...evictions },
      storeLatency: storeLatency.snapshot(),
      loadLatency: loadLatency.snapshot(),
    }
  }
}

const zeroCounters = {
  localHits: 0,
  aloneHits: 0,
  storeHits: 0,
  staleHits: 0,
  misses: 0,
  loads: 0,
  loadErrors: 0,
  joins: 0,
  writes: 0,
  deletes: 0,
  keysDeleted: 0,
  clears: 0,
  tagInvalidations: 0,
  errors: 0,
  slowOperations: 0,
  forgeries: 0,
  denied: 0,
  messages: 0,
  syncs: 0,
  publishFailures: 0,
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** What is measured at the moment of the snapshot. */
export interface StatsFacts {
  readonly cache: string
  readonly localEntries: number
  readonly localBytes: number
  /** Milliseconds since the cache was defined or its counters were reset. */
  readonly uptimeMs: number
}

/** A snapshot of one cache's counters. */
export interface CacheStats extends StatsFacts {
  /** `localHits + storeHits`; stale hits are among them. */
  readonly hits: number
  readonly localHits: number
  /** Answers of L1 past its bound, while the backend was away; only with `l1.aloneFor`. */
  readonly aloneHits: number
  readonly storeHits: number
  readonly staleHits: number
  readonly misses: number
  /** Hits per read, 0–1. */
  readonly hitRate: number
  /** Reads served by L1 per read, 0–1. */
  readonly localShare: number
  readonly loads: number
  readonly loadErrors: number
  /** Calls that waited for a load that another call of this process had begun. */
  readonly joins: number
  readonly writes: number
  readonly deletes: number
  readonly keysDeleted: number
  readonly clears: number
  readonly tagInvalidations: number
  /** Failed calls to the backend, and payloads that could not be read. */
  readonly errors: number
  readonly slowOperations: number
  /** Entries that did not open because they were altered, moved, forged or put back; they were deleted. */
  readonly forgeries: number
  /** Calls that the access rules or a handle refused. */
  readonly denied: number
  /** Invalidations that a transport brought from other processes, or from this one. */
  readonly messages: number
  /** Questions of L1 for the store's changes: few where messages come in order. */
  readonly syncs: number
  /** Messages that the transport did not take: other processes found the change in the store's log. */
  readonly publishFailures: number
  /** Fills that were refused because an invalidation won. */
  readonly refusals: Readonly<Record<FillRefusal, number>>
  readonly evictions: Readonly<Record<EvictionReason, number>>
  readonly storeLatency: LatencySnapshot
  readonly loadLatency: LatencySnapshot
}
