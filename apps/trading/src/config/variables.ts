import {
  anyText,
  flag,
  oneOf,
  plainName,
  publicUrl,
  rate,
  type Reader,
  seconds,
  timeOfDay,
  wholeNumber,
} from './readers.ts'

/** One setting. The name, default and description here are the only ones: `.env.example` is made from them. */
export interface Variable<T> {
  /** The text that holds where the environment gives none. */
  readonly fallback: string
  readonly about: string
  readonly read: Reader<T>
}

function variable<T>(fallback: string, read: Reader<T>, about: string): Variable<T> {
  return { fallback, about, read }
}

const longestSeconds = 7 * 86_400

/** Every setting, in the groups of the template. */
export const variableGroups = {
  Server: {
    HOST: variable('127.0.0.1', anyText, 'Address to listen on. 0.0.0.0 lets other machines in.'),
    PORT: variable('5000', wholeNumber(0, 65_535), 'Port to listen on. 0 takes any that is free.'),
    PUBLIC_URL: variable(
      '',
      publicUrl,
      'Address that browsers use, if a proxy stands in front. With https, cookies are sent over https only.',
    ),
    LOG_LEVEL: variable(
      'auto',
      oneOf(['auto', 'debug', 'info', 'warn', 'error', 'silent']),
      'auto: warnings and errors on a terminal, info elsewhere.',
    ),
  },
  Data: {
    DATA_DIR: variable('', anyText, 'Where everything is kept. Empty: db in the repository.'),
    INSTRUMENTS_FILE: variable(
      '',
      anyText,
      "A broker's instrument master, plain or gzip. Empty: an invented market of 142,338 instruments.",
    ),
  },
  Sessions: {
    SESSION_EXPIRY_TIME: variable(
      '03:00',
      timeOfDay,
      'Time of day in Asia/Kolkata at which sessions and broker tokens end.',
    ),
  },
  Caches: {
    CACHE_BACKEND: variable('sqlite', oneOf(['sqlite', 'memory']), 'memory forgets everything on a restart.'),
    SQLITE_CACHE_PATH: variable('', anyText, 'Directory of the cache files. Empty: cache in DATA_DIR.'),
    SQLITE_DEFAULT_TTL: variable(
      '3600',
      seconds(1),
      'Seconds that an entry is fresh in a cache that has no time of its own.',
    ),
    SQLITE_VACUUM_INTERVAL: variable(
      '86400',
      seconds(1),
      'Seconds between returns of freed space to the disk.',
    ),
    SETTINGS_CACHE_TTL: variable('3600', seconds(1), 'Seconds.'),
    API_KEY_CACHE_TTL: variable('36000', seconds(1), 'Seconds that a verified API key is remembered.'),
  },
  Symbols: {
    SYMBOL_CACHE_PRELOAD: variable('true', flag, 'false: the kept master is loaded on its first use.'),
    SYMBOL_CACHE_REFRESH_INTERVAL: variable(
      '0',
      wholeNumber(0, longestSeconds),
      'Seconds between downloads of the master while a broker is connected. 0: only when asked.',
    ),
  },
  'Rate limits': {
    API_RATE_LIMIT: variable('50 per second', rate, 'For each client address and API route.'),
    ORDER_RATE_LIMIT: variable('10 per second', rate, 'The same for routes that place or change orders.'),
    LOGIN_RATE_LIMIT_MIN: variable('5 per minute', rate, 'Failed sign-ins of one client address.'),
    LOGIN_RATE_LIMIT_HOUR: variable('25 per hour', rate, 'The same over a longer time.'),
  },
  Instance: {
    INSTANCE_ID: variable('instance-1', plainName, 'Told by /health and /diagnostics/cache-state.'),
    INSTANCE_NAME: variable('openalgo-default', plainName, 'For monitoring and logs.'),
  },
} as const

type Groups = typeof variableGroups
type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (
  value: infer I,
) => void
  ? I
  : never
type Variables = UnionToIntersection<Groups[keyof Groups]>

export type VariableName = keyof Variables
/** The value of every setting. */
export type Values = {
  readonly [Name in VariableName]: Variables[Name] extends Variable<infer T> ? T : never
}

export const variables: Readonly<Record<VariableName, Variable<unknown>>> = Object.assign(
  {},
  ...Object.values(variableGroups),
)
