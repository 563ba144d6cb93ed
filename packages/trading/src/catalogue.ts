/** One type of entry. Its name, time and description here are the only ones: tables are made from them. */
export interface CatalogueEntry {
  readonly domain: Domain
  /** Seconds that an entry is fresh. */
  readonly ttlSeconds: number
  readonly maxEntries: number
  /** Holds secrets: sealed in every tier, and keys hashed. */
  readonly sensitive: boolean
  /** What its key is made of. */
  readonly key: string
  readonly about: string
  /** The name by which the cache guide asks for its time, where that is another one. */
  readonly alias?: string | undefined
}

/** The parts of a trading platform that entries belong to. */
export type Domain = (typeof domains)[number]

export const domains = ['user', 'auth', 'broker', 'vb', 'trading', 'market', 'api', 'system'] as const

/** Every cache by its name, `domain:type`. */
export const catalogue = {
  'user:profile': {
    domain: 'user',
    ttlSeconds: 3600,
    maxEntries: 10_000,
    sensitive: false,
    key: 'user',
    about: 'Who a user is.',
  },
  'user:settings': {
    domain: 'user',
    ttlSeconds: 1800,
    maxEntries: 10_000,
    sensitive: false,
    key: 'user',
    about: 'What a user has chosen.',
  },
  'auth:session': {
    domain: 'auth',
    ttlSeconds: 7200,
    maxEntries: 50_000,
    sensitive: true,
    key: 'session',
    about: 'A session and whose it is.',
  },
  'auth:token': {
    domain: 'auth',
    ttlSeconds: 3600,
    maxEntries: 10_000,
    sensitive: true,
    key: 'user, broker, kind',
    about: 'An OAuth token; its time is that of its broker.',
  },
  'auth:oauth_state': {
    domain: 'auth',
    ttlSeconds: 600,
    maxEntries: 10_000,
    sensitive: true,
    key: 'state',
    about: 'A sign-in at a broker that is under way.',
  },
  'broker:health': {
    domain: 'broker',
    ttlSeconds: 60,
    maxEntries: 10_000,
    sensitive: false,
    key: 'broker, connection',
    about: 'Whether a connection works.',
  },
  'broker:connection': {
    domain: 'broker',
    ttlSeconds: 300,
    maxEntries: 10_000,
    sensitive: false,
    key: 'connection',
    about: 'A connection to a broker.',
  },
  'broker:credentials': {
    domain: 'broker',
    ttlSeconds: 3600,
    maxEntries: 10_000,
    sensitive: true,
    key: 'connection',
    about: 'What a connection signs in with.',
  },
  'vb:adapter': {
    domain: 'vb',
    ttlSeconds: 60,
    maxEntries: 10_000,
    sensitive: false,
    key: 'user, connection',
    about: 'The accounts of a virtual broker that an adapter sees.',
    alias: 'vb:account_list',
  },
  'vb:balance': {
    domain: 'vb',
    ttlSeconds: 30,
    maxEntries: 10_000,
    sensitive: false,
    key: 'account',
    about: 'The balance of a virtual account.',
  },
  'vb:position': {
    domain: 'vb',
    ttlSeconds: 60,
    maxEntries: 10_000,
    sensitive: false,
    key: 'account',
    about: 'The positions of a virtual account.',
  },
  'trading:balance': {
    domain: 'trading',
    ttlSeconds: 60,
    maxEntries: 10_000,
    sensitive: false,
    key: 'account',
    about: 'The balance of an account.',
    alias: 'account:balance',
  },
  'trading:order': {
    domain: 'trading',
    ttlSeconds: 300,
    maxEntries: 100_000,
    sensitive: false,
    key: 'order',
    about: 'How an order stands.',
    alias: 'order:status',
  },
  'trading:position': {
    domain: 'trading',
    ttlSeconds: 60,
    maxEntries: 10_000,
    sensitive: false,
    key: 'account',
    about: 'The positions of an account.',
    alias: 'position:list',
  },
  'market:quote': {
    domain: 'market',
    ttlSeconds: 5,
    maxEntries: 200_000,
    sensitive: false,
    key: 'symbol',
    about: 'The last quote.',
  },
  'market:bar': {
    domain: 'market',
    ttlSeconds: 60,
    maxEntries: 100_000,
    sensitive: false,
    key: 'symbol, interval',
    about: 'The latest bars of an interval.',
  },
  'api:response': {
    domain: 'api',
    ttlSeconds: 300,
    maxEntries: 10_000,
    sensitive: false,
    key: 'endpoint, hash of the parameters',
    about: 'What an endpoint answered.',
  },
  'system:metrics': {
    domain: 'system',
    ttlSeconds: 60,
    maxEntries: 1000,
    sensitive: false,
    key: 'name',
    about: 'Figures that instances share.',
  },
} as const

export type TradingCacheName = keyof typeof catalogue

/** The names of all caches, in the order of the catalogue. */
export const tradingCacheNames: readonly TradingCacheName[] = Object.keys(catalogue) as TradingCacheName[]

/** Seconds that a token of a broker is fresh, by its kind; `*` is any other broker. */
export const oauthTtlSeconds: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '*': { access_token: 3600, refresh_token: 2_592_000 },
  alpaca: { access_token: 3600, refresh_token: 2_592_000 },
}
