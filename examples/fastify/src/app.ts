import rateLimit from '@fastify/rate-limit'
import type { Caches } from '@cache/core'
import { fastifyLimits } from '@cache/rate-limit/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'

const Quote = z.object({ symbol: z.string(), last: z.number(), at: z.date() })
export type Quote = z.infer<typeof Quote>

/** Where quotes come from: slow, and sometimes away. */
export type QuoteSource = (symbol: string, signal: AbortSignal) => Promise<Quote | undefined>

/** Quotes that are at most a second old, while their source can be reached; then at most a minute. */
export async function createApp(caches: Caches, source: QuoteSource): Promise<FastifyInstance> {
  const quotes = caches.define('quotes', {
    schema: Quote, // types the cache; an entry of another shape is a miss
    ttl: '1s',
    maxEntries: 5_000,
    loading: { staleFor: '1m', softTimeout: '50ms', hardTimeout: '2s', breaker: true },
  })

  const app = fastify()
  app.addHook('onClose', () => caches.close())
  await app.register(rateLimit, { max: 50, timeWindow: '1 second', store: fastifyLimits(caches) })

  app.get<{ Params: { symbol: string } }>('/quotes/:symbol', async (request, reply) => {
    const { symbol } = request.params
    const quote = await quotes.getOrLoad(symbol, ({ signal }) => source(symbol, signal), { tags: ['quotes'] })
    return quote ?? reply.code(404).send({ error: `There is no quote of ${symbol}` })
  })
  app.post('/quotes/refresh', async (_request, reply) => {
    await quotes.invalidateTags(['quotes'])
    return reply.code(204).send()
  })
  return app
}
