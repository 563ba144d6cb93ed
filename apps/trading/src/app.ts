import { basename, join } from 'node:path'

import { dailyAt, onCacheEvent, systemClock } from '@cache/core'
import { syntheticMaster } from '@cache/symbol-index'

import { ApiKeyStore } from './api-keys/api-key-store.ts'
import { BrokerAccess } from './broker/broker-access.ts'
import type { BrokerMaster } from './broker/broker-adapter.ts'
import { BrokerConnections } from './broker/broker-connections.ts'
import { type AppCaches, openCaches } from './caches.ts'
import type { Configuration } from './config/configuration.ts'
import { type AppDatabase, openDatabase } from './database/database.ts'
import { ImportLog } from './instruments/import-log.ts'
import { InstrumentCatalog } from './instruments/instrument-catalog.ts'
import { InstrumentFinder } from './instruments/instrument-finder.ts'
import { MasterDownload } from './instruments/master-download.ts'
import { strikeAnchor } from './instruments/price-anchor.ts'
import { MovingWindow } from './limits/moving-window.ts'
import { SignInLimit } from './limits/sign-in-limit.ts'
import { OrderDesk } from './orders/order-desk.ts'
import { QuoteDesk } from './quotes/quote-desk.ts'
import { type InstallationKey, installationKey, keyedHash } from './secrets/installation-key.ts'
import { TokenSeal } from './secrets/token-seal.ts'
import { SessionStore } from './session/session-store.ts'
import { SettingsStore } from './settings/user-settings.ts'
import { SimulatedBroker } from './simulated-broker/simulated-broker.ts'
import { UserStore } from './users/user-store.ts'

/** Where the app reports what no request can be told. */
export interface AppLog {
  warn(details: object, message: string): void
}

const syntheticRows = 142_338
const clock = systemClock

/** Everything that requests are answered with. */
export type App = Awaited<ReturnType<typeof openApp>>

/** Opens the database, the caches and the broker, and puts the features together. */
export async function openApp(configuration: Configuration, log: AppLog) {
  const { dataDirectory, values } = configuration
  const key = installationKey(join(dataDirectory, '.app_key'))
  const database = await openDatabase(join(dataDirectory, 'app.db'))
  const stopReports = onCacheEvent('cache:report', ({ source, message }) => log.warn({ source }, message))
  const caches = await openCaches(configuration)
  const catalog = openCatalog(configuration, database, log)
  const finder = new InstrumentFinder(catalog)
  const untilTokensEnd = dailyAt(values.SESSION_EXPIRY_TIME, 'Asia/Kolkata')
  const broker = new SimulatedBroker({
    path: join(dataDirectory, 'simulated-broker.db'),
    clock,
    tokenLifetimeMs: untilTokensEnd,
    anchor: (underlying) => strikeAnchor(catalog.index, underlying),
    master: () => masterOf(configuration.instrumentsFile),
    onError: (error) => log.warn({ err: error }, 'The simulated broker could not work on an order'),
  })
  const people = openPeople({ database, caches, key, lifetimeMs: untilTokensEnd })
  const seal = new TokenSeal(key.derive('broker-token'))
  const connections = new BrokerConnections({ database, cache: caches.auth, seal, broker, clock })
  const access = new BrokerAccess(connections)
  const download = new MasterDownload({ broker, connections, access, catalog, clock })
  return {
    configuration,
    clock,
    startedAtMs: clock.monotonicMs(),
    key,
    database,
    caches,
    catalog,
    finder,
    broker,
    connections,
    download,
    ...people,
    quotes: new QuoteDesk(broker, access, caches.quotes),
    orders: new OrderDesk({ broker, access, finder, clock }),
    limits: {
      api: new MovingWindow(values.API_RATE_LIMIT, clock),
      orders: new MovingWindow(values.ORDER_RATE_LIMIT, clock),
      signIn: new SignInLimit(caches.signInAttempts, clock, [
        values.LOGIN_RATE_LIMIT_MIN,
        values.LOGIN_RATE_LIMIT_HOUR,
      ]),
    },
    async close(): Promise<void> {
      download.close()
      await catalog.close()
      await broker.close()
      await caches.all.close()
      await database.destroy()
      stopReports()
    },
  }
}

interface PeopleParts {
  readonly database: AppDatabase
  readonly caches: AppCaches
  readonly key: InstallationKey
  readonly lifetimeMs: (wallMs: number) => number
}

function openPeople({ database, caches, key, lifetimeMs }: PeopleParts) {
  const { users, usernames, sessions, settings, verifiedApiKeys: verified, invalidApiKeys: invalid } = caches
  const sessionHash = keyedHash(key.derive('session-id'))
  return {
    users: new UserStore({ database, users, usernames, clock }),
    sessions: new SessionStore({ database, cache: sessions, hash: sessionHash, clock, lifetimeMs }),
    settings: new SettingsStore(database, settings),
    apiKeys: new ApiKeyStore({ database, verified, invalid, hash: keyedHash(key.derive('api-key')), clock }),
  }
}

function openCatalog(
  { dataDirectory }: Configuration,
  database: AppDatabase,
  log: AppLog,
): InstrumentCatalog {
  return new InstrumentCatalog({
    log: new ImportLog(database, clock),
    snapshotPath: join(dataDirectory, 'symbols.snapshot'),
    onError: (error, message) => log.warn({ err: error }, message),
  })
}

/** What the simulated broker publishes. */
export function masterOf(file: string | undefined): BrokerMaster {
  if (file !== undefined) return { label: basename(file), source: file }
  return {
    label: 'invented market',
    source: syntheticMaster({ rows: syntheticRows }),
    expectedRows: syntheticRows,
  }
}
