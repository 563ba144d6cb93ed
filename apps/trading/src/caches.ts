import { join } from 'node:path'

import { type Cache, type CacheBackend, type Caches, createCaches, dailyAt } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'

import type { SealedConnection } from './broker/broker-connections.ts'
import type { Configuration } from './config/configuration.ts'
import type { Quote } from './broker/broker-adapter.ts'
import type { SessionRecord } from './session/session-store.ts'
import type { UserSettings } from './settings/user-settings.ts'
import type { User } from './users/user-store.ts'

/** Every cache of the app, by the name it has in the cache page and in `/diagnostics/cache-state`. */
export interface AppCaches {
  readonly all: Caches
  /** User id → broker connection; its token is ciphertext. Ends when the broker's tokens do. */
  readonly auth: Cache<SealedConnection>
  /** Keyed hash of a session id → whose session it is. Ends with the session. */
  readonly sessions: Cache<SessionRecord>
  /** User id → who that is. */
  readonly users: Cache<User>
  /** Name in lower case → user id. */
  readonly usernames: Cache<number>
  /** Keyed hash of an API key → user id. */
  readonly verifiedApiKeys: Cache<number>
  /** Keyed hash of a wrong API key. */
  readonly invalidApiKeys: Cache<true>
  /** User id → settings. */
  readonly settings: Cache<UserSettings>
  /** Exchange and symbol → last quote. */
  readonly quotes: Cache<Quote>
  /** Window and client address → failed sign-ins. */
  readonly signInAttempts: Cache<number>
}

export async function openCaches({
  values,
  cacheDirectory,
  dataDirectory,
}: Configuration): Promise<AppCaches> {
  const all = await createCaches({
    backend: backendOf(values.CACHE_BACKEND, cacheDirectory, values.SQLITE_VACUUM_INTERVAL),
    l1: memory({ maxBytes: '64mb' }),
    protection: encryption({ keyFile: join(dataDirectory, '.cache_key') }),
    prefix: 'trading',
    defaultTtl: values.SQLITE_DEFAULT_TTL,
  })
  const untilTokensEnd = dailyAt(values.SESSION_EXPIRY_TIME, 'Asia/Kolkata')
  return {
    all,
    auth: all.define('auth', { maxEntries: 1024, ttl: untilTokensEnd, sensitive: true }),
    sessions: all.define('sessions', {
      sensitive: true,
      maxEntries: 10_000,
      ttl: (wallMs, session) => Math.max(0, session.expiresAtMs - wallMs),
    }),
    users: all.define('users', { maxEntries: 1024 }),
    usernames: all.define('usernames', { maxEntries: 1024, ttl: '30s' }),
    verifiedApiKeys: all.define('verified-api-keys', {
      maxEntries: 1024,
      ttl: values.API_KEY_CACHE_TTL,
      sensitive: true,
    }),
    invalidApiKeys: all.define('invalid-api-keys', { maxEntries: 512, ttl: '5m', sensitive: true }),
    settings: all.define('settings', { maxEntries: 1024, ttl: values.SETTINGS_CACHE_TTL }),
    quotes: all.define('quotes', { maxEntries: 10_000, ttl: '1s' }),
    signInAttempts: all.define('sign-in-attempts', { maxEntries: 10_000, ttl: '1h' }),
  }
}

function backendOf(kind: 'sqlite' | 'memory', directory: string, vacuumInterval: number): CacheBackend {
  return kind === 'memory' ? memory() : sqlite({ directory, vacuumInterval })
}
