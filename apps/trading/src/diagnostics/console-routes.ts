import { type Cache, parseStoredKey } from '@cache/core'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { openEventStream } from '../server/event-stream.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { cachesByName } from './cache-figures.ts'
import type { NewsItem } from './cache-news.ts'
import { ranges } from './cache-sampler.ts'
import { domainNames, domainOf } from './domains.ts'
import { searchEntries } from './entry-search.ts'
import { allCaches } from './sample-ring.ts'

const nameSchema = z.object({ name: z.string().max(100) })
const samplesSchema = z.object({
  range: z.enum(Object.keys(ranges) as (keyof typeof ranges)[]).default('15m'),
  cache: z.string().max(100).default(allCaches),
})
const text = z.string().trim().min(1, 'Give a key, a pattern or a tag to look for.').max(500)
const questionSchema = z.object({ by: z.enum(['key', 'pattern', 'tag']), text })
const keySchema = z.object({ key: z.string().trim().min(1, 'Give the key of an entry.').max(500) })
const domainSchema = z.object({ domain: z.enum(domainNames) })
const rotationSchema = z.object({ newKey: z.boolean().default(true) })
const auditSchema = z.object({
  count: z.coerce.number().int().min(1).max(500).default(100),
  of: z.enum(['all', 'ends', 'refused']).default('all'),
})
const newsEveryMs = 250

/** What the console shows over time, and what it does to single entries, domains and keys. For `cacheRoutes` to guard. */
export function consoleRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  const { cacheConsole } = app
  server.get('/web/caches/samples', async (request) => {
    const { range, cache } = parsed(samplesSchema, request.query)
    const samples = cacheConsole.sampler.read(range, cache)
    if (samples === undefined) throw new RequestFault(404, `Nothing was measured of ${cache}`)
    return samples
  })
  server.get('/web/caches/rotation', () => cacheConsole.rotation.status)
  server.post('/web/caches/rotation', async (request, reply) => {
    return reply.code(202).send(cacheConsole.rotation.begin(parsed(rotationSchema, request.body)))
  })
  server.get('/web/caches/audit', async (request) => {
    const { count, of } = parsed(auditSchema, request.query)
    return {
      kept: cacheConsole.audit !== undefined,
      entries: (await cacheConsole.audit?.latest(count, of)) ?? [],
    }
  })
  server.get('/web/caches/news', (request, reply) => {
    const stream = openEventStream(request, reply, () => guard.isSignedIn(request))
    let waiting: NewsItem[] = [...cacheConsole.news.latest]
    const send = (): void => {
      if (waiting.length === 0) return
      stream.send({ news: waiting })
      waiting = []
    }
    stream.send({ news: waiting, instance: app.configuration.values.INSTANCE_ID })
    waiting = []
    const timer = setInterval(send, newsEveryMs)
    const stop = cacheConsole.news.subscribe((item) => {
      waiting.push(item)
      if (waiting.length > cacheConsole.news.latest.length) waiting.shift()
    })
    stream.onEnd(() => {
      clearInterval(timer)
      stop()
    })
  })
  entryRoutes(server, app)
}

function entryRoutes(server: FastifyInstance, app: App): void {
  server.post('/web/caches/:name/entries', async (request) => {
    const { cache, sensitive } = named(app, request.params)
    return searchEntries(cache, sensitive, parsed(questionSchema, request.body))
  })
  server.post('/web/caches/:name/invalidate', async (request) => {
    const { cache } = named(app, request.params)
    return { found: await cache.delete(parseStoredKey(parsed(keySchema, request.body).key)) }
  })
  server.post('/web/caches/clear-domain', async (request) => {
    const { domain } = parsed(domainSchema, request.body)
    const members = [...cachesByName(app.caches).values()].filter(({ name }) => domainOf(name) === domain)
    await Promise.all(members.map((cache) => cache.clear()))
    return { cleared: members.map(({ name }) => name) }
  })
}

function named(
  app: App,
  parameters: unknown,
): { readonly cache: Cache<unknown>; readonly sensitive: boolean } {
  const { name } = parsed(nameSchema, parameters)
  const cache = cachesByName(app.caches).get(name)
  const facts = app.caches.all.list().find((one) => one.name === name)
  if (cache === undefined || facts === undefined) throw new RequestFault(404, `There is no cache ${name}`)
  return { cache, sensitive: facts.sensitive }
}
