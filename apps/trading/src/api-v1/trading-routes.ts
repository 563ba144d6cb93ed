import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { orderFields } from '../orders/order-schema.ts'
import { ticketOf } from '../orders/order-routes.ts'
import type { ApiGate } from './api-caller.ts'
import { fundsForm, orderBookForm, orderStatusForm, positionForm } from './openalgo-forms.ts'

const strategy = z.string().min(1, 'Must not be empty.').max(64, 'Longer than maximum length 64.')
const orderid = z.string().regex(/^\d{1,24}$/, 'Not a valid order id.')

/** Orders and what they lead to. */
export function tradingRoutes(server: FastifyInstance, app: App, gate: ApiGate): void {
  server.post('/api/v1/ping', async (request) => {
    await gate.admit(request, {})
    return { status: 'success', data: { message: 'pong', broker: app.broker.id } }
  })
  server.post('/api/v1/placeorder', async (request) => {
    const { userId, body } = await gate.admit(request, { strategy, ...orderFields }, app.limits.orders)
    const orderId = await app.orders.place(userId, ticketOf(body, body.strategy))
    return { status: 'success', orderid: orderId }
  })
  server.post('/api/v1/cancelorder', async (request) => {
    const { userId, body } = await gate.admit(request, { strategy, orderid }, app.limits.orders)
    await app.orders.cancel(userId, body.orderid)
    return { status: 'success', orderid: body.orderid }
  })
  server.post('/api/v1/orderstatus', async (request) => {
    const { userId, body } = await gate.admit(request, { strategy: strategy.optional(), orderid })
    return { status: 'success', data: orderStatusForm(await app.orders.order(userId, body.orderid)) }
  })
  bookRoutes(server, app, gate)
}

function bookRoutes(server: FastifyInstance, app: App, gate: ApiGate): void {
  server.post('/api/v1/orderbook', async (request) => {
    const { userId } = await gate.admit(request, {})
    return { status: 'success', data: orderBookForm(await app.orders.orders(userId)) }
  })
  server.post('/api/v1/positionbook', async (request) => {
    const { userId } = await gate.admit(request, {})
    return { status: 'success', data: (await app.orders.positions(userId)).map(positionForm) }
  })
  server.post('/api/v1/funds', async (request) => {
    const { userId } = await gate.admit(request, {})
    return { status: 'success', data: fundsForm(await app.orders.funds(userId)) }
  })
}
