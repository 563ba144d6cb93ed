import {
  cacheVariables,
  type Reader,
  type Variable,
  type VariableName as NameIn,
  type VariableValues,
} from '@cache/core/environment'

import { publicUrl, rate, timeOfDay } from './readers.ts'

const { SQLite, Instances, 'Caches of a trading app': TradingCaches } = cacheVariables

/** A setting of this app alone, in a form of its own. */
function custom<T>(fallback: string, read: Reader<T>, about: string) {
  return { kind: 'custom', fallback, read, about } as const satisfies Variable
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
    LOG_LEVEL: {
      kind: 'word',
      words: ['auto', 'debug', 'info', 'warn', 'error', 'silent'],
      fallback: 'auto',
      about: 'auto: warnings and errors on a terminal, info elsewhere.',
    },
  },
  Data: {
    DATA_DIR: text('', 'Where everything is kept. Empty: db in the repository.'),
    INSTRUMENTS_FILE: text(
      '',
      "A broker's instrument master, plain or gzip. Empty: an invented market of 142,338 instruments.",
    ),
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
      words: ['sqlite', 'memory'],
      fallback: 'sqlite',
      about: 'memory forgets everything on a restart.',
    },
    SQLITE_CACHE_PATH: text('', 'Directory of the cache files. Empty: cache in DATA_DIR.'),
    SQLITE_DEFAULT_TTL: SQLite.SQLITE_DEFAULT_TTL,
    SQLITE_VACUUM_INTERVAL: SQLite.SQLITE_VACUUM_INTERVAL,
    SETTINGS_CACHE_TTL: TradingCaches.SETTINGS_CACHE_TTL,
    API_KEY_CACHE_TTL: TradingCaches.API_KEY_CACHE_TTL,
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
    LOGIN_RATE_LIMIT_MIN: custom('5 per minute', rate, 'Failed sign-ins of one client address.'),
    LOGIN_RATE_LIMIT_HOUR: custom('25 per hour', rate, 'The same over a longer time.'),
  },
  Instance: {
    INSTANCE_ID: {
      kind: 'name',
      fallback: 'instance-1',
      about: 'Told by /health and /diagnostics/cache-state.',
    },
    INSTANCE_NAME: Instances.INSTANCE_NAME,
  },
} as const

export type VariableName = NameIn<typeof variableGroups>
/** The value of every setting. */
export type Values = VariableValues<typeof variableGroups>
