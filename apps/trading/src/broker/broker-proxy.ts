import type { FastifyInstance, FastifyReply } from 'fastify'

import type { BrokerEndpoint } from './broker-endpoint.ts'
import { brokerPaths } from './broker-paths.ts'

const timeoutMs = 10_000
const passedHeaders = ['content-type', 'cache-control', 'location'] as const

/**
 * Shows the broker's sign-in under the app's own address, so that browsers need not reach the broker. Cookies don't
 * pass: the broker learns nothing of the app's sessions.
 */
export function brokerProxyRoutes(server: FastifyInstance, endpoint: BrokerEndpoint): void {
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_request, body, done) => done(null, body),
  )
  server.get(brokerPaths.login, async (request, reply) => {
    const [, query = ''] = request.url.split('?', 2)
    return pass(reply, await ask(endpoint, `${brokerPaths.login}?${query}`, {}))
  })
  server.post<{ Body: string }>(brokerPaths.authorize, async (request, reply) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return pass(
      reply,
      await ask(endpoint, brokerPaths.authorize, { method: 'POST', body: request.body, headers }),
    )
  })
}

async function ask(endpoint: BrokerEndpoint, path: string, init: RequestInit): Promise<Response> {
  const options = { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) } as const
  return fetch((await endpoint.address()) + path, options)
}

async function pass(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  for (const name of passedHeaders) {
    const value = response.headers.get(name)
    if (value !== null) void reply.header(name, value)
  }
  return reply.code(response.status).send(await response.text())
}
