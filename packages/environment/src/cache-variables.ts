import type { VariableName, VariableValues } from './variable.ts'

/** Every environment variable of the caches, in the groups of the template. */
export const cacheVariables = {
  Backend: {
    CACHE_BACKEND: {
      kind: 'text',
      fallback: '',
      about: 'memory, sqlite, redis or valkey. Empty: chosen by itself.',
    },
    CACHE_AUTO_CONFIGURE: {
      kind: 'flag',
      fallback: 'true',
      about: 'Without CACHE_BACKEND: take a Redis or Valkey that answers, else SQLite. false: SQLite.',
    },
    CACHE_ENABLED: {
      kind: 'flag',
      fallback: 'true',
      about:
        'false: every read is a miss and loads store nothing; writes and invalidations still reach the backend.',
    },
    CACHE_KEY_PREFIX: { kind: 'prefix', fallback: 'tradecore', about: 'The first part of every key.' },
    CACHE_DEFAULT_TTL: { kind: 'seconds', fallback: '300', about: 'Time to live where a cache has none.' },
  },
  SQLite: {
    SQLITE_CACHE_PATH: { kind: 'text', fallback: 'db/cache', about: 'Directory of the cache files.' },
    SQLITE_DEFAULT_TTL: {
      kind: 'seconds',
      fallback: '3600',
      about: 'Time to live where a cache on SQLite has none; wins over CACHE_DEFAULT_TTL there.',
    },
    SQLITE_WAL_MODE: {
      kind: 'always',
      reason: 'the SQLite backend always writes ahead',
      fallback: 'true',
      about: 'Only true: the SQLite backend always writes ahead.',
    },
    SQLITE_VACUUM_INTERVAL: {
      kind: 'seconds',
      fallback: '86400',
      about: 'Time between returns of freed space to the disk.',
    },
  },
  'Redis and Valkey': {
    REDIS_HOST: { kind: 'text', fallback: 'localhost', about: 'Where the server is.' },
    REDIS_PORT: { kind: 'whole', from: 1, to: 65_535, fallback: '6379', about: 'Its port.' },
    REDIS_DB: { kind: 'whole', from: 0, to: 15, fallback: '0', about: 'Number of the database.' },
    REDIS_USERNAME: { kind: 'text', fallback: '', about: 'ACL user; empty for the default one.' },
    REDIS_PASSWORD: {
      kind: 'text',
      fallback: '',
      about: 'Password of the user; empty for none.',
      secret: true,
    },
    REDIS_POOL_SIZE: {
      kind: 'whole',
      from: 1,
      to: 1000,
      fallback: '10',
      about: 'Connections at most; commands share one, so fewer are used.',
    },
    REDIS_TIMEOUT: { kind: 'seconds', fallback: '5', about: 'Time that connecting may take.' },
    REDIS_TLS: { kind: 'flag', fallback: 'false', about: 'Encrypt the connection.' },
    REDIS_KEY_PREFIX: {
      kind: 'prefix',
      fallback: 'openalgo',
      about: 'The first part of every key on Redis and Valkey, where CACHE_KEY_PREFIX is not set.',
    },
    REDIS_SCAN_COUNT: {
      kind: 'whole',
      from: 1,
      to: 100_000,
      fallback: '100',
      about: 'Keys asked for in one step of a scan.',
    },
    REDIS_PIPELINE_MAX_SIZE: {
      kind: 'whole',
      from: 1,
      to: 100_000,
      fallback: '100',
      about: 'Keys read, written or deleted in one step at most.',
    },
  },
  Security: {
    CACHE_ENCRYPTION_ENABLED: {
      kind: 'flag',
      fallback: 'true',
      about: 'Encrypt the caches that hold secrets.',
    },
    CACHE_ENCRYPTED_NAMES: {
      kind: 'names',
      fallback: 'auth,api_keys,tokens',
      about: 'Caches that hold secrets, whatever their code says.',
    },
    CACHE_KEY_FILE: {
      kind: 'text',
      fallback: 'db/.cache_key',
      about: 'Where the keys are, mode 600; made on first use, and the same for all instances.',
    },
    CACHE_AUDIT_ENABLED: { kind: 'flag', fallback: 'false', about: 'Record who used which sensitive cache.' },
    CACHE_AUDIT_LOG_PATH: { kind: 'text', fallback: 'db/cache_audit.log', about: 'Where that is recorded.' },
  },
  Upkeep: {
    CACHE_CLEANUP_ON_STARTUP: {
      kind: 'flag',
      fallback: 'true',
      about: 'Remove expired entries two seconds after the start.',
    },
    CACHE_CLEANUP_BATCH_SIZE: {
      kind: 'whole',
      from: 1,
      to: 1_000_000,
      fallback: '1000',
      about: 'Expired entries removed in one step.',
    },
    CACHE_CLEANUP_INTERVAL_HOURS: {
      kind: 'hours',
      fallback: '6',
      about: 'Time between removals of expired entries.',
    },
    CACHE_CLEANUP_MAX_AGE_HOURS: {
      kind: 'hours',
      fallback: '24',
      about: 'The longest that an entry is kept past its time to live, to be served while its source fails.',
    },
  },
  'Clearing of trading caches': {
    CACHE_VB_CLEAR_ON_DISCONNECT: {
      kind: 'flag',
      fallback: 'true',
      about: 'Virtual broker: when its broker connection ends.',
    },
    CACHE_VB_CLEAR_ON_RESET: {
      kind: 'flag',
      fallback: 'true',
      about: 'Virtual broker: when an account is reset.',
    },
    CACHE_VB_CLEAR_ON_DELETE: {
      kind: 'flag',
      fallback: 'true',
      about: 'Virtual broker: when an account is deleted.',
    },
    CACHE_BROKER_CLEAR_ON_DISCONNECT: {
      kind: 'flag',
      fallback: 'true',
      about: 'Broker: when a connection ends.',
    },
    CACHE_BROKER_CLEAR_ON_AUTH_FAIL: {
      kind: 'flag',
      fallback: 'true',
      about: 'Broker: when the broker refuses the sign-in.',
    },
    CACHE_BROKER_AGGRESSIVE_CLEANUP: {
      kind: 'flag',
      fallback: 'true',
      about: 'Clearing a connection also clears what belongs to its broker as a whole.',
    },
  },
  Monitoring: {
    CACHE_STATS_ENABLED: { kind: 'flag', fallback: 'true', about: 'Show statistics.' },
    CACHE_METRICS_ENABLED: {
      kind: 'flag',
      fallback: 'true',
      about: 'Publish metrics for Prometheus or OpenTelemetry.',
    },
    CACHE_LOG_SLOW_OPS: { kind: 'flag', fallback: 'true', about: 'Log calls to the backend that are slow.' },
    CACHE_SLOW_OP_THRESHOLD_MS: { kind: 'milliseconds', fallback: '50', about: 'From when a call is slow.' },
    CACHE_LOG_HITS: { kind: 'flag', fallback: 'false', about: 'Log every hit.' },
    CACHE_LOG_MISSES: { kind: 'flag', fallback: 'true', about: 'Log every miss.' },
  },
  Debugging: {
    CACHE_DEBUG_MODE: {
      kind: 'flag',
      fallback: 'false',
      about: 'Log hits, misses, slow calls and hashed keys.',
    },
    CACHE_BYPASS_CACHE: { kind: 'flag', fallback: 'false', about: 'As CACHE_ENABLED=false.' },
    CACHE_FAKE_MISS_RATE: {
      kind: 'share',
      fallback: '0',
      about: 'Share of the reads that are made to miss.',
    },
    CACHE_LOG_KEYS: {
      kind: 'flag',
      fallback: 'false',
      about: 'Hits and misses are logged with a hash of their key.',
    },
  },
  Instances: {
    INSTANCE_ID: {
      kind: 'name',
      fallback: '',
      about: 'Needed with MULTI_INSTANCE_MODE, and different in each instance.',
    },
    INSTANCE_NAME: { kind: 'name', fallback: 'openalgo-default', about: 'For monitoring and logs.' },
    MULTI_INSTANCE_MODE: {
      kind: 'flag',
      fallback: 'false',
      about: 'Several instances share the caches: Redis or Valkey is then a must.',
    },
    SESSION_TYPE: {
      kind: 'word',
      words: ['filesystem', 'redis', 'valkey'],
      fallback: 'filesystem',
      about: 'Where sessions are kept. With MULTI_INSTANCE_MODE: redis.',
    },
    SESSION_REDIS_URL: {
      kind: 'serverUrl',
      fallback: '',
      about: 'Server of the sessions; empty: that of the caches.',
      secret: true,
      alias: 'SESSION_REDIS',
    },
  },
  'Caches of a trading app': {
    AUTH_CACHE_TTL: { kind: 'seconds', fallback: '43200', about: 'Broker tokens.' },
    SYMBOL_CACHE_TTL: { kind: 'seconds', forever: true, fallback: '0', about: 'Symbols; 0 for ever.' },
    SETTINGS_CACHE_TTL: { kind: 'seconds', fallback: '3600', about: 'Settings.' },
    BROKER_CACHE_TTL: { kind: 'seconds', fallback: '300', about: 'Names of brokers.' },
    STRATEGY_CACHE_TTL: { kind: 'seconds', fallback: '600', about: 'Strategies.' },
    API_KEY_CACHE_TTL: { kind: 'seconds', fallback: '36000', about: 'Verified API keys.' },
    SYMBOL_CACHE_PRELOAD: {
      kind: 'flag',
      fallback: 'true',
      about: 'Load the symbols at the start, not on their first use.',
    },
    SYMBOL_CACHE_REFRESH_INTERVAL: {
      kind: 'whole',
      from: 0,
      to: 604_800,
      fallback: '0',
      about: 'Time between refreshes of the symbols; 0 for none.',
      unit: 'seconds',
    },
  },
} as const

export type CacheVariableName = VariableName<typeof cacheVariables>

/** What the variables of the caches say: durations in milliseconds, switches as booleans. */
export type CacheVariableValues = VariableValues<typeof cacheVariables>
