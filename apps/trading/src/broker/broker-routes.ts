import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { BrokerError } from './broker-adapter.ts'

export const callbackPath = '/broker/callback'

const callbackSchema = z.object({ code: z.string().min(1).max(200), state: z.string().min(1).max(200) })

/** Connecting the broker: its page is visited, and it sends the browser back here with a code. */
export function brokerRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/broker', async (request) => {
    const { user } = await guard.require(request)
    return { name: app.broker.name, connection: (await app.connections.get(user.id)) ?? null }
  })
  server.post('/web/broker/connect', async (request) => {
    const { sessionId } = await guard.require(request)
    const state = guard.brokerState(sessionId)
    return { url: app.broker.loginUrl({ state, callbackUrl: callbackPath }) }
  })
  server.post('/web/broker/disconnect', async (request) => {
    const { user } = await guard.require(request)
    await app.connections.disconnect(user.id)
    return { name: app.broker.name, connection: null }
  })
  server.get(callbackPath, async (request, reply) => {
    const signedIn = await guard.signedIn(request)
    const query = callbackSchema.safeParse(request.query)
    if (signedIn === undefined) return reply.redirect('/', 303)
    if (!query.success || !guard.isBrokerState(signedIn.sessionId, query.data.state)) {
      return reply.redirect('/connections?fault=state', 303)
    }
    try {
      await app.connections.connect(signedIn.user.id, query.data.code)
      const next = app.catalog.status.instruments === 0 ? '/' : '/connections?connected'
      return await reply.redirect(next, 303)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      return reply.redirect('/connections?fault=code', 303)
    }
  })
}

const masterSchema = z.object({ force: z.boolean().default(false) })

/** The master: its state, how a download goes on, and beginning one. */
export function masterRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/master', async (request) => {
    await guard.require(request)
    return app.catalog.status
  })
  server.post('/web/master/download', async (request, reply) => {
    const { user } = await guard.require(request)
    const { force } = parsed(masterSchema, request.body)
    await app.download.begin(user.id, { force })
    return reply.code(202).send(app.catalog.status)
  })
}
