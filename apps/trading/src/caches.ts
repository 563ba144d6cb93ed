import { auditLog } from '@cache/audit'
import { type Cache, type Caches, createCaches, dailyAt } from '@cache/core'
import type { KeyedProtection } from '@cache/crypto'
import { cacheEnvironment } from '@cache/environment'
import { memory, type Memory } from '@cache/memory'
import type { Sessions } from '@cache/session'

import { accessRules, defineSecret } from './cache-access.ts'
import type { SealedConnection } from './broker/broker-connections.ts'
import { cacheSource } from './config/cache-settings.ts'
import type { Configuration } from './config/configuration.ts'
import type { Values } from './config/variables.ts'
import type { Candle, Depth, Quote } from './broker/broker-adapter.ts'
import type { Holiday, Session } from './calendar/market-calendar.ts'
import type { Books } from './orders/order-books.ts'
import { openSessions, type SignIns } from './session/app-sessions.ts'
import type { AppSettingsValues } from './settings/app-settings.ts'
import type { OrderMode } from './settings/order-modes.ts'
import type { UserSettings } from './settings/user-settings.ts'
import type { Strategy } from './strategies/strategy.ts'
import type { TelegramPreferences, TelegramUser } from './telegram/telegram-users.ts'
import type { User } from './users/user-store.ts'
import type { Workflow } from './workflows/workflow.ts'

/**
 * Every cache of the app, by the name it has in the cache page and in `/diagnostics/cache-state`; sizes and times to
 * live are below. Entries that belong to somebody carry the tag `user:ID`: signing out makes all of them unreadable in
 * every instance.
 */
export interface AppCaches {
  readonly all: Caches
  /** What seals the sensitive ones, and its keys. */
  readonly protection: KeyedProtection
  /** The tier in this process, in front of the backend. */
  readonly local: Memory
  /** What carries invalidations between instances, by its name; `undefined` where the store's log alone tells them. */
  readonly transport: string | undefined

  /** Who is signed in: the cache `sessions` in front of the database. */
  readonly sessions: Sessions

  /** User id → broker connection; its token is ciphertext. Ends when the broker's tokens do. */
  readonly auth: Cache<SealedConnection>
  /** User id → token for the broker's stream, as ciphertext. Ends when the broker's tokens do. */
  readonly feedTokens: Cache<string>
  /** User id → name of the broker. */
  readonly brokers: Cache<string>
  /** Keyed hash of an API key → user id. */
  readonly verifiedApiKeys: Cache<number>
  /** Keyed hash of a wrong API key. */
  readonly invalidApiKeys: Cache<true>
  /** Name in lower case → user id. */
  readonly usernames: Cache<number>
  /** User id → who that is. */
  readonly users: Cache<User>
  /** User id → how the user's orders are treated. */
  readonly orderModes: Cache<OrderMode>

  /** The app's settings. */
  readonly settings: Cache<AppSettingsValues>
  /** User id → settings. */
  readonly userSettings: Cache<UserSettings>

  /** Keyed hash of a webhook's id → strategy. */
  readonly strategiesByWebhook: Cache<Strategy>
  /** User id → strategies. */
  readonly userStrategies: Cache<readonly Strategy[]>
  /** Keyed hash of a webhook's id → workflow. */
  readonly workflowsByWebhook: Cache<Workflow>
  /** User id → workflows. */
  readonly workflows: Cache<readonly Workflow[]>

  /** Chat → whose it is. */
  readonly telegramUsers: Cache<TelegramUser>
  /** Name at Telegram in lower case → chat. */
  readonly telegramUsernames: Cache<number>
  /** Chat → what it wants to be told. */
  readonly telegramPreferences: Cache<TelegramPreferences>
  /** Keyed hash of a code that links a chat → user id. */
  readonly telegramCodes: Cache<number>

  /** Date → sessions of that day. */
  readonly marketTimings: Cache<readonly Session[]>
  /** Year → holidays. */
  readonly holidays: Cache<readonly Holiday[]>
  /** Exchange → freeze quantities. */
  readonly freezeQuantities: Cache<Readonly<Record<string, number>>>

  /** Master, query and exchange → the API's answer, as it is sent. */
  readonly symbolSearches: Cache<Uint8Array>
  /** Exchange and symbol → last quote. */
  readonly quotes: Cache<Quote>
  /** Exchange and symbol → order book of the exchange. */
  readonly depths: Cache<Depth>
  /** Exchange, symbol, interval and time → candles. */
  readonly candles: Cache<readonly Candle[]>
  /** User id and book → orders, trades, positions, holdings or funds, as the broker told. */
  readonly books: Cache<Books[keyof Books]>

  /** Client address → when its ban ends. */
  readonly bans: Cache<number>
}

