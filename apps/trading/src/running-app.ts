import type { AddressInfo } from 'node:net'

import type { FastifyInstance } from 'fastify'

import { type App, masterOf, openApp } from './app.ts'
import type { Configuration } from './config/configuration.ts'
import { addPage } from './page/page-files.ts'
import { addRoutes } from './server/routes.ts'
import { addProtection, createServer } from './server/server.ts'

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
  const server = createServer(configuration)
  const app = await openApp(configuration, server.log)
  const stop = async (): Promise<void> => {
    await server.close()
    await app.close()
  }
  try {
    const https = values.PUBLIC_URL?.protocol === 'https:'
    await addProtection(server, { cookieSecret: app.key.derive('session-cookie'), https })
    await addRoutes(server, app)
    await addPage(server, pageDirectory)
    await server.listen({ host: values.HOST, port: values.PORT })
  } catch (error) {
    await stop()
    throw error
  }
  return { app, address: values.PUBLIC_URL?.origin ?? addressOf(server, values.HOST), stop }
}

/** Brings the instruments back, then reads the file that the start named, unless that is what is kept. */
export async function loadInstruments({ catalog, configuration, download }: App): Promise<void> {
  const { instrumentsFile, values } = configuration
  if (instrumentsFile !== undefined && !(await catalog.holds(instrumentsFile))) {
    await catalog.import(masterOf(instrumentsFile), { force: true })
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
