import type { CacheStats, LatencySnapshot } from '@cache/core'
import type { Reading } from './reading.ts'

/** Labels of one value. They are names of caches and words of closed lists, never keys. */
export type Labels = Readonly<Record<string, string>>

/** One measured value with its labels. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** A histogram's state, in seconds. */
export interface Distribution {
  readonly labels: Labels
  readonly count: number
  readonly sumSeconds: number
  /** How many took at most so many seconds, ascending. */
  readonly upTo: readonly (readonly [seconds: number, count: number])[]
}

interface Described {
  /** As Prometheus has it; OpenTelemetry's name follows from it. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** In OpenTelemetry's notation. */
  readonly unit: string
}

/** One metric. Its name and meaning here are the only ones. */
export type Definition = Described &
  (
    | { readonly kind: 'counter' | 'gauge'; readonly samples: (reading: Reading) => readonly Sample[] }
    | { readonly kind: 'histogram'; readonly distributions: (reading: Reading) => readonly Distribution[] }
  )

/** Every metric. */
export const definitions: readonly Definition[] = [
  counter('cache_hits_total', 'Reads that a tier answered.', ['tier'], (stats) => [
    [{ tier: 'l1' }, stats.localHits],
    [{ tier: 'l2' }, stats.storeHits],
  ]),
  counter(
    'cache_misses_total',
    'Reads that a tier was asked for and could not answer.',
    ['tier'],
    (stats) => [
      [{ tier: 'l1' }, stats.storeHits + stats.misses],
      [{ tier: 'l2' }, stats.misses],
    ],
  ),
  counter('cache_stale_hits_total', 'Hits that were past their fresh time.', [], one('staleHits')),
  counter(
    'cache_alone_hits_total',
    'Hits of L1 past its bound, while the backend was away.',
    [],
    one('aloneHits'),
  ),
  counter('cache_loads_total', 'Loaders that ran.', [], one('loads')),
  counter('cache_load_errors_total', 'Loaders that failed.', [], one('loadErrors')),
  counter('cache_load_joins_total', 'Calls that waited for a load of another call.', [], one('joins')),
  counter('cache_writes_total', 'Explicit writes.', [], one('writes')),
  counter('cache_deletes_total', 'Deletions.', [], one('deletes')),
  counter('cache_keys_deleted_total', 'Entries that deletions found.', [], one('keysDeleted')),
  counter('cache_clears_total', 'Times that a cache was cleared.', [], one('clears')),
  counter('cache_tag_invalidations_total', 'Invalidations by tag.', [], one('tagInvalidations')),
  counter(
    'cache_errors_total',
    'Failed calls to the backend, and entries that could not be read.',
    [],
    one('errors'),
  ),
  counter(
    'cache_slow_operations_total',
    'Calls to the backend beyond the threshold.',
    [],
    one('slowOperations'),
  ),
  counter(
    'cache_forgeries_total',
    'Sealed entries that were altered, moved, forged or put back, and deleted.',
    [],
    one('forgeries'),
  ),
  counter('cache_denied_total', 'Calls that access rules or handles refused.', [], one('denied')),
  counter('cache_messages_total', 'Invalidations that a transport brought.', [], one('messages')),
  counter('cache_syncs_total', 'Questions of L1 for the changes of the store.', [], one('syncs')),
  counter(
    'cache_publish_failures_total',
    'Invalidations that the transport did not take.',
    [],
    one('publishFailures'),
  ),
  counter('cache_fill_refusals_total', 'Loaded values that an invalidation kept out.', ['reason'], (stats) =>
    Object.entries(stats.refusals).map(([reason, count]) => [{ reason }, count]),
  ),
  counter('cache_evictions_total', 'Entries that a tier dropped by itself.', ['reason'], (stats) =>
    Object.entries(stats.evictions).map(([reason, count]) => [{ reason }, count]),
  ),
  gauge('cache_hit_rate', 'Hits per read since the start, 0 to 1.', '1', one('hitRate')),
  gauge('cache_local_share', 'Reads that L1 answered, per read, 0 to 1.', '1', one('localShare')),
  gauge('cache_local_entries', 'Entries in the memory of this process.', '{entry}', one('localEntries')),
  gauge('cache_local_bytes', 'Bytes in the memory of this process.', 'By', one('localBytes')),
  {
    name: 'cache_size_entries',
    kind: 'gauge',
    help: 'Entries that the backend holds.',
    labels: ['cache'],
    unit: '{entry}',
    samples: ({ sizes }) => Object.entries(sizes).map(([cache, value]) => ({ labels: { cache }, value })),
  },
  {
    name: 'cache_latency_ms',
    kind: 'gauge',
    help: 'Average duration of calls to the backend and of loads since the start.',
    labels: ['cache', 'operation'],
    unit: 'ms',
    samples: perCache(({ storeLatency, loadLatency }) => [
      [{ operation: 'backend' }, storeLatency.averageMs],
      [{ operation: 'load' }, loadLatency.averageMs],
    ]),
  },
  histogram('cache_backend_duration_seconds', 'Duration of calls to the backend.', 'storeLatency'),
  histogram('cache_load_duration_seconds', 'Duration of loads.', 'loadLatency'),
  {
    name: 'cache_failures_total',
    kind: 'counter',
    help: 'Failures that callers did not see, by what was done and why it failed.',
    labels: ['cache', 'operation', 'code'],
    unit: '{failure}',
    samples: ({ events }) => events.failures.samples,
  },
  {
    name: 'cache_breaker_state',
    kind: 'gauge',
    help: 'Circuit breaker: 0 closed, 1 half-open, 2 open.',
    labels: ['cache'],
    unit: '1',
    samples: ({ events, stats }) =>
      stats.caches.map(({ cache }) => ({ labels: { cache }, value: events.breakerState(cache) })),
  },
  {
    name: 'cache_breaker_openings_total',
    kind: 'counter',
    help: 'Times that a circuit breaker opened.',
    labels: ['cache'],
    unit: '{opening}',
    samples: ({ events }) => events.openings.samples,
  },
  {
    name: 'cache_reports_total',
    kind: 'counter',
    help: 'Things that an operator should know, by the part that said them.',
    labels: ['source'],
    unit: '{report}',
    samples: ({ events }) => events.reports.samples,
  },
  {
    name: 'cache_uptime_seconds',
    kind: 'gauge',
    help: 'Time since the start, or since the counters were reset.',
    labels: ['backend'],
    unit: 's',
    samples: ({ stats }) => [{ labels: { backend: stats.backend }, value: stats.uptimeMs / 1000 }],
  },
]

