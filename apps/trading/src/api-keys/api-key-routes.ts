import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { keysPerUser } from './api-key-store.ts'

const labelSchema = z.object({
  label: z.string().trim().min(1, 'Give the key a name.').max(64, 'Use at most 64 characters.'),
})
const idSchema = z.object({ id: z.coerce.number().int().positive() })

/** Making and revoking keys for API clients. */
export function apiKeyRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/api-keys', async (request) => {
    const { user } = await guard.require(request)
    return { keys: await app.apiKeys.list(user.id) }
  })
  server.post('/web/api-keys', async (request, reply) => {
    const { user } = await guard.require(request)
    const { label } = parsed(labelSchema, request.body)
    const keys = await app.apiKeys.list(user.id)
    if (keys.length >= keysPerUser) {
      throw new RequestFault(409, `There are ${keysPerUser} keys already; revoke one that is not used`)
    }
    return reply.code(201).send(await app.apiKeys.create(user.id, label))
  })
  server.post('/web/api-keys/:id/revoke', async (request) => {
    const { user } = await guard.require(request)
    const { id } = parsed(idSchema, request.params)
    if (!(await app.apiKeys.revoke(user.id, id))) throw new RequestFault(404, 'There is no such key')
    return { keys: await app.apiKeys.list(user.id) }
  })
}
