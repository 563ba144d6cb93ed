import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import { BrokerError, type BrokerErrorCode } from '../broker/broker-adapter.ts'
import { databaseFault, databaseMessages } from '../database/database-fault.ts'
import { type FaultDetails, RequestFault } from './request-fault.ts'

/** The answers of an error that Fastify itself found. */
const frameworkFaults: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; send a JSON object',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large; at most 256 KB are taken',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send JSON, with the header "content-type: application/json"',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as its content-length says',
}

const brokerStatus: Readonly<Record<BrokerErrorCode, number>> = {
  TOKEN_INVALID: 403,
  CODE_INVALID: 400,
  NO_SUCH_ORDER: 404,
  ORDER_NOT_OPEN: 400,
  NO_SUCH_INSTRUMENT: 404,
  BAD_REQUEST: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 502,
}

const retrySeconds = 2

/** OpenAlgo's envelope for something that went wrong. */
export interface FaultEnvelope {
  readonly status: 'error'
  readonly message: unknown
  readonly code?: string | undefined
  readonly errors?: FaultDetails['fields']
  readonly orderid?: string | undefined
  readonly retry_after?: number | undefined
}

/** Tells the sender what is wrong; what is our own fault goes into the log and is not told. */
export function answerFault(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = faultOf(error)
  logFault(error, fault, request)
  const { retryAfterSeconds } = fault.details
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds)
  return reply.code(fault.status).send(envelopeOf(fault, request))
}

/** Errors of a database can hold what was to be written: only what they are is logged. */
function logFault(error: unknown, { status, details }: RequestFault, { log }: FastifyRequest): void {
  if (status < 500 || error instanceof RequestFault) return
  if (details.code?.startsWith('DATABASE_') === true) {
    const { message } = error as Error
    log.warn({ fault: details.code, reason: message }, 'The database can not be used')
  } else if (error instanceof BrokerError) {
    log.warn({ fault: error.code, reason: error.message }, 'The broker can not be used')
  } else log.error({ err: error }, 'A request failed')
}

export function answerUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0]
  const message = `There is nothing at ${request.method} ${path}`
  return reply.code(404).send({ status: 'error', message } satisfies FaultEnvelope)
}

function faultOf(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error
  if (error instanceof BrokerError) {
    const code = error.code === 'TOKEN_INVALID' ? 'BROKER_NOT_CONNECTED' : error.code
    return new RequestFault(brokerStatus[error.code], error.message, { code })
  }
  const database = databaseFault(error)
  if (database !== undefined)
    return new RequestFault(503, databaseMessages[database], {
      code: database,
      retryAfterSeconds: retrySeconds,
    })
  const { code, statusCode = 500 } = error as Partial<FastifyError>
  if (statusCode < 500) return new RequestFault(statusCode, frameworkFaults[code ?? ''] ?? 'Bad request')
  return new RequestFault(500, 'Something went wrong on the server; its log tells more')
}

/** Order routes tell field faults as one text, option routes beside a message, all others as the message: as OpenAlgo. */
function envelopeOf({ message, details }: RequestFault, request: FastifyRequest): FaultEnvelope {
  const { fields, code, orderId, retryAfterSeconds } = details
  if (fields !== undefined && isOptionRoute(request.url)) {
    return { status: 'error', message: 'Validation error', errors: fields }
  }
  const asFields = fields !== undefined && request.url.startsWith('/api/v1/') && !isOrderRoute(request.url)
  return {
    status: 'error',
    message: asFields ? fields : message,
    ...(code === undefined ? {} : { code }),
    ...(fields === undefined || asFields ? {} : { errors: fields }),
    ...(orderId === undefined ? {} : { orderid: orderId }),
    ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
  }
}

function isOrderRoute(url: string): boolean {
  return /^\/api\/v1\/(placeorder|placesmartorder|modifyorder|cancelorder|cancelallorder|closeposition|basketorder)/.test(
    url,
  )
}

function isOptionRoute(url: string): boolean {
  return url.startsWith('/api/v1/option')
}
