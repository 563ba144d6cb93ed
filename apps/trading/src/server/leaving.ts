import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { RequestFault } from './request-fault.ts'

/** Answered to the end: they tell that the instance leaves, and what it did. */
const watched = /^\/(health|metrics|diagnostics)(\/|\?|$)/
const lookEveryMs = 10

/**
 * How a server ends without failing anybody. From `begin` on each answer closes its connection, so that a proxy keeps
 * none on which a request could still be on its way, and what a proxy may ask of another instance is refused, so that it
 * learns to leave this one out. A request that changes something can't be repeated by a proxy: it is still carried out.
 */
export class Leaving {
  readonly #underWay = new Map<ServerResponse, FastifyReply>()
  #begun = false

  get begun(): boolean {
    return this.#begun
  }

  /** To be called before other hooks are added. */
  watch(server: FastifyInstance): void {
    server.addHook('onRequest', async (request, reply) => {
      this.#underWay.set(reply.raw, reply)
      reply.raw.once('close', () => this.#underWay.delete(reply.raw))
      if (this.#begun && isRepeatable(request))
        throw new RequestFault(503, 'This instance is stopping; ask again', {
          code: 'STOPPING',
          retryAfterSeconds: 1,
        })
    })
    server.addHook('onSend', async (_request, reply) => {
      if (this.#begun) void reply.header('connection', 'close')
    })
  }

  /** Streams of events end: whoever reads one asks for it again, elsewhere. */
  begin(): void {
    this.#begun = true
    for (const { sent, raw } of this.#underWay.values()) if (sent && !raw.writableEnded) raw.end()
  }

  /** Resolves when every request is answered, or the time is over. */
  async answered(withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs
    while (this.#underWay.size > 0 && performance.now() < untilMs) await sleep(lookEveryMs)
  }
}

function isRepeatable({ method, url }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && !watched.test(url)
}
