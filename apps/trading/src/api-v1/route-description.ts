import type { FastifySchema } from 'fastify'
import { z } from 'zod'

import { faultAnswer } from './answers.ts'
import type { ApiRoute } from './api-caller.ts'

/** Why a call can fail; the statuses that every route has. */
const faults: Readonly<Record<number, string>> = {
  400: 'A field is missing or wrong, or the broker refuses',
  403: 'The key is wrong, its address is banned, or the broker is not connected',
  404: 'What was asked for does not exist',
  413: 'The body is larger than 256 KB',
  415: 'The body is no JSON',
  429: 'Too many calls of this address',
  500: 'The server failed; its log tells more',
  502: 'The broker can not be reached',
  503: 'Not now: there is no instrument master yet, or the database can not be reached',
}

const faultSchema = jsonSchema(faultAnswer, 'output')

/** A route as OpenAPI describes it. */
export function describedRoute<Shape extends z.ZodRawShape>(
  route: ApiRoute<Shape>,
  asked: z.ZodType,
): FastifySchema {
  const { path, group, summary, answer, query = false, alsoAs } = route
  const other = alsoAs === undefined ? {} : { [alsoAs]: { schema: { type: 'string' } } }
  const content = { 'application/json': { schema: jsonSchema(answer, 'output') }, ...other }
  const noKey = query ? { 401: faultOf('The key is missing') } : {}
  const described = {
    tags: [group],
    summary,
    operationId: operationOf(path),
    [query ? 'querystring' : 'body']: jsonSchema(asked, 'input'),
    response: {
      200: { description: 'As asked for', content },
      ...Object.fromEntries(Object.entries(faults).map(([status, why]) => [status, faultOf(why)])),
      ...noKey,
    },
  }
  return described
}

function faultOf(description: string) {
  return { description, content: { 'application/json': { schema: faultSchema } } }
}

/** `/market/holidays` → `marketHolidays` */
function operationOf(path: string): string {
  return path.slice(1).replace(/\/(\w)/g, (_slash, letter: string) => letter.toUpperCase())
}

/** Without the name of the dialect, which OpenAPI tells once for all. */
function jsonSchema(type: z.ZodType, io: 'input' | 'output') {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return schema
}
