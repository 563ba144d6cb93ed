import { isCacheError, type Clock, type EntryStore, type NewEntry } from '@cache/ports'
import type { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import { channels } from '../events/channels.ts'
import { checkedTags } from '../keys/tags.ts'
import type { RefusedRefreshes } from '../loading/refused-refreshes.ts'
import type { StatsCounters } from '../stats/cache-stats.ts'
import type { CachePolicy } from './cache-options.ts'
import type { LocalCache } from './local-cache.ts'
import type { NewFacts, Packed, Packer } from './packer.ts'

/** What the parts of one cache share. */
export interface CacheContext<V> {
  readonly prefix: string
  readonly name: string
  readonly policy: CachePolicy<V>
  readonly store: EntryStore
  /** L1, or the tier of a backend that lives in this process. */
  readonly local: LocalCache | undefined
  readonly packer: Packer
  readonly stats: StatsCounters
  readonly clock: Clock
  readonly refusedRefreshes: RefusedRefreshes
  /** Of the loaders, where the cache has one. */
  readonly loaderBreaker: CircuitBreaker | undefined
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** A new identifier: 64 random bits or more, never repeated. */
  readonly newId: () => string
  /** The bound that entries loaded while the backend is away live for. */
  readonly withinMs: number
  /** How many keys one step may concern. */
  readonly steps: { readonly scanCount: number; readonly pipelineSize: number }
}

/** The times of an entry about to be written. */
export interface EntryTimes {
  readonly freshForMs: number
  readonly keptForMs: number
  readonly ageMs: number
  readonly loadMs: number
}

/** What the caller of a write decides beside the value. */
export interface EntryAttributes {
  readonly tags: readonly string[]
  readonly version: number | undefined
}

/** The entry to write, in the form that the cache's store takes. */
export function newEntry<V>(
  context: CacheContext<V>,
  storedKey: string,
  value: V | undefined,
  details: EntryTimes & EntryAttributes,
): NewEntry {
  const revision = context.newId()
  const { freshForMs, keptForMs, ageMs, loadMs, tags, version } = details
  const facts = { key: storedKey, revision, version, tags: checkedTags(tags), freshForMs, keptForMs }
  const { payload, format, sizeBytes } = packFor(context, value, facts)
  return { payload, format, sizeBytes, freshForMs, keptForMs, ageMs, loadMs, revision, version, tags }
}

function packFor<V>(context: CacheContext<V>, value: V | undefined, facts: NewFacts): Packed {
  const { packer, store } = context
  if (store.payloads === 'encoded') return packer.encode(value, facts)
  return packer.keep(value, () => packer.encode(value, facts))
}

/** Counts and publishes the outcome of a read. */
export function countRead<V>(
  context: CacheContext<V>,
  storedKey: string,
  outcome: 'l1-hit' | 'l2-hit' | 'stale-hit' | 'miss',
): void {
  const { stats } = context
  if (outcome === 'l1-hit') stats.localHits++
  else if (outcome === 'l2-hit') stats.storeHits++
  else if (outcome === 'miss') stats.misses++
  else {
    stats.staleHits++
    stats.storeHits++
  }
  if (channels['cache:read'].hasSubscribers) {
    channels['cache:read'].publish({ prefix: context.prefix, cache: context.name, outcome, key: storedKey })
  }
}

/** Publishes a failure that the caller of the cache does not see. */
export function reportFailure<V>(context: CacheContext<V>, operation: string, error: unknown): void {
  context.stats.errors++
  if (!channels['cache:failure'].hasSubscribers) return
  const code = isCacheError(error) ? error.code : 'UNKNOWN'
  channels['cache:failure'].publish({ prefix: context.prefix, cache: context.name, operation, code, error })
}
