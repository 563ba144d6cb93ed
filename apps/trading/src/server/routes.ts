import type { FastifyInstance } from 'fastify'

import { apiKeyRoutes } from '../api-keys/api-key-routes.ts'
import { ApiGate } from '../api-v1/api-caller.ts'
import { marketRoutes } from '../api-v1/market-routes.ts'
import { tradingRoutes } from '../api-v1/trading-routes.ts'
import type { App } from '../app.ts'
import { brokerRoutes, masterRoutes } from '../broker/broker-routes.ts'
import { cacheRoutes } from '../diagnostics/cache-routes.ts'
import { diagnosticRoutes } from '../diagnostics/diagnostic-routes.ts'
import { symbolRoutes } from '../instruments/symbol-routes.ts'
import { orderRoutes } from '../orders/order-routes.ts'
import { quoteRoutes } from '../quotes/quote-routes.ts'
import { SessionGuard } from '../session/session-guard.ts'
import { sessionRoutes } from '../session/session-routes.ts'
import { simulatedBrokerRoutes } from '../simulated-broker/login-page.ts'

/** Every route but those of the page's files. */
export async function addRoutes(server: FastifyInstance, app: App): Promise<void> {
  const guard = new SessionGuard(app)
  await server.register(async (web) => {
    web.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'))
    sessionRoutes(web, app, guard)
    brokerRoutes(web, app, guard)
    masterRoutes(web, app, guard)
    symbolRoutes(web, app, guard)
    quoteRoutes(web, app, guard)
    orderRoutes(web, app, guard)
    apiKeyRoutes(web, app, guard)
  })
  await server.register(async (web) => cacheRoutes(web, app, guard))
  await server.register(async (broker) => simulatedBrokerRoutes(broker, app.broker))
  const gate = new ApiGate(app)
  marketRoutes(server, app, gate)
  tradingRoutes(server, app, gate)
  diagnosticRoutes(server, app)
}
