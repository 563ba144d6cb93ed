import {
  cacheVariables,
  type Reader,
  type Variable,
  type VariableName as NameIn,
  type VariableValues,
} from '@cache/environment'

import { cacheNames, databaseUrl, publicUrl, rate, speed, timeOfDay } from './readers.ts'

const { Backend, SQLite, Security, Upkeep, Monitoring, Debugging, Instances } = cacheVariables
const { 'Redis and Valkey': Servers, 'Caches of a trading app': TradingCaches } = cacheVariables
const { REDIS_KEY_PREFIX: _, ...ServerVariables } = Servers

/** A setting of this app alone, in a form of its own. */
function custom<T>(fallback: string, read: Reader<T>, about: string, more: { readonly secret?: true } = {}) {
  return { kind: 'custom', fallback, read, about, ...more } as const satisfies Variable
}

function text(fallback: string, about: string) {
  return { kind: 'text', fallback, about } as const satisfies Variable
}

/** Every setting, in the groups of the template: those of the caches as the packages declare them. */
export const variableGroups = {
  Server: {
    HOST: text('127.0.0.1', 'Address to listen on. 0.0.0.0 lets other machines in.'),
    PORT: {
      kind: 'whole',
      from: 0,
      to: 65_535,
      fallback: '5000',
      about: 'Port to listen on. 0 takes any that is free.',
    },
    PUBLIC_URL: custom(
      '',
      publicUrl,
      'Address that browsers use, if a proxy stands in front. With https, cookies are sent over https only.',
    ),
    TRUSTED_PROXIES: text(
      'loopback',
      'Whose word on the client address counts, where PUBLIC_URL is set: loopback, uniquelocal, or addresses, joined by commas.',
    ),
    WEBSOCKET_PORT: {
      kind: 'whole',
      from: 0,
      to: 65_535,
      fallback: '0',
      about: "Another port for the feed, as OpenAlgo's 8765. 0: only at /ws of the app's own port.",
    },
    WS_AUTH_GRACE_SECONDS: {
      kind: 'seconds',
      fallback: '15',
      about: 'Time in which a connection of the feed must send its API key.',
    },
    WS_MAX_CONNECTIONS: {
      kind: 'whole',
      from: 1,
      to: 100_000,
      fallback: '2000',
      about: 'Connections of the feed at one time; more are refused with status 503.',
    },
    LOG_LEVEL: {
      kind: 'word',
      words: ['auto', 'debug', 'info', 'warn', 'error', 'silent'],
      fallback: 'auto',
      about: 'auto: warnings and errors on a terminal, info elsewhere.',
    },
  },
  Data: {
    DATA_DIR: text('', 'Where everything is kept. Empty: db in the repository.'),
    DATABASE_URL: custom(
      '',
      databaseUrl,
      'postgres://user:password@host:5432/name. Empty: app.db, SQLite, in DATA_DIR.',
      { secret: true },
    ),
    INSTRUMENTS_FILE: text(
      '',
      "A broker's instrument master, plain or gzip. Empty: an invented market of 142,338 instruments.",
    ),
  },
  Broker: {
    BROKER_URL: custom(
      '',
      publicUrl,
      'Address of a simulated broker that runs elsewhere. Empty: one is started with the app.',
    ),
    TICKS_FILE: text(
      '',
      'A recorded session that the started broker replays (CSV, plain or .gz). Empty: an invented market.',
    ),
    TICKS_SPEED: custom('1', speed, 'How much faster than it was the session is replayed.'),
  },
  Sessions: {
    SESSION_EXPIRY_TIME: custom(
      '03:00',
      timeOfDay,
      'Time of day in Asia/Kolkata at which sessions and broker tokens end.',
    ),
  },
  Caches: {
    CACHE_BACKEND: {
      kind: 'word',
      words: ['auto', 'sqlite', 'memory', 'redis', 'valkey'],
      fallback: 'auto',
      about:
        'auto: sqlite, or with MULTI_INSTANCE_MODE a server that answers. memory forgets all on a restart.',
    },
    CACHE_ENABLED: Backend.CACHE_ENABLED,
    CACHE_KEY_PREFIX: { ...Backend.CACHE_KEY_PREFIX, fallback: 'trading' },
    SQLITE_CACHE_PATH: text('', 'Directory of the cache files. Empty: cache in DATA_DIR.'),
    SQLITE_DEFAULT_TTL: SQLite.SQLITE_DEFAULT_TTL,
    SQLITE_VACUUM_INTERVAL: SQLite.SQLITE_VACUUM_INTERVAL,
    SETTINGS_CACHE_TTL: TradingCaches.SETTINGS_CACHE_TTL,
    API_KEY_CACHE_TTL: TradingCaches.API_KEY_CACHE_TTL,
    BROKER_CACHE_TTL: TradingCaches.BROKER_CACHE_TTL,
    STRATEGY_CACHE_TTL: TradingCaches.STRATEGY_CACHE_TTL,
  },
  'Redis and Valkey': ServerVariables,
  Secrets: {
    APP_KEY_FILE: text(
      '',
      'The key of this installation, the same for all instances. Empty: .app_key in DATA_DIR.',
    ),
    CACHE_KEY_FILE: text(
      '',
      'The keys of the caches, the same for all instances. Empty: .cache_key in DATA_DIR.',
    ),
    CACHE_AUDIT_ENABLED: { ...Security.CACHE_AUDIT_ENABLED, fallback: 'true' },
    CACHE_AUDIT_READS: custom(
      'auth, feed-tokens',
      cacheNames,
      'Whose reads are recorded as well: sensitive caches, by names or patterns; none; or all.',
    ),
    CACHE_AUDIT_LOG_PATH: text('', 'Where that is recorded. Empty: cache-audit.log in DATA_DIR.'),
  },
  'Upkeep of the caches': Upkeep,
  'Watching the caches': {
    CACHE_LOG_SLOW_OPS: { ...Monitoring.CACHE_LOG_SLOW_OPS, fallback: 'false' },
    CACHE_SLOW_OP_THRESHOLD_MS: Monitoring.CACHE_SLOW_OP_THRESHOLD_MS,
    CACHE_LOG_HITS: Monitoring.CACHE_LOG_HITS,
    CACHE_LOG_MISSES: { ...Monitoring.CACHE_LOG_MISSES, fallback: 'false' },
    ...Debugging,
  },
  Telegram: {
    TELEGRAM_BOT_TOKEN: {
      kind: 'text',
      fallback: '',
      about: 'Token of the bot that people link their chats to. Empty: no bot.',
      secret: true,
    },
    TELEGRAM_API_ROOT: text('https://api.telegram.org', 'Where the Bot API is.'),
  },
  Symbols: {
    SYMBOL_CACHE_PRELOAD: TradingCaches.SYMBOL_CACHE_PRELOAD,
    SYMBOL_CACHE_REFRESH_INTERVAL: {
      ...TradingCaches.SYMBOL_CACHE_REFRESH_INTERVAL,
      about: 'Time between downloads of the master while a broker is connected; 0: only when asked.',
    },
  },
  'Rate limits': {
    API_RATE_LIMIT: custom('50 per second', rate, 'For each client address and API route.'),
    ORDER_RATE_LIMIT: custom('10 per second', rate, 'The same for routes that place or change orders.'),
    SMART_ORDER_RATE_LIMIT: custom('10 per second', rate, 'The same for placesmartorder.'),
    WEBHOOK_RATE_LIMIT: custom('100 per minute', rate, 'For each client address, calls of webhooks.'),
    STRATEGY_RATE_LIMIT: custom(
      '200 per minute',
      rate,
      'For each client address, making, changing and removing strategies and workflows.',
    ),
    LOGIN_RATE_LIMIT_MIN: custom('5 per minute', rate, 'Failed sign-ins of one client address.'),
    LOGIN_RATE_LIMIT_HOUR: custom('25 per hour', rate, 'The same over a longer time.'),
  },
  Instance: {
    INSTANCE_ID: {
      kind: 'name',
      fallback: 'instance-1',
      about:
        'Told by /health and /diagnostics/cache-state. With MULTI_INSTANCE_MODE a must, and different in each.',
    },
    INSTANCE_NAME: Instances.INSTANCE_NAME,
    MULTI_INSTANCE_MODE: {
      ...Instances.MULTI_INSTANCE_MODE,
      about:
        'Several instances share the caches and the database: Redis or Valkey, and PostgreSQL, are then a must.',
    },
  },
} as const

export type VariableName = NameIn<typeof variableGroups>
/** The value of every setting. */
export type Values = VariableValues<typeof variableGroups>
