import { join } from 'node:path'

import { onCacheEvent } from '@cache/core'
import { createLocks } from '@cache/lock'

import { openCaches } from './caches.ts'
import type { Configuration } from './config/configuration.ts'
import { type AppDatabase, openDatabase } from './database/database.ts'
import { seed } from './database/seed.ts'
import { AuditFile } from './diagnostics/audit-file.ts'
import { openConsole } from './diagnostics/cache-console.ts'
import { openMetrics } from './diagnostics/app-metrics.ts'
import { FeedHub } from './feed/feed-hub.ts'
import { InstrumentFinder } from './instruments/instrument-finder.ts'
import { MasterDownload } from './instruments/master-download.ts'
import type { Order } from './orders/order.ts'
import { openLimits } from './limits/limits.ts'
import { SessionTable } from './session/session-table.ts'
import { installationKey } from './secrets/installation-key.ts'
import { LateNotifier } from './telegram/notifier.ts'
import {
  clock,
  type AppLog,
  type Parts,
  openCatalog,
  openMarket,
  openPeople,
  openRunner,
  openTrading,
  openWebhooks,
} from './app-parts.ts'

/** Told of each order of a user that is new or has changed. */
type OrderListener = (userId: number, order: Order) => void

/** Everything that requests are answered with. */
export type App = Awaited<ReturnType<typeof openApp>>

/** Opens the database, the caches and the broker, and puts the features together. */
export async function openApp(configuration: Configuration, log: AppLog) {
  const { values } = configuration
  const key = installationKey(configuration.appKeyFile)
  const database = await databaseOf(configuration)
  const stopReports = logReports(log)
  const sessionTable = new SessionTable(database)
  const caches = await openCaches(configuration, { records: sessionTable, key })
  const catalog = openCatalog(configuration, database, log)
  if (values.MULTI_INSTANCE_MODE) await catalog.share(caches.all)
  const finder = new InstrumentFinder(catalog)
  const locks = createLocks(caches.all)
  const parts: Parts = { configuration, log, database, caches, key, finder, locks }
  const people = openPeople(parts)
  const market = openMarket(parts)
  const trading = openTrading({ ...parts, ...people, ...market })
  const { broker, connections, access, books } = trading
  const webhooks = openWebhooks(parts)
  const telegram = new LateNotifier()
  const runner = openRunner({ ...parts, ...trading, ...webhooks, modes: people.orderModes, telegram })
  const orderListeners = new Set<OrderListener>()
  const onOrder: OrderListener = (userId, order) =>
    orderListeners.forEach((listener) => listener(userId, order))
  const feed = new FeedHub({ broker, connections, books, clock, onOrder })
  const download = new MasterDownload({ broker, connections, access, catalog, clock })
  const metrics = await openMetrics(caches.all, feed, broker)
  const cacheConsole = openConsole(caches, clock, auditOf(configuration))
  await seed({ database, ...market })
  return {
    configuration,
    log,
    clock,
    startedAtMs: clock.monotonicMs(),
    key,
    database,
    sessionTable,
    caches,
    catalog,
    finder,
    download,
    feed,
    metrics,
    cacheConsole,
    orderListeners,
    ...people,
    ...market,
    ...trading,
    ...webhooks,
    locks,
    telegram,
    runner,
    limits: openLimits(caches.all, values),
    /** The parts that use others are closed before those. */
    close: async (): Promise<void> => {
      for (const part of [download, feed, metrics]) part.close()
      for (const part of [cacheConsole, runner, catalog, broker, caches.all]) await part.close()
      await database.destroy()
      stopReports()
    },
  }
}

function databaseOf({ dataDirectory, values }: Configuration): Promise<AppDatabase> {
  const postgres = values.DATABASE_URL
  return openDatabase(postgres === undefined ? { file: join(dataDirectory, 'app.db') } : { postgres })
}

function auditOf({ values, auditFile }: Configuration): AuditFile | undefined {
  return values.CACHE_AUDIT_ENABLED ? new AuditFile(auditFile) : undefined
}

/** What the caches choose is said, what goes wrong with them is a warning. */
function logReports(log: AppLog): () => void {
  return onCacheEvent('cache:report', ({ source, message }) =>
    message.startsWith('Chose ') ? log.info({ source }, message) : log.warn({ source }, message),
  )
}
