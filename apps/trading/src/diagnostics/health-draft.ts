import { readdir } from 'node:fs/promises'
import { memoryUsage } from 'node:process'

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import type { App } from '../app.ts'
import { takeTurn } from '../limits/take-turn.ts'
import { megabytes } from './figures.ts'
import type { HealthCheck } from './health-check.ts'

type Status = 'pass' | 'warn' | 'fail'

interface Check {
  readonly componentId: string
  readonly componentType?: string
  readonly status: Status
  readonly observedValue?: number
  readonly observedUnit?: string
  readonly time: string
}

/** The health in the form of draft-inadarei-api-health-check-06, with OpenAlgo's names: in short, and part by part. */
export function healthDraftRoutes(server: FastifyInstance, app: App, health: HealthCheck): void {
  const { health: limit, healthStatus: statusLimit } = app.limits
  server.get('/health/status', async (request: FastifyRequest, reply) => {
    await takeTurn(statusLimit, request.ip)
    return draftAnswer(reply, statusOf((await health.answer()).status), {})
  })
  server.get('/health/check', async (request: FastifyRequest, reply) => {
    await takeTurn(limit, request.ip)
    const { status, reason } = await health.answer()
    return draftAnswer(reply, statusOf(status), { checks: await checksOf(app, reason) })
  })
}

function statusOf(status: 'healthy' | 'unhealthy'): Status {
  return status === 'healthy' ? 'pass' : 'fail'
}

async function checksOf(app: App, reason: string | undefined): Promise<Record<string, readonly Check[]>> {
  const time = new Date(app.clock.wallMs()).toISOString()
  const part = (name: string): Check => ({
    componentId: name,
    componentType: 'datastore',
    status: reason === name ? 'fail' : 'pass',
    time,
  })
  const observed = (componentId: string, observedValue: number, observedUnit: string): Check => {
    return { componentId, componentType: 'system', status: 'pass', observedValue, observedUnit, time }
  }
  const files = await openFiles()
  return {
    'database:connectivity': [part('database')],
    'cache:connectivity': [part('cache')],
    ...(files === undefined ? {} : { 'system:file-descriptors': [observed('process', files, 'count')] }),
    'system:memory': [observed('process', megabytes(memoryUsage.rss()), 'MB')],
    'websocket:proxy': [observed('feed', app.feed.figures.clients, 'clients')],
  }
}

/** `undefined` on systems that don't tell. */
async function openFiles(): Promise<number | undefined> {
  const found = await readdir('/proc/self/fd').catch(() => undefined)
  return found?.length
}

function draftAnswer(reply: FastifyReply, status: Status, more: object): FastifyReply {
  return reply
    .code(status === 'fail' ? 503 : 200)
    .type('application/health+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send({ status, version: '1.0', serviceId: 'openalgo', description: 'Trading app', ...more })
}
