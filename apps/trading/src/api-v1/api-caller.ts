import type { RateLimiter } from '@cache/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { takeTurn } from '../limits/take-turn.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import { describedRoute } from './route-description.ts'

export const apikey = z.string().min(1, 'Must not be empty.').max(256, 'Longer than maximum length 256.')

/** A call that was let in: whose key it carries, and its body. */
export interface ApiCall<Body> {
  readonly userId: number
  readonly body: Body
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export type ApiGroup = 'Orders' | 'Account' | 'Market data' | 'Instruments' | 'Calendar'

/** What a route takes and what the API's description says of it. */
export interface ApiRoute<Shape extends z.ZodRawShape> {
  readonly path: string
  readonly group: ApiGroup
  readonly summary: string
  /** Besides the key. */
  readonly fields: Shape
  /** What it answers when all is well; described, and not enforced. */
  readonly answer: z.ZodType
  /** Default: that of the API as a whole. */
  readonly limit?: RateLimiter | undefined
  /** The key comes in the query, and not in a body. */
  readonly query?: boolean | undefined
  /** Another form that it answers in besides JSON. */
  readonly alsoAs?: string | undefined
}

/** An answer that is JSON already: an object with at least one field, as UTF-8. */
export class JsonAnswer {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** The same object with these fields after its own. */
  with(fields: object): Uint8Array {
    const more = JSON.stringify(fields)
    return more === '{}'
      ? this.bytes
      : Buffer.concat([this.bytes.subarray(0, -1), Buffer.from(`,${more.slice(1)}`)])
  }
}

type Handler<Shape extends z.ZodRawShape> = (call: ApiCall<z.infer<z.ZodObject<Shape>>>) => unknown

/** The routes of `/api/v1`: each lets calls in by rate limit, shape of the body and key, and is described. */
export class ApiGate {
  readonly #app: App
  readonly #server: FastifyInstance

  constructor(app: App, server: FastifyInstance) {
    this.#app = app
    this.#server = server
  }

  /** Adds a route. In analyze mode its answer says so. */
  route<Shape extends z.ZodRawShape>(route: ApiRoute<Shape>, handle: Handler<Shape>): void {
    const { path, query = false } = route
    const shape = z.object({ apikey, ...route.fields })
    this.#server.route({
      method: query ? 'GET' : 'POST',
      url: `/api/v1${path}`,
      schema: describedRoute(route, shape),
      handler: async (request, reply) => {
        const { userId, body } = await this.#admit(request, route, shape)
        const answer = await handle({ userId, body, request, reply })
        if (reply.sent || answer === reply) return reply
        if (!(answer instanceof JsonAnswer)) return this.#marked(userId, answer)
        const bytes = answer.with(await this.#marked(userId, {}))
        return reply.type('application/json; charset=utf-8').send(bytes)
      },
    })
  }

  /** @throws RequestFault 429, 400, 403 */
  async #admit<Shape extends z.ZodRawShape>(
    request: FastifyRequest,
    { query = false, limit = this.#app.limits.api }: ApiRoute<Shape>,
    shape: z.ZodObject<{ apikey: typeof apikey } & Shape>,
  ): Promise<{ readonly userId: number; readonly body: z.infer<z.ZodObject<Shape>> }> {
    await this.#app.addressGuard.check(request.ip)
    await takeTurn(limit, `${request.routeOptions.url} ${request.ip}`)
    if (query && !hasKey(request.query)) throw new RequestFault(401, 'API key is required')
    const body = parsed(shape, query ? request.query : request.body)
    const check = await this.#app.apiKeys.check((body as { readonly apikey: string }).apikey)
    if (check.userId !== undefined) return { userId: check.userId, body: body as z.infer<z.ZodObject<Shape>> }
    if (!check.known) request.log.warn({ ip: request.ip }, 'An unknown API key was sent')
    await this.#app.addressGuard.countWrongKey(request.ip)
    throw new RequestFault(403, 'Invalid openalgo apikey')
  }

  async #marked<Answer>(userId: number, answer: Answer): Promise<Answer> {
    const mode = await this.#app.orderModes.of(userId)
    return mode === 'analyze' && typeof answer === 'object' && answer !== null ? { ...answer, mode } : answer
  }
}

function hasKey(query: unknown): boolean {
  return Boolean((query as { readonly apikey?: unknown } | undefined)?.apikey)
}