type Values = readonly (readonly [labels: Labels, value: number])[]

function counter(
  name: string,
  help: string,
  labels: readonly string[],
  values: (stats: CacheStats) => Values,
): Definition {
  return { name, help, kind: 'counter', labels: ['cache', ...labels], unit: '1', samples: perCache(values) }
}

function gauge(name: string, help: string, unit: string, values: (stats: CacheStats) => Values): Definition {
  return { name, help, kind: 'gauge', labels: ['cache'], unit, samples: perCache(values) }
}

function histogram(name: string, help: string, field: 'storeLatency' | 'loadLatency'): Definition {
  const distributions = ({ stats }: Reading): Distribution[] =>
    stats.caches.map((cache) => distribution(cache.cache, cache[field]))
  return { name, help, kind: 'histogram', labels: ['cache'], unit: 's', distributions }
}

function distribution(cache: string, { count, totalMs, upTo }: LatencySnapshot): Distribution {
  return {
    labels: { cache },
    count,
    sumSeconds: totalMs / 1000,
    upTo: upTo.map(([ms, each]) => [Number((ms / 1000).toPrecision(6)), each]),
  }
}

type Counted = {
  [Name in keyof CacheStats]: CacheStats[Name] extends number ? Name : never
}[keyof CacheStats]

function one(field: Counted): (stats: CacheStats) => Values {
  return (stats) => [[{}, stats[field]]]
}

function perCache(values: (stats: CacheStats) => Values): (reading: Reading) => Sample[] {
  return ({ stats }) =>
    stats.caches.flatMap((each) =>
      values(each).map(([labels, value]) => ({ labels: { cache: each.cache, ...labels }, value })),
    )
}
