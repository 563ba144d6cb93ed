import type { AddressInfo } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import { createCaches, type Caches } from '@cache/core'
import { memory } from '@cache/memory'
import express from 'express'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expressLimits } from '../src/express.ts'
import { fastifyLimits, type FastifyLimitOptions } from '../src/fastify.ts'

async function openCaches(): Promise<Caches> {
  const caches = await createCaches({ backend: memory() })
  onTestFinished(() => caches.close())
  return caches
}

interface Answer {
  readonly status: number
  readonly headers: Headers
}

async function ask(url: string, times = 1): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let call = 0; call < times; call++) {
    const response = await fetch(url)
    await response.text()
    answers.push({ status: response.status, headers: response.headers })
  }
  return answers
}

describe('the store for @fastify/rate-limit', () => {
  async function serve(options: object, own: FastifyLimitOptions = {}): Promise<string> {
    const app = fastify()
    onTestFinished(() => app.close())
    await app.register(rateLimit, { ...options, store: fastifyLimits(await openCaches(), own) })
    app.get('/', async () => 'ok')
    app.get('/orders', { config: { rateLimit: { max: 2, timeWindow: '1 minute' } } }, async () => 'ok')
    return app.listen({ host: '127.0.0.1', port: 0 })
  }

  it('lets through as many as it is set to, and says the rest in headers', async () => {
    const url = await serve({ max: 3, timeWindow: '1 minute' })
    const answers = await ask(url, 4)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['2', '1', '0', '0'])
    const retryAfter = Number(answers[3]?.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThan(50)
    expect(retryAfter).toBeLessThanOrEqual(60)
  })

  it('counts a route with a limit of its own by itself', async () => {
    const url = await serve({ max: 3, timeWindow: 60_000 })
    expect((await ask(`${url}/orders`, 3)).map(({ status }) => status)).toEqual([200, 200, 429])
    expect((await ask(url, 4)).map(({ status }) => status)).toEqual([200, 200, 200, 429])
  })

  it('can spread calls by GCRA', async () => {
    const url = await serve({ max: 10, timeWindow: '1 hour' }, { algorithm: 'gcra' })
    expect((await ask(url, 2)).map(({ status }) => status)).toEqual([200, 429])
  })

  it.each([{ ban: 2 }, { continueExceeding: true }, { exponentialBackoff: true }])(
    'refuses what would have no effect: %j',
    async (options) => {
      await expect(serve({ max: 3, ...options })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    },
  )
})

describe('the store for express-rate-limit', () => {
  async function serve(options: object, own: object = {}, status = 200): Promise<string> {
    const app = express()
    const store = expressLimits(await openCaches(), own)
    app.use(expressRateLimit({ windowMs: 60_000, limit: 3, ...options, store }))
    app.get('/', (_request, response) => void response.status(status).send('ok'))
    const server = app.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('lets through as many as it is set to, and says the rest in headers', async () => {
    const url = await serve({ standardHeaders: 'draft-6', legacyHeaders: false })
    const answers = await ask(url, 4)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(answers.map(({ headers }) => headers.get('ratelimit-remaining'))).toEqual(['2', '1', '0', '0'])
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(50)
  })

  it('gives back what the middleware does not want counted', async () => {
    const url = await serve({ skipFailedRequests: true }, {}, 500)
    expect((await ask(url, 6)).map(({ status }) => status)).toEqual([500, 500, 500, 500, 500, 500])
  })

  it('bans who goes on', async () => {
    const caches = await openCaches()
    const store = expressLimits(caches, { ban: { after: 2, within: '1m', for: '1h' } })
    store.init({ windowMs: 1000, limit: 1 })
    for (let call = 0; call < 3; call++) await store.increment('k')
    const { resetTime } = await store.increment('k')
    expect(resetTime.getTime() - Date.now()).toBeGreaterThan(3_500_000)
    await store.resetKey('k')
    expect(await store.get('k')).toMatchObject({ totalHits: 1 })
  })

  it('needs to know the highest limit where that is a function', async () => {
    const store = expressLimits(await openCaches())
    expect(() => store.init({ windowMs: 1000, limit: () => 3 })).toThrow(/highest/)
    await expect(async () => store.increment('k')).rejects.toThrow(/rateLimit/)
    const url = await serve({ limit: () => 2 }, { limit: 5 })
    expect((await ask(url, 3)).map(({ status }) => status)).toEqual([200, 200, 429])
  })
})
