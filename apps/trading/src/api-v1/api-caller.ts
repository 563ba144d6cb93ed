import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import type { MovingWindow } from '../limits/moving-window.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'

const apikey = z.string().min(1, 'Must not be empty.').max(256, 'Longer than maximum length 256.')

/** A call that was let in: whose key it carries, and its body. */
export interface ApiCall<Body> {
  readonly userId: number
  readonly body: Body
}

/** Lets API calls in: rate limit, shape of the body, key. */
export class ApiGate {
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  /**
   * Admits a call whose body has these fields and a key.
   *
   * @throws RequestFault 429, 400, 403
   */
  async admit<Shape extends z.ZodRawShape>(
    request: FastifyRequest,
    fields: Shape,
    limit: MovingWindow = this.#app.limits.api,
  ): Promise<ApiCall<z.infer<z.ZodObject<Shape>>>> {
    if (!limit.take(`${request.routeOptions.url} ${request.ip}`)) {
      throw new RequestFault(429, 'Rate limit exceeded. Please slow down your requests.', {
        retryAfterSeconds: 60,
      })
    }
    const body = parsed(z.object({ apikey, ...fields }), request.body)
    const check = await this.#app.apiKeys.check((body as { readonly apikey: string }).apikey)
    if (check.userId !== undefined) return { userId: check.userId, body: body as z.infer<z.ZodObject<Shape>> }
    if (!check.known) request.log.warn({ ip: request.ip }, 'An unknown API key was sent')
    throw new RequestFault(403, 'Invalid openalgo apikey')
  }
}
