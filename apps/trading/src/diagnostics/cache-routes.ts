import { asCaller } from '@cache/core'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { consoleCaller } from '../cache-access.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { cacheFigures, cachesByName } from './cache-figures.ts'
import { consoleRoutes } from './console-routes.ts'

const nameSchema = z.object({ name: z.string().max(100) })
const tagSchema = z.object({ tag: z.string().trim().min(1, 'Give a tag, such as user:1.').max(200) })
/** What the cache page shows and does. Administrators only. */
export function cacheRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.addHook('onRequest', async (request) => {
    const { user } = await guard.require(request)
    if (!user.isAdmin) throw new RequestFault(403, 'Only an administrator may see the caches')
  })
  // The audit knows by name who looks and acts here.
  server.addHook('preHandler', (request, _reply, done) => {
    guard.require(request).then(({ user }) => asCaller(consoleCaller(user.name), done), done)
  })
  // Behind a load balancer the next answer may be another instance's.
  server.addHook('preSerialization', async (_request, _reply, payload) => {
    return { ...(payload as object), instance: app.configuration.values.INSTANCE_ID }
  })
  server.get('/web/caches', () => shown(app))
  consoleRoutes(server, app, guard)
  server.post('/web/caches/:name/clear', async (request) => {
    const { name } = parsed(nameSchema, request.params)
    const cache = cachesByName(app.caches).get(name)
    if (cache === undefined) throw new RequestFault(404, `There is no cache ${name}`)
    await cache.clear()
    return shown(app)
  })
  server.post('/web/caches/invalidate', async (request) => {
    const { tag } = parsed(tagSchema, request.body)
    await app.caches.all.invalidateTags([tag])
    return shown(app)
  })
  server.post('/web/caches/purge', async () => {
    const purged = await app.caches.all.purge()
    return { ...(await shown(app)), purged }
  })
}

async function shown(app: App) {
  const { backend, uptimeMs } = app.caches.all.stats()
  const { cacheConsole } = app
  const [caches, local, health] = await Promise.all([
    cacheFigures(app),
    app.caches.local.health(),
    cacheConsole.health(),
  ])
  const symbols = app.catalog.statistics
  return {
    backend,
    transport: app.caches.transport ?? null,
    uptimeMs,
    caches,
    local: { usedBytes: local.details['usedBytes'], maxBytes: local.details['maxBytes'] },
    health: { healthy: health.healthy, operations: health.operations, warnings: health.warnings },
    breakers: cacheConsole.news.breakers,
    symbols: {
      instruments: symbols.size,
      bytes: symbols.memory.bytes,
      hitRate: symbols.lookups.hitRatio,
      lookups: symbols.lookups.hits + symbols.lookups.misses,
      searches: symbols.searches,
    },
  }
}
