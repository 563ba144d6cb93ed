import type { FastifyInstance } from 'fastify'

import type { App } from '../app.ts'
import type { Leaving } from '../server/leaving.ts'
import { cacheFigures } from './cache-figures.ts'
import { megabytes, percent, rounded, uptimeSeconds } from './figures.ts'
import { HealthCheck } from './health-check.ts'
import { healthDraftRoutes } from './health-draft.ts'

/** For load balancers, Prometheus and operators; without a session, and without secrets. */
export function diagnosticRoutes(server: FastifyInstance, app: App, leaving: Leaving): void {
  const health = new HealthCheck(app, leaving)
  server.get('/health', async (_request, reply) => {
    const answer = await health.answer()
    return reply
      .code(answer.status === 'healthy' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer)
  })
  healthDraftRoutes(server, app, health)
  server.get('/metrics', async (_request, reply) => {
    const { registry } = app.metrics
    return reply
      .type(registry.contentType)
      .header('cache-control', 'no-store')
      .send(await registry.metrics())
  })
  server.get('/diagnostics/cache-state', async (_request, reply) => {
    return reply.header('cache-control', 'no-store').send(await cacheState(app))
  })
}

async function cacheState(app: App) {
  const { backend } = app.caches.all.stats()
  const { size, memory, lookups } = app.catalog.statistics
  const caches = (await cacheFigures(app)).map(
    ({ cache, entries, hitRate, storeLatency, sensitive, localBytes }) => [
      cache,
      {
        size: entries,
        hit_rate: percent(hitRate),
        avg_latency_ms: rounded(storeLatency.averageMs, 3),
        memory_mb: megabytes(localBytes),
        encrypted: sensitive,
      },
    ],
  )
  return {
    backend,
    caches: {
      ...Object.fromEntries(caches),
      symbols: {
        size,
        hit_rate: percent(lookups.hitRatio),
        memory_mb: megabytes(memory.bytes),
        encrypted: false,
      },
    },
    instance_id: app.configuration.values.INSTANCE_ID,
    uptime: uptimeSeconds(app),
  }
}
