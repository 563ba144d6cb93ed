import type { SuiteResult } from './result.ts'

/** A bound that a figure is held to. */
export interface Claim {
  readonly suite: string
  readonly figure: string
  /** What it says, for people. */
  readonly says: string
  readonly atLeast?: number
  readonly atMost?: number
  /** Also in the README. */
  readonly isHeadline?: boolean
}

export const claims: readonly Claim[] = [
  {
    suite: 'memory',
    figure: 'get_vs_awaited_map',
    says: 'an awaited hit in L1, to `await (async () => map.get(key))()`',
    atLeast: 0.8,
    isHeadline: true,
  },
  { suite: 'memory', figure: 'get_vs_awaited_map_100k', says: 'the same with 100,000 entries', atLeast: 0.8 },
  {
    suite: 'memory',
    figure: 'getOrLoad_vs_awaited_map',
    says: '`getOrLoad`, all hits, to the same',
    atLeast: 0.8,
  },
  {
    suite: 'memory',
    figure: 'getOrLoad_vs_awaited_map_100k',
    says: 'the same with 100,000 entries',
    atLeast: 0.8,
  },
  {
    suite: 'memory',
    figure: 'peek_vs_lru',
    says: 'a synchronous `peek`, to lru-cache with a TTL and an exact clock',
    atLeast: 0.8,
    isHeadline: true,
  },
  {
    suite: 'memory',
    figure: 'get_vs_bentocache',
    says: 'an awaited hit in L1, to bentocache with its default settings',
    atLeast: 8,
    isHeadline: true,
  },
  { suite: 'memory', figure: 'get_vs_bentocache_100k', says: 'the same with 100,000 entries', atLeast: 8 },
  {
    suite: 'metrics',
    figure: 'get_on_vs_off',
    says: 'a hit with metrics on, to one with them off',
    atLeast: 0.95,
  },
  {
    suite: 'sqlite',
    figure: 'get_vs_raw',
    says: 'a read from SQLite, to a prepared statement and `JSON.parse`',
    atLeast: 0.7,
    isHeadline: true,
  },
  { suite: 'sqlite', figure: 'getMany_vs_raw', says: '100 keys at a time, to 100 raw reads', atLeast: 0.7 },
  {
    suite: 'sqlite',
    figure: 'setMany_vs_raw_transaction',
    says: '100 entries at a time, to a raw transaction',
    atLeast: 0.7,
  },
  {
    suite: 'sqlite',
    figure: 'concurrent_set_vs_raw_autocommit',
    says: '64 writes in flight, to raw writes one by one',
    atLeast: 2,
    isHeadline: true,
  },
  {
    suite: 'sqlite',
    figure: 'get_vs_best_peer',
    says: 'a read from SQLite, to the fastest peer',
    atLeast: 4,
    isHeadline: true,
  },
  {
    suite: 'redis',
    figure: 'get_vs_raw',
    says: 'a read from Redis, to ioredis and `JSON.parse`',
    atLeast: 0.75,
    isHeadline: true,
  },
  { suite: 'redis', figure: 'get64_vs_raw', says: 'the same with 64 in flight', atLeast: 0.7 },
  { suite: 'redis', figure: 'getMany100_vs_raw_mget', says: '100 keys at a time, to MGET', atLeast: 0.6 },
  {
    suite: 'redis',
    figure: 'setMany100_vs_raw',
    says: '100 entries at a time, with coherence, to a pipeline of SET',
    atLeast: 0.7,
  },
  { suite: 'redis', figure: 'commands_per_hit', says: 'commands of a hit', atMost: 1 },
  {
    suite: 'redis',
    figure: 'commands_per_miss_with_fill',
    says: 'commands of a miss with its fill',
    atMost: 2,
  },
  {
    suite: 'valkey',
    figure: 'get_vs_raw',
    says: 'a read from Valkey, to iovalkey and `JSON.parse`',
    atLeast: 0.75,
  },
  { suite: 'valkey', figure: 'get64_vs_raw', says: 'the same with 64 in flight', atLeast: 0.7 },
  { suite: 'valkey', figure: 'getMany100_vs_raw_mget', says: '100 keys at a time, to MGET', atLeast: 0.6 },
  {
    suite: 'valkey',
    figure: 'setMany100_vs_raw',
    says: '100 entries at a time, with coherence, to a pipeline of SET',
    atLeast: 0.7,
  },
  {
    suite: 'tiered',
    figure: 'l1_share',
    says: 'reads that L1 over Redis serves, at 19 reads to one write of another process',
    atLeast: 0.93,
    isHeadline: true,
  },
  { suite: 'tiered', figure: 'l2_commands_saved', says: 'commands that it saves the server', atLeast: 0.87 },
  {
    suite: 'tiered',
    figure: 'stale_beyond_bound',
    says: 'reads staler than the bound',
    atMost: 0,
    isHeadline: true,
  },
  {
    suite: 'tiered-local',
    figure: 'l1_share',
    says: 'reads that L1 over SQLite serves, at 100 reads to one write of another process',
    atLeast: 0.98,
  },
  { suite: 'tiered-local', figure: 'stale_beyond_bound', says: 'reads staler than the bound', atMost: 0 },
  {
    suite: 'propagation',
    figure: 'redis_p99_ms',
    says: 'from a change to its end in another process, p99, pub/sub of Redis, ms',
    atMost: 3,
    isHeadline: true,
  },
  { suite: 'propagation', figure: 'valkey_p99_ms', says: 'the same, pub/sub of Valkey, ms', atMost: 3 },
  { suite: 'propagation', figure: 'zeromq_p99_ms', says: 'the same, ZeroMQ, ms', atMost: 3 },
  {
    suite: 'stampede',
    figure: 'loads',
    says: 'loads of a cold key for 1,000 callers in each of 8 processes',
    atMost: 1,
    isHeadline: true,
  },
  {
    suite: 'stampede',
    figure: 'loads_when_killed',
    says: 'the same where the first loader is killed',
    atMost: 2,
  },
  {
    suite: 'stampede',
    figure: 'takeover_after_lease_ms',
    says: 'how long after the lease the second begins, ms',
    atMost: 100,
  },
  {
    suite: 'crypto',
    figure: 'encrypt_vs_plain_gcm',
    says: 'to seal 512 bytes, in times of plain AES-256-GCM',
    atMost: 2,
    isHeadline: true,
  },
  {
    suite: 'crypto',
    figure: 'decrypt_vs_plain_gcm',
    says: 'to open them, in times of plain AES-256-GCM',
    atMost: 2.5,
  },
  { suite: 'crypto', figure: 'key_hash_us', says: 'a keyed hash of a key, µs', atMost: 3 },
  {
    suite: 'crypto',
    figure: 'encrypted_sqlite_get_vs_plain',
    says: 'an encrypted read from SQLite, to a plain one',
    atLeast: 0.4,
  },
  {
    suite: 'crypto',
    figure: 'mutations_accepted',
    says: 'altered envelopes that were accepted, of a million',
    atMost: 0,
    isHeadline: true,
  },
  {
    suite: 'crypto',
    figure: 'audit_read_us',
    says: 'what the audit adds to a read of a cache of secrets, µs',
    atMost: 3,
  },
  {
    suite: 'symbols',
    figure: 'bytes_per_row',
    says: 'bytes of an instrument, with all indexes',
    atMost: 130,
    isHeadline: true,
  },
  {
    suite: 'symbols',
    figure: 'lookups_per_s',
    says: 'look-ups a second',
    atLeast: 3_000_000,
    isHeadline: true,
  },
  { suite: 'symbols', figure: 'lookup_vs_nested_map', says: 'a look-up, to nested Maps', atLeast: 0.6 },
  {
    suite: 'symbols',
    figure: 'lookup_vs_concat_key_map',
    says: 'a look-up, to a Map with joined keys',
    atLeast: 1.5,
  },
  { suite: 'symbols', figure: 'search_p99_ms', says: 'a search, p99 of 200 mixed queries, ms', atMost: 2 },
  { suite: 'symbols', figure: 'snapshot_load_ms', says: 'from a file to the first look-up, ms', atMost: 40 },
  { suite: 'symbols', figure: 'import_ms', says: 'the import of a master, ms', atMost: 1500 },
  {
    suite: 'symbols',
    figure: 'import_max_block_ms',
    says: 'how long it holds the event loop at most, ms',
    atMost: 20,
  },
  { suite: 'symbols', figure: 'reachable_ratio', says: 'rows that look-ups find', atLeast: 1 },
  {
    suite: 'rate-limit',
    figure: 'memory_vs_rlf',
    says: 'an exact limit in memory, to rate-limiter-flexible',
    atLeast: 0.8,
  },
  {
    suite: 'rate-limit',
    figure: 'redis_vs_rlf',
    says: 'an exact limit on Redis, to rate-limiter-flexible',
    atLeast: 0.9,
  },
  {
    suite: 'rate-limit',
    figure: 'commands_per_lock',
    says: 'commands to take a lock and let go of it',
    atMost: 2,
  },
  {
    suite: 'migration',
    figure: 'entries_per_s',
    says: 'entries a second from SQLite to Redis',
    atLeast: 20_000,
  },
  { suite: 'app', figure: 'l1_share', says: 'quotes of the trading app served by L1', atLeast: 0.95 },
  {
    suite: 'app',
    figure: 'broker_calls_saved',
    says: 'calls to the broker that its caches save',
    atLeast: 0.87,
  },
  {
    suite: 'app',
    figure: 'search_200rps_p99_ms',
    says: 'a search over its HTTP API at 200 a second, p99, ms',
    atMost: 10,
  },
  {
    suite: 'app',
    figure: 'start_ms',
    says: 'from its start to the first answer with a kept master, ms',
    atMost: 1500,
  },
]

/** A claim beside what was measured. */
export interface JudgedClaim extends Claim {
  readonly measured: number
  readonly holds: boolean
}

/** Those that were measured. */
export function judged(results: ReadonlyMap<string, SuiteResult>): JudgedClaim[] {
  return claims.flatMap((claim) => {
    const measured = results.get(claim.suite)?.figures[claim.figure]
    if (measured === undefined || measured === null) return []
    const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = claim
    return [{ ...claim, measured, holds: measured >= atLeast && measured <= atMost }]
  })
}
