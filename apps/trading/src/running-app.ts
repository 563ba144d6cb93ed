import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { FastifyInstance } from 'fastify'

import { type App, openApp } from './app.ts'
import type { Configuration } from './config/configuration.ts'
import { FeedServer } from './feed/feed-server.ts'
import { addPage } from './page/page-files.ts'
import { Leaving } from './server/leaving.ts'
import { addRoutes } from './server/routes.ts'
import { TelegramBot } from './telegram/telegram-bot.ts'
import { addProtection, createServer as createHttpServer } from './server/server.ts'

/** While it leaves, proxies find out: longer than HAProxy looks, and shorter than nginx leaves an instance out. */
const noticedWithinMs = 1500
/** For requests that are under way. Service managers give it longer to end. */
const answeredWithinMs = 10_000

/** A server that listens, and how to stop it. */
export interface RunningApp {
  readonly app: App
  /** What to open in a browser. */
  readonly address: string
  stop(): Promise<void>
}

/** Opens everything and listens. What had been opened is closed again when that fails. */
export async function runApp(configuration: Configuration, pageDirectory: string): Promise<RunningApp> {
  const { values } = configuration
  const leaving = new Leaving()
  const server = createHttpServer(configuration, leaving)
  const app = await openApp(configuration, server.log)
  const feed = new FeedServer(app)
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: apiRoot } = values
  const bot = token === '' ? undefined : new TelegramBot(app, { token, apiRoot, locks: app.locks })
  if (bot !== undefined) {
    app.telegram.to = bot
    app.orderListeners.add((userId, order) => void bot.order(userId, order))
  }
  const feedPort = createServer((_request, response) => response.writeHead(426).end())
  const stop = async (): Promise<void> => {
    leaving.begin()
    feed.close()
    await bot?.close()
    feedPort.close()
    if (values.MULTI_INSTANCE_MODE && server.server.listening) await sleep(noticedWithinMs)
    await closeServer(server, leaving)
    await app.close()
  }
  try {
    const https = values.PUBLIC_URL?.protocol === 'https:'
    await addProtection(server, { https })
    await addRoutes(server, app, leaving)
    await addPage(server, pageDirectory)
    feed.listenTo(server.server, { anyPath: false })
    if (values.WEBSOCKET_PORT > 0) {
      feed.listenTo(feedPort, { anyPath: true })
      await once(feedPort.listen(values.WEBSOCKET_PORT, values.HOST), 'listening')
    }
    app.runner.start()
    await server.listen({ host: values.HOST, port: values.PORT })
  } catch (error) {
    await stop()
    throw error
  }
  return { app, address: values.PUBLIC_URL?.origin ?? addressOf(server, values.HOST), stop }
}

/** Takes no more connections, and ends those that there are once every request is answered. */
async function closeServer(server: FastifyInstance, leaving: Leaving): Promise<void> {
  const closed = server.close()
  await leaving.answered(answeredWithinMs)
  server.server.closeAllConnections()
  await closed
}

/** Brings the instruments back, then reads the file that the start named, unless that is what is kept. */
export async function loadInstruments({ catalog, configuration, download }: App): Promise<void> {
  const { instrumentsFile, values } = configuration
  if (instrumentsFile !== undefined && !(await catalog.holds(instrumentsFile))) {
    await catalog.import({ label: basename(instrumentsFile), source: instrumentsFile }, { force: true })
  } else if (values.SYMBOL_CACHE_PRELOAD) {
    await catalog.restore()
  }
  const intervalMs = values.SYMBOL_CACHE_REFRESH_INTERVAL * 1000
  if (intervalMs > 0) download.repeatEvery(intervalMs)
}

function addressOf(server: FastifyInstance, host: string): string {
  const { port } = server.server.address() as AddressInfo
  const name = host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