export async function openCaches(
  { values, cacheSettings, auditFile }: Configuration,
  signIns: SignIns,
): Promise<AppCaches> {
  const local = memory({ maxBytes: '64mb' })
  // A full disk must not keep people from signing out.
  const audit = auditLog({
    file: auditFile,
    instance: values.INSTANCE_ID,
    reads: values.CACHE_AUDIT_READS,
    onFailure: 'continue',
  })
  const { options } = await cacheEnvironment({
    sources: [cacheSource(cacheSettings)],
    from: import.meta.url,
    caches: {
      l1: local,
      security: { access: accessRules, ...(values.CACHE_AUDIT_ENABLED ? { audit } : {}) },
    },
  })
  const all = await createCaches(options)
  return {
    all,
    protection: options.protection as KeyedProtection,
    local,
    transport: options.transport?.name,
    sessions: openSessions(all, signIns, values),
    ...peopleCaches(all, values),
    ...tradingCaches(all, values),
    ...priceCaches(all),
  }
}

type DefinedCaches = Omit<AppCaches, 'all' | 'protection' | 'local' | 'transport' | 'sessions'>
type PeopleCaches = Pick<
  DefinedCaches,
  | 'auth'
  | 'feedTokens'
  | 'brokers'
  | 'verifiedApiKeys'
  | 'invalidApiKeys'
  | 'usernames'
  | 'users'
  | 'orderModes'
  | 'bans'
>
type PriceCaches = Pick<DefinedCaches, 'quotes' | 'depths' | 'candles' | 'books'>
type TradingCaches = Omit<DefinedCaches, keyof PeopleCaches | keyof PriceCaches>

/** Who somebody is, and what they may do. */
function peopleCaches(all: Caches, values: Values): PeopleCaches {
  const untilTokensEnd = dailyAt(values.SESSION_EXPIRY_TIME, 'Asia/Kolkata')
  return {
    auth: defineSecret(all, 'auth', { maxEntries: 1024, ttl: untilTokensEnd }),
    feedTokens: defineSecret(all, 'feed-tokens', { maxEntries: 1024, ttl: untilTokensEnd }),
    brokers: all.define('brokers', { maxEntries: 1024, ttl: values.BROKER_CACHE_TTL }),
    verifiedApiKeys: defineSecret(all, 'verified-api-keys', {
      maxEntries: 1024,
      ttl: values.API_KEY_CACHE_TTL,
    }),
    invalidApiKeys: defineSecret(all, 'invalid-api-keys', { maxEntries: 512, ttl: '5m' }),
    usernames: all.define('usernames', { maxEntries: 1024, ttl: '30s' }),
    users: all.define('users', { maxEntries: 1024, ttl: '1h' }),
    orderModes: all.define('order-modes', { maxEntries: 128, ttl: '1m' }),
    bans: all.define('bans', { maxEntries: 10_000, ttl: '1m' }),
  }
}

/** A search that finds all it may is 130 kB. */
const searchBytes = 16 * 1024 * 1024

/** What they have set up, and what the markets' rules are. */
function tradingCaches(all: Caches, values: Values): TradingCaches {
  const own = { ttl: '30m', maxEntries: 10_000 } as const
  return {
    settings: all.define('settings', { maxEntries: 10, ttl: values.SETTINGS_CACHE_TTL }),
    userSettings: all.define('user-settings', { maxEntries: 1024, ttl: values.SETTINGS_CACHE_TTL }),

    strategiesByWebhook: defineSecret(all, 'strategies-by-webhook', {
      maxEntries: 5000,
      ttl: '5m',
    }),
    userStrategies: defineSecret(all, 'user-strategies', {
      maxEntries: 1000,
      ttl: values.STRATEGY_CACHE_TTL,
    }),
    workflowsByWebhook: defineSecret(all, 'workflows-by-webhook', { maxEntries: 5000, ttl: '5m' }),
    workflows: defineSecret(all, 'workflows', { maxEntries: 1000, ttl: '10m' }),

    telegramUsers: all.define('telegram-users', own),
    telegramUsernames: all.define('telegram-usernames', own),
    telegramPreferences: all.define('telegram-preferences', own),
    telegramCodes: defineSecret(all, 'telegram-codes', { ...own, ttl: '10m' }),

    marketTimings: all.define('market-timings', { maxEntries: 500, ttl: '1h' }),
    holidays: all.define('holidays', { maxEntries: 50, ttl: '1h' }),
    freezeQuantities: all.define('freeze-quantities', { maxEntries: 50, ttl: '1d' }),
    symbolSearches: all.define('symbol-searches', {
      maxEntries: 1000,
      maxBytes: searchBytes,
      ttl: '10m',
      values: { sharing: 'reference' },
    }),
  }
}

/** What the broker told, for as long as it is news. */
function priceCaches(all: Caches): PriceCaches {
  // What is asked for twice a second is asked of the broker before it is old, and nobody waits for it.
  const price = { maxEntries: 10_000, ttl: '1s', loading: { refreshAhead: '500ms' } } as const
  return {
    quotes: all.define('quotes', price),
    depths: all.define('depths', price),
    candles: all.define('candles', { maxEntries: 500, ttl: '30s' }),
    books: defineSecret(all, 'books', { maxEntries: 5000, ttl: '1s' }),
  }
}
