import type { Instrument } from '@cache/symbol-index'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { openEventStream } from '../server/event-stream.ts'
import { parsed } from '../server/parsed.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { hasExpired } from './expiry.ts'

const searchSchema = z.object({
  q: z.string().max(256, 'Longer than maximum length 256.').default(''),
  exchange: z.string().max(32).default(''),
})

const keySchema = z.object({ exchange: z.string().max(32), symbol: z.string().max(128) })

const resultLimit = 30
const statusIntervalMs = 100

/** Searching as somebody types, and the stream of the master's state. */
export function symbolRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/symbols', async (request) => {
    await guard.require(request)
    const { q, exchange } = parsed(searchSchema, request.query)
    const { total, results } = await app.finder.search({
      query: q,
      exchange: exchange === '' ? undefined : exchange,
      limit: resultLimit,
      typos: true,
    })
    const nowMs = app.clock.wallMs()
    return { total, results: results.map((instrument) => listed(instrument, nowMs)) }
  })
  server.get('/web/symbols/:exchange/:symbol', async (request) => {
    await guard.require(request)
    const { exchange, symbol } = parsed(keySchema, request.params)
    return listed(await app.finder.require(symbol, exchange), app.clock.wallMs())
  })
  server.get('/web/master/stream', async (request, reply) => {
    await guard.require(request)
    const stream = openEventStream(request, reply, () => guard.isSignedIn(request))
    let sentAtMs = 0
    let sentPhase = ''
    const send = (): void => {
      const { status } = app.catalog
      const nowMs = app.clock.monotonicMs()
      if (status.phase === sentPhase && nowMs - sentAtMs < statusIntervalMs) return
      sentAtMs = nowMs
      sentPhase = status.phase
      stream.send(status)
    }
    send()
    stream.onEnd(app.catalog.subscribe(send))
  })
}

function listed(instrument: Instrument, nowMs: number) {
  const { symbol, exchange, name, instrumentType, expiry, strike, lotSize, tickSize } = instrument
  const expired = hasExpired(expiry, nowMs)
  return { symbol, exchange, name, instrumentType, expiry, strike, lotSize, tickSize, expired }
}
