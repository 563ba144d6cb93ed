import type { FastifyInstance } from 'fastify'

import { adminRoutes } from '../admin/admin-routes.ts'
import { apiKeyRoutes } from '../api-keys/api-key-routes.ts'
import { ApiGate } from '../api-v1/api-caller.ts'
import { accountRoutes } from '../api-v1/account-routes.ts'
import { analyzerRoutes } from '../api-v1/analyzer-routes.ts'
import { calendarRoutes } from '../api-v1/calendar-routes.ts'
import { addApiDescription } from '../api-v1/api-description.ts'
import { historyRoutes } from '../api-v1/history-routes.ts'
import { instrumentListRoute } from '../api-v1/instrument-list.ts'
import { instrumentRoutes } from '../api-v1/instrument-routes.ts'
import { marketRoutes } from '../api-v1/market-routes.ts'
import { optionRoutes } from '../api-v1/option-routes.ts'
import { tradingRoutes } from '../api-v1/trading-routes.ts'
import type { App } from '../app.ts'
import { ticketRoutes } from '../feed/ticket-routes.ts'
import { brokerProxyRoutes } from '../broker/broker-proxy.ts'
import { brokerRoutes, masterRoutes } from '../broker/broker-routes.ts'
import { cacheRoutes } from '../diagnostics/cache-routes.ts'
import { diagnosticRoutes } from '../diagnostics/diagnostic-routes.ts'
import { chainRoutes } from '../instruments/chain-routes.ts'
import { symbolRoutes } from '../instruments/symbol-routes.ts'
import { takeTurn } from '../limits/take-turn.ts'
import { bookRoutes } from '../orders/book-routes.ts'
import { orderRoutes } from '../orders/order-routes.ts'
import { quoteRoutes } from '../quotes/quote-routes.ts'
import { SessionGuard } from '../session/session-guard.ts'
import { sessionRoutes } from '../session/session-routes.ts'
import { strategyRoutes } from '../strategies/strategy-routes.ts'
import { watchlistRoutes } from '../watchlist/watchlist-routes.ts'
import { webhookRoutes } from '../webhooks/webhook-routes.ts'
import type { Leaving } from './leaving.ts'

/** Every route but those of the page's files. */
export async function addRoutes(server: FastifyInstance, app: App, leaving: Leaving): Promise<void> {
  const guard = new SessionGuard(app)
  await server.register(async (web) => {
    web.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))
    sessionRoutes(web, app, guard)
    brokerRoutes(web, app, guard)
    masterRoutes(web, app, guard)
    symbolRoutes(web, app, guard)
    quoteRoutes(web, app, guard)
    orderRoutes(web, app, guard)
    bookRoutes(web, app, guard)
    chainRoutes(web, app, guard)
    watchlistRoutes(web, app, guard)
    ticketRoutes(web, app, guard)
    apiKeyRoutes(web, app, guard)
    await web.register(async (strategies) => {
      strategies.addHook('onRequest', async ({ method, ip }) => {
        if (method !== 'GET') await takeTurn(app.limits.strategies, ip)
      })
      strategyRoutes(strategies, app, guard)
    })
  })
  await server.register(async (web) => cacheRoutes(web, app, guard))
  await server.register(async (web) => adminRoutes(web, app, guard))
  webhookRoutes(server, app)
  await server.register(async (broker) => brokerProxyRoutes(broker, app.brokerEndpoint))
  await server.register(async (api) => {
    await addApiDescription(api)
    const gate = new ApiGate(app, api)
    tradingRoutes(app, gate)
    accountRoutes(app, gate)
    analyzerRoutes(app, gate)
    marketRoutes(app, gate)
    historyRoutes(app, gate)
    instrumentRoutes(app, gate)
    instrumentListRoute(app, gate)
    optionRoutes(app, gate)
    calendarRoutes(app, gate)
  })
  diagnosticRoutes(server, app, leaving)
}
