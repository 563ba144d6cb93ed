import type { FastifyInstance } from 'fastify'

import type { App } from '../app.ts'
import type { SessionGuard } from '../session/session-guard.ts'

/** Lets the page into the feed. */
export function ticketRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.post('/web/feed/ticket', async (request) => {
    const { sessionId } = await guard.require(request)
    return { ticket: app.pageTickets.issue(sessionId) }
  })
}
