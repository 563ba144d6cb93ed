import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import type { OrderTicket } from './order.ts'
import { type OrderBody, orderSchema } from './order-schema.ts'

const orderIdSchema = z.object({ orderId: z.string().regex(/^\d{1,24}$/, 'Not an order id.') })

/** Orders, positions and funds, for the page. */
export function orderRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/orders', async (request) => {
    const { user } = await guard.require(request)
    return { orders: await app.books.orders(user.id) }
  })
  server.post('/web/orders', async (request, reply) => {
    const { user } = await guard.require(request)
    await takeOrderTurn(app, user.id)
    const orderId = await app.orders.place(
      user.id,
      ticketOf(parsed(orderSchema, request.body), 'Web console'),
    )
    return reply.code(201).send({ orderId, mode: await app.orderModes.of(user.id) })
  })
  server.post('/web/orders/:orderId/cancel', async (request) => {
    const { user } = await guard.require(request)
    const { orderId } = parsed(orderIdSchema, request.params)
    await app.orders.cancel(user.id, orderId)
    return { orderId }
  })
  server.get('/web/positions', async (request) => {
    const { user } = await guard.require(request)
    const [positions, funds] = await Promise.all([app.books.positions(user.id), app.books.funds(user.id)])
    return { positions, funds }
  })
}

/** @throws RequestFault 429 when the user's page has changed too much lately */
export async function takeOrderTurn(app: App, userId: number): Promise<void> {
  const { allowed } = await app.limits.orders.consume(`web/${userId}`)
  if (!allowed) throw new RequestFault(429, 'Too many orders in a second')
}

export function ticketOf(body: OrderBody, strategy: string): OrderTicket {
  const { symbol, exchange, action, product, quantity, price } = body
  return {
    symbol,
    exchange,
    action,
    product,
    quantity,
    price,
    priceType: body.pricetype,
    triggerPrice: body.trigger_price,
    strategy,
  }
}
