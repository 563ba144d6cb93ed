import { z } from 'zod'

import type { App } from '../app.ts'
import { ticketOf } from '../orders/order-routes.ts'
import { orderFields, orderSchema, smartOrderFields } from '../orders/order-schema.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import {
  basketAnswer,
  cancelAllAnswer,
  messageAnswer,
  openPositionAnswer,
  orderIdAnswer,
  orderStatusAnswer,
  smartOrderAnswer,
} from './answers.ts'
import type { ApiGate } from './api-caller.ts'
import { orderStatusForm } from './openalgo-forms.ts'

const strategy = z.string().min(1, 'Must not be empty.').max(64, 'Longer than maximum length 64.')
const orderid = z.string().regex(/^\d{1,24}$/, 'Not a valid order id.')
const basketFields = {
  strategy,
  orders: z.array(z.unknown()).min(1, 'Must not be empty.').max(100, 'Longer than maximum length 100.'),
}

/** Placing orders, changing and cancelling them. */
export function tradingRoutes(app: App, gate: ApiGate): void {
  placingRoutes(app, gate)
  changingRoutes(app, gate)
  endingRoutes(app, gate)
  statusRoutes(app, gate)
}

function placingRoutes(app: App, gate: ApiGate): void {
  const place = { group: 'Orders', fields: { strategy, ...orderFields }, limit: app.limits.orders } as const
  gate.route(
    { ...place, path: '/placeorder', answer: orderIdAnswer, summary: 'Place an order' },
    async ({ userId, body }) => {
      const orderId = await app.orders.place(userId, ticketOf(body, body.strategy))
      return { status: 'success', orderid: orderId }
    },
  )
  gate.route(
    {
      path: '/placesmartorder',
      answer: smartOrderAnswer,
      group: 'Orders',
      summary: 'Bring a position to a size',
      fields: { strategy, ...smartOrderFields },
      limit: app.limits.smartOrders,
    },
    async ({ userId, body }) => {
      const ticket = ticketOf(body, body.strategy)
      const outcome = await app.positions.smart(userId, ticket, body.position_size)
      if ('message' in outcome) return { status: 'success', message: outcome.message }
      return { status: 'success', orderid: outcome.orderId }
    },
  )
  gate.route(
    {
      path: '/basketorder',
      answer: basketAnswer,
      group: 'Orders',
      summary: 'Place several orders, purchases first',
      fields: basketFields,
    },
    async ({ userId, body }) => ({ status: 'success', results: await basket(app, userId, body) }),
  )
}

interface BasketResult {
  readonly symbol: string
  readonly status: 'success' | 'error'
  readonly orderid?: string
  readonly message?: string
}

/** One order's fault is told in its place, and the others are placed. */
async function basket(
  app: App,
  userId: number,
  { orders, strategy: name }: { readonly orders: readonly unknown[]; readonly strategy: string },
): Promise<BasketResult[]> {
  const results: BasketResult[] = []
  const inOrder = [...orders].sort((left, right) => Number(isSale(left)) - Number(isSale(right)))
  for (const order of inOrder) {
    const symbol = textIn(order, 'symbol').slice(0, 64)
    try {
      const orderId = await app.orders.place(userId, ticketOf(parsed(orderSchema, order), name))
      results.push({ symbol, status: 'success', orderid: orderId })
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error
      results.push({ symbol, status: 'error', message: error.message })
    }
  }
  return results
}

function isSale(order: unknown): boolean {
  return textIn(order, 'action').toUpperCase() === 'SELL'
}

/** A field of something that was not checked yet. */
function textIn(order: unknown, field: 'symbol' | 'action'): string {
  const value = (order as Partial<Record<string, unknown>> | null)?.[field]
  return typeof value === 'string' ? value : ''
}

function changingRoutes(app: App, gate: ApiGate): void {
  const one = { group: 'Orders', limit: app.limits.orders } as const
  gate.route(
    {
      ...one,
      path: '/modifyorder',
      answer: orderIdAnswer,
      summary: 'Change an order that waits',
      fields: { strategy, orderid, ...orderFields },
    },
    async ({ userId, body }) => {
      await app.orders.modify(userId, body.orderid, ticketOf(body, body.strategy))
      return { status: 'success', orderid: body.orderid }
    },
  )
  gate.route(
    {
      ...one,
      path: '/cancelorder',
      answer: orderIdAnswer,
      summary: 'Cancel an order',
      fields: { strategy, orderid },
    },
    async ({ userId, body }) => {
      await app.orders.cancel(userId, body.orderid)
      return { status: 'success', orderid: body.orderid }
    },
  )
}

/** Orders and positions of the whole account. */
function endingRoutes(app: App, gate: ApiGate): void {
  gate.route(
    {
      path: '/cancelallorder',
      answer: cancelAllAnswer,
      group: 'Orders',
      summary: 'Cancel all orders that wait',
      fields: { strategy },
    },
    async ({ userId }) => {
      const { done, failed } = await app.orders.cancelAll(userId)
      return {
        status: 'success',
        message: `Canceled ${done.length} orders. Failed to cancel ${failed.length} orders.`,
        canceled_orders: done,
        failed_cancellations: failed.map(({ orderId, reason }) => ({ orderid: orderId, message: reason })),
      }
    },
  )
  gate.route(
    {
      path: '/closeposition',
      answer: messageAnswer,
      group: 'Orders',
      summary: 'Close all positions',
      fields: { strategy },
    },
    async ({ userId, body }) => {
      const orderIds = await app.positions.closeAll(userId, body.strategy)
      const message = orderIds.length === 0 ? 'No Open Positions Found' : 'All Open Positions Squared Off'
      return { status: 'success', message }
    },
  )
}

function statusRoutes(app: App, gate: ApiGate): void {
  gate.route(
    {
      path: '/orderstatus',
      answer: orderStatusAnswer,
      group: 'Orders',
      summary: 'How an order stands',
      fields: { strategy: strategy.optional(), orderid },
    },
    async ({ userId, body }) => {
      return { status: 'success', data: orderStatusForm(await app.orders.order(userId, body.orderid)) }
    },
  )
  gate.route(
    {
      path: '/openposition',
      answer: openPositionAnswer,
      group: 'Account',
      summary: 'Units held of a symbol',
      fields: {
        strategy: strategy.optional(),
        symbol: orderFields.symbol,
        exchange: orderFields.exchange,
        product: orderFields.product,
      },
    },
    async ({ userId, body }) => {
      await app.finder.require(body.symbol, body.exchange)
      return { status: 'success', quantity: String(await app.heldNow(userId, body)) }
    },
  )
}
