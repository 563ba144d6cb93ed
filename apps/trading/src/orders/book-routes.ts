import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { products } from './order.ts'
import { takeOrderTurn, ticketOf } from './order-routes.ts'
import { orderSchema } from './order-schema.ts'

const orderIdSchema = z.object({ orderId: z.string().regex(/^\d{1,24}$/, 'Not an order id.') })
const placeSchema = z
  .object({ symbol: z.string().max(128), exchange: z.string().max(32), product: z.enum(products) })
  .partial()
const who = 'Web console'

/** Changing and ending orders and positions, and the books beside them, for the page. */
export function bookRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.post('/web/orders/:orderId/modify', async (request) => {
    const { user } = await guard.require(request)
    await takeOrderTurn(app, user.id)
    const { orderId } = parsed(orderIdSchema, request.params)
    await app.orders.modify(user.id, orderId, ticketOf(parsed(orderSchema, request.body), who))
    return { orderId }
  })
  server.post('/web/orders/cancel-all', async (request) => {
    const { user } = await guard.require(request)
    await takeOrderTurn(app, user.id)
    return app.orders.cancelAll(user.id)
  })
  server.post('/web/positions/close', async (request) => {
    const { user } = await guard.require(request)
    await takeOrderTurn(app, user.id)
    return { orderIds: await app.positions.closeAll(user.id, who, parsed(placeSchema, request.body)) }
  })
  server.get('/web/trades', async (request) => {
    const { user } = await guard.require(request)
    return { trades: await app.books.trades(user.id) }
  })
  server.get('/web/holdings', async (request) => {
    const { user } = await guard.require(request)
    return { holdings: await app.books.holdings(user.id) }
  })
}
