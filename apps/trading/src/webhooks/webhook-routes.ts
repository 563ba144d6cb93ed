import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { takeTurn } from '../limits/take-turn.ts'
import type { OrderTicket } from '../orders/order.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import { signalSchema, type Strategy } from '../strategies/strategy.ts'
import { runWorkflow } from '../workflows/run-workflow.ts'

const paramsSchema = z.object({ webhookId: z.string().min(1).max(64) })
const identitySchema = z.object({
  id: z.union([z.string().max(128), z.number()]).optional(),
  timestamp: z.union([z.string().max(64), z.number()]).optional(),
})

/**
 * Webhooks: the address is the secret. A call may carry an `id` and a `timestamp`, in the body or in the headers
 * `webhook-id` and `webhook-timestamp`; a call with an id is taken once.
 */
export function webhookRoutes(server: FastifyInstance, app: App): void {
  server.post('/strategy/webhook/:webhookId', async (request) => {
    const webhookId = await admitted(app, request)
    const strategy = await app.strategies.byWebhook(webhookId)
    if (strategy === undefined) throw await unknown(app, request, 'strategy')
    if (!strategy.isActive) throw new RequestFault(400, 'The strategy is not active', { code: 'INACTIVE' })
    const signal = parsed(signalSchema, request.body)
    const ticket = ticketFor(strategy, signal)
    await app.webhookCalls.take(`strategy/${webhookId}`, identityOf(request))
    return { status: 'success', ...(await trade(app, strategy, ticket, signal.position_size)) }
  })
  server.post('/flow/webhook/:webhookId', async (request) => {
    const webhookId = await admitted(app, request)
    const workflow = await app.workflows.byWebhook(webhookId)
    if (workflow === undefined) throw await unknown(app, request, 'workflow')
    if (!workflow.isActive) throw new RequestFault(400, 'The workflow is not active', { code: 'INACTIVE' })
    await app.webhookCalls.take(`workflow/${webhookId}`, identityOf(request))
    return { status: 'success', steps: await runWorkflow(app, workflow, request.body) }
  })
}

async function admitted(app: App, request: FastifyRequest): Promise<string> {
  await takeTurn(app.limits.webhooks, request.ip)
  return parsed(paramsSchema, request.params).webhookId
}

/** Guessing addresses counts like guessing keys. */
async function unknown(app: App, request: FastifyRequest, what: string): Promise<RequestFault> {
  await app.addressGuard.check(request.ip)
  await app.addressGuard.countWrongKey(request.ip)
  return new RequestFault(404, `There is no such ${what}`)
}

function identityOf({ body, headers }: FastifyRequest) {
  const inBody = identitySchema.safeParse(body).data ?? {}
  const id = headers['webhook-id'] ?? inBody.id
  const timestamp = headers['webhook-timestamp'] ?? inBody.timestamp
  return {
    id: id === undefined ? undefined : String(id),
    timestamp: Array.isArray(timestamp) ? timestamp[0] : timestamp,
  }
}

function ticketFor(
  strategy: Strategy,
  { symbol, exchange, action }: z.infer<typeof signalSchema>,
): OrderTicket {
  const known = strategy.symbols.find(
    (one) => one.symbol === symbol && (exchange === undefined || one.exchange === exchange),
  )
  if (known === undefined) throw new RequestFault(400, `${symbol} is not one of the strategy's symbols`)
  return {
    symbol: known.symbol,
    exchange: known.exchange,
    product: known.product,
    quantity: known.quantity,
    action,
    strategy: strategy.name,
    priceType: 'MARKET',
    price: 0,
    triggerPrice: 0,
  }
}

/** A strategy with rules holds its position by itself from here on; any other trades, and that is all. */
async function trade(app: App, strategy: Strategy, ticket: OrderTicket, positionSize: number | undefined) {
  const { symbol } = ticket
  if (app.runner.runs(strategy)) {
    const state = await app.runner.signal(strategy, ticket)
    return { message: `${symbol}: ${state}` }
  }
  if (positionSize !== undefined) {
    const outcome = await app.positions.smart(strategy.userId, ticket, positionSize)
    return 'message' in outcome
      ? outcome
      : { message: `Order placed for ${symbol}`, orderid: outcome.orderId }
  }
  return { message: `Order placed for ${symbol}`, orderid: await app.orders.place(strategy.userId, ticket) }
}
