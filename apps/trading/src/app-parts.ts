import { join } from 'node:path'

import { type Clock, dailyAt, systemClock } from '@cache/core'
import type { Locks } from '@cache/lock'

import { ApiKeyStore } from './api-keys/api-key-store.ts'
import { SymbolSearches } from './api-v1/symbol-searches.ts'
import { BrokerAccess } from './broker/broker-access.ts'
import { BrokerConnections } from './broker/broker-connections.ts'
import { openBrokerEndpoint } from './broker/open-broker.ts'
import { HttpBroker } from './broker/http-broker.ts'
import { MarketCalendar } from './calendar/market-calendar.ts'
import { type AppCaches } from './caches.ts'
import type { Configuration } from './config/configuration.ts'
import { type AppDatabase } from './database/database.ts'
import { PageTickets } from './feed/page-tickets.ts'
import { FreezeQuantities } from './freeze/freeze-quantities.ts'
import { ImportLog } from './instruments/import-log.ts'
import { InstrumentCatalog } from './instruments/instrument-catalog.ts'
import type { InstrumentFinder } from './instruments/instrument-finder.ts'
import { AddressGuard } from './limits/address-guard.ts'
import { OrderBooks } from './orders/order-books.ts'
import { heldOf, OrderDesk } from './orders/order-desk.ts'
import { PositionDesk } from './orders/position-desk.ts'
import type { Product } from './orders/order.ts'
import { CandleStore } from './quotes/candle-store.ts'
import { QuoteDesk } from './quotes/quote-desk.ts'
import { type InstallationKey, keyedHash, sealOf } from './secrets/installation-key.ts'
import { AppSettings } from './settings/app-settings.ts'
import { OrderModes } from './settings/order-modes.ts'
import { SettingsStore } from './settings/user-settings.ts'
import { RunStore } from './strategies/run-store.ts'
import { StrategyRunner, type StrategyRunnerParts } from './strategies/strategy-runner.ts'
import { StrategyStore } from './strategies/strategy-store.ts'
import { TelegramUsers } from './telegram/telegram-users.ts'
import { WatchlistStore } from './watchlist/watchlist-store.ts'
import { UserStore } from './users/user-store.ts'
import { WebhookCalls } from './webhooks/webhook-calls.ts'
import { WebhookSecrets } from './webhooks/webhook-secrets.ts'
import { WorkflowStore } from './workflows/workflow-store.ts'
import type { Notifier } from './telegram/notifier.ts'

/** Where the app reports what no request can be told. */
export interface AppLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

export const clock: Clock = systemClock

/** What all parts are made of. */
export interface Parts {
  readonly configuration: Configuration
  readonly log: AppLog
  readonly database: AppDatabase
  readonly caches: AppCaches
  readonly key: InstallationKey
  readonly finder: InstrumentFinder
  readonly locks: Locks
}

export function openPeople({ configuration, database, caches, key }: Parts) {
  const { sessions, users, usernames, verifiedApiKeys: verified, invalidApiKeys: invalid } = caches
  const settings = new SettingsStore(database, caches.userSettings)
  const appSettings = new AppSettings(database, caches.settings)
  const { bans } = caches
  return {
    users: new UserStore({ database, users, usernames, clock }),
    sessions,
    /** Milliseconds from a moment to the end of a session that starts then. */
    lifetimeMs: dailyAt(configuration.values.SESSION_EXPIRY_TIME, 'Asia/Kolkata'),
    pageTickets: new PageTickets({ key: key.derive('feed-ticket'), sessions, clock }),
    watchlists: new WatchlistStore(database),
    settings,
    appSettings,
    orderModes: new OrderModes({ cache: caches.orderModes, app: appSettings, users: settings }),
    apiKeys: new ApiKeyStore({ database, verified, invalid, hash: keyedHash(key.derive('api-key')), clock }),
    addressGuard: new AddressGuard({ database, bans, caches: caches.all, settings: appSettings, clock }),
  }
}

export function openMarket({ database, caches, finder }: Parts) {
  const { holidays, marketTimings: timings, symbolSearches } = caches
  const freezes = new FreezeQuantities(database, caches.freezeQuantities)
  return {
    calendar: new MarketCalendar({ database, holidays, timings }),
    freezes,
    searches: new SymbolSearches({ finder, freezes, cache: symbolSearches }),
  }
}

type TradingParts = Parts & ReturnType<typeof openPeople> & ReturnType<typeof openMarket>

export function openTrading({
  configuration,
  log,
  database,
  caches,
  key,
  finder,
  freezes,
  orderModes,
  locks,
}: TradingParts) {
  const brokerEndpoint = openBrokerEndpoint(configuration, clock, log)
  const broker = new HttpBroker(brokerEndpoint, clock)
  const seal = sealOf(key, 'broker-token')
  const { auth: cache, feedTokens, brokers: names } = caches
  const connections = new BrokerConnections({ database, cache, feedTokens, names, seal, broker, clock })
  const access = new BrokerAccess(connections)
  const books = new OrderBooks({ broker, access, cache: caches.books })
  const orders = new OrderDesk({ broker, access, finder, freezes, modes: orderModes, books, clock })
  return {
    broker,
    brokerEndpoint,
    connections,
    access,
    books,
    orders,
    positions: new PositionDesk(orders, (name, task) => locks.withLock(name, task)),
    quotes: new QuoteDesk({
      quotes: caches.quotes,
      depths: caches.depths,
      candles: caches.candles,
      broker,
      access,
      store: new CandleStore(database, clock),
      onError: (error) => log.warn({ err: error }, 'Candles could not be kept'),
    }),
    /** Units held now of an instrument and product. */
    heldNow: async (
      userId: number,
      place: { symbol: string; exchange: string; product: Product },
    ): Promise<number> => heldOf(await orders.positionsNow(userId), place),
  }
}

export function openWebhooks({ database, caches, key }: Parts) {
  const [hash, seal] = [keyedHash(key.derive('webhook')), sealOf(key, 'webhook')]
  const { telegramUsers: users, telegramUsernames: usernames } = caches
  return {
    strategies: new StrategyStore({
      database,
      byWebhook: caches.strategiesByWebhook,
      ofUser: caches.userStrategies,
      secrets: new WebhookSecrets('strategy', hash, seal),
      clock,
    }),
    workflows: new WorkflowStore({
      database,
      byWebhook: caches.workflowsByWebhook,
      ofUser: caches.workflows,
      secrets: new WebhookSecrets('workflow', hash, seal),
      clock,
    }),
    runs: new RunStore(database, clock),
    webhookCalls: new WebhookCalls(database, keyedHash(key.derive('webhook-call')), clock),
    telegramUsers: new TelegramUsers({
      database,
      users,
      usernames,
      preferences: caches.telegramPreferences,
      codes: caches.telegramCodes,
      hash: keyedHash(key.derive('telegram-code')),
      clock,
    }),
  }
}

export function openCatalog(
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

type RunnerParts = Parts &
  Omit<StrategyRunnerParts, 'clock' | 'wanted' | 'onNews' | 'onError'> & { readonly telegram: Notifier }

export function openRunner({ log, telegram, ...parts }: RunnerParts): StrategyRunner {
  return new StrategyRunner({
    ...parts,
    clock,
    wanted: parts.caches.all.defineState<true, number>('strategies-wanted'),
    onNews: (userId, text) => void telegram.notify(userId, 'strategies', text),
    onError: (error, strategyId) => log.warn({ err: error, strategyId }, 'A strategy could not be run'),
  })
}
