import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import type { Quote } from '../broker/broker-adapter.ts'
import { openEventStream } from '../server/event-stream.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'

const maxSymbols = 50
const intervalMs = 1000

const querySchema = z.object({ symbols: z.string().min(1).max(4096) })

/** Live prices of chosen symbols, once a second while somebody looks. */
export function quoteRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/quotes', async (request) => {
    const { user } = await guard.require(request)
    return pricesOf(app, user.id, keysOf(parsed(querySchema, request.query).symbols))
  })
  server.get('/web/quotes/stream', async (request, reply) => {
    const { user } = await guard.require(request)
    const keys = keysOf(parsed(querySchema, request.query).symbols)
    const first = await pricesOf(app, user.id, keys)
    const stream = openEventStream(request, reply, () => guard.isSignedIn(request))
    stream.send({ quotes: first })
    const timer = setInterval(() => {
      pricesOf(app, user.id, keys).then(
        (quotes) => stream.send({ quotes }),
        (error: unknown) => stream.send({ fault: error instanceof Error ? error.message : 'No prices' }),
      )
    }, intervalMs)
    stream.onEnd(() => clearInterval(timer))
  })
}

interface Key {
  readonly exchange: string
  readonly symbol: string
}

/** `NSE:INFY,NFO:NIFTY28OCT25FUT` */
function keysOf(symbols: string): Key[] {
  const keys = symbols.split(',').map((text) => {
    const [exchange = '', ...rest] = text.split(':')
    return { exchange, symbol: rest.join(':') }
  })
  if (keys.some(({ exchange, symbol }) => exchange === '' || symbol === '')) {
    throw new RequestFault(400, 'symbols: Each must be EXCHANGE:SYMBOL, with commas between them')
  }
  if (keys.length > maxSymbols) throw new RequestFault(400, `symbols: At most ${maxSymbols} at once`)
  return keys
}

async function pricesOf(app: App, userId: number, keys: readonly Key[]): Promise<Quote[]> {
  const found = await Promise.all(keys.map(({ symbol, exchange }) => app.finder.find(symbol, exchange)))
  const quotes = await app.quotes.quotes(
    userId,
    found.filter((instrument) => instrument !== undefined),
  )
  return quotes.filter((quote) => quote !== undefined)
}
