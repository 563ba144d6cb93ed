import { Readable } from 'node:stream'

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'

import { BrokerError, type BrokerErrorCode, type BrokerInstrument } from '../broker/broker-adapter.ts'
import { brokerPaths } from '../broker/broker-paths.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { AccountLimits } from './account-limits.ts'
import type { BrokerLimits } from './broker-options.ts'
import { simulatedBrokerRoutes } from './login-page.ts'
import {
  candleSchema,
  changeSchema,
  codeSchema,
  instrumentSchema,
  keysSchema,
  placeSchema,
} from './broker-schemas.ts'
import type { PublishedMaster } from './published-master.ts'
import type { SimulatedBroker } from './simulated-broker.ts'

export interface BrokerParts {
  readonly broker: SimulatedBroker
  readonly master: PublishedMaster
  readonly limits: AccountLimits
}

const statusOf: Readonly<Record<BrokerErrorCode, number>> = {
  TOKEN_INVALID: 401,
  CODE_INVALID: 400,
  NO_SUCH_ORDER: 404,
  ORDER_NOT_OPEN: 409,
  NO_SUCH_INSTRUMENT: 404,
  BAD_REQUEST: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}

const bodyLimitBytes = 256 * 1024

/** The broker over HTTP. Every route but those of the sign-in takes `authorization: Bearer TOKEN`. */
export function createBrokerServer(parts: BrokerParts): FastifyInstance {
  const server = fastify({ bodyLimit: bodyLimitBytes, forceCloseConnections: true })
  server.setErrorHandler(answerError)
  simulatedBrokerRoutes(server, parts.broker)
  accessRoutes(server, parts)
  writtenRoutes(server, parts)
  void server.register(async (priced) => {
    priced.addHook('preHandler', () => parts.master.load())
    priceRoutes(priced, parts)
    orderRoutes(priced, parts)
    worthRoutes(priced, parts)
  })
  server.get(brokerPaths.health, () => ({ status: 'healthy' }))
  return server
}

function answerError(error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof BrokerError) {
    if (error.code === 'RATE_LIMITED') void reply.header('retry-after', '1')
    return reply.code(statusOf[error.code]).send({ code: error.code, message: error.message })
  }
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    return reply
      .code(400)
      .send({ code: 'BAD_REQUEST', message: `${issue?.path.join('.')}: ${issue?.message}` })
  }
  const status =
    error instanceof RequestFault ? error.status : ((error as { statusCode?: number }).statusCode ?? 500)
  const message = status < 500 && error instanceof Error ? error.message : 'The broker failed'
  return reply.code(status).send({ code: status < 500 ? 'BAD_REQUEST' : 'UNAVAILABLE', message })
}

/** The token of a call that is within the account's limits. */
function admitted(
  { broker, limits }: BrokerParts,
  request: FastifyRequest,
  kind: keyof BrokerLimits,
): string {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  limits.take(kind, broker.account(token))
  return token
}

function accessRoutes(server: FastifyInstance, parts: BrokerParts): void {
  const { broker, master } = parts
  server.post(brokerPaths.token, (request) => broker.grant(codeSchema.parse(request.body).code))
  server.delete(brokerPaths.token, async (request, reply) => {
    await broker.revoke(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    return reply.code(204).send()
  })
  server.get(brokerPaths.master, (request, reply) => {
    admitted(parts, request, 'other')
    const { label, bytes, expectedRows } = master.download()
    void reply.header('x-master-label', encodeURIComponent(label))
    if (expectedRows !== undefined) void reply.header('x-master-rows', expectedRows)
    return reply.type('application/octet-stream').send(Readable.from(bytes))
  })
}

function priceRoutes(server: FastifyInstance, parts: BrokerParts): void {
  const { broker, master } = parts
  server.post(brokerPaths.quotes, async (request) => {
    admitted(parts, request, 'quotes')
    const { keys } = keysSchema.parse(request.body)
    const found = await Promise.all(keys.map((key) => master.find(key)))
    return found.map((instrument) => (instrument === undefined ? null : broker.quoteNow(instrument)))
  })
  server.post(brokerPaths.depth, async (request) => {
    const token = admitted(parts, request, 'quotes')
    return broker.depth(token, await instrumentOf(master, request.body))
  })
  server.post(brokerPaths.candles, async (request) => {
    const token = admitted(parts, request, 'history')
    const query = candleSchema.parse(request.body)
    return broker.candles(token, await instrumentOf(master, request.body), query)
  })
}

function instrumentOf(master: PublishedMaster, body: unknown): Promise<BrokerInstrument> {
  const { exchange, token, symbol } = instrumentSchema.parse(body)
  return master.require([exchange, token, symbol])
}

function orderRoutes(server: FastifyInstance, parts: BrokerParts): void {
  const { broker, master } = parts
  server.post(brokerPaths.orders, async (request) => {
    const token = admitted(parts, request, 'orders')
    const { ticket } = placeSchema.parse(request.body)
    return broker.placeOrder(token, ticket, await instrumentOf(master, request.body))
  })
  server.put<{ Params: { orderId: string } }>(`${brokerPaths.orders}/:orderId`, async (request, reply) => {
    const token = admitted(parts, request, 'orders')
    await broker.modifyOrder(token, request.params.orderId, changeSchema.parse(request.body))
    return reply.code(204).send()
  })
  server.delete<{ Params: { orderId: string } }>(`${brokerPaths.orders}/:orderId`, async (request, reply) => {
    await broker.cancelOrder(admitted(parts, request, 'orders'), request.params.orderId)
    return reply.code(204).send()
  })
}

/** What was written down; no price is needed to tell it. */
function writtenRoutes(server: FastifyInstance, parts: BrokerParts): void {
  const { broker } = parts
  server.get(brokerPaths.orders, (request) => broker.orders(admitted(parts, request, 'other')))
  server.get<{ Params: { orderId: string } }>(`${brokerPaths.orders}/:orderId`, async (request) => {
    const order = await broker.order(admitted(parts, request, 'other'), request.params.orderId)
    if (order === undefined)
      throw new BrokerError('NO_SUCH_ORDER', `There is no order ${request.params.orderId}`)
    return order
  })
  server.get(brokerPaths.trades, (request) => broker.trades(admitted(parts, request, 'other')))
}

/** What is held, at the prices of now. */
function worthRoutes(server: FastifyInstance, parts: BrokerParts): void {
  const { broker } = parts
  server.get(brokerPaths.positions, (request) => broker.positions(admitted(parts, request, 'other')))
  server.get(brokerPaths.holdings, (request) => broker.holdings(admitted(parts, request, 'other')))
  server.get(brokerPaths.funds, (request) => broker.funds(admitted(parts, request, 'other')))
}
