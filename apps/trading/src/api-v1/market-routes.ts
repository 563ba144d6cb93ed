import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import type { Quote } from '../broker/broker-adapter.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { ApiGate } from './api-caller.ts'
import { quoteForm, symbolForm } from './openalgo-forms.ts'

const key = { symbol: orderFields.symbol, exchange: orderFields.exchange }
const searchFields = {
  query: z.string().min(1, 'Must not be empty.').max(256, 'Longer than maximum length 256.'),
  exchange: z.string().max(32).optional(),
}
const multiFields = {
  symbols: z.array(z.object(key)).min(1, 'Must not be empty.').max(500, 'Longer than maximum length 500.'),
}
const searchLimit = 500

/** Symbols and prices. */
export function marketRoutes(server: FastifyInstance, app: App, gate: ApiGate): void {
  server.post('/api/v1/symbol', async (request) => {
    const { body } = await gate.admit(request, key)
    return { status: 'success', data: symbolForm(await app.finder.require(body.symbol, body.exchange)) }
  })
  server.post('/api/v1/search', async (request) => {
    const { body } = await gate.admit(request, searchFields)
    const exchange = body.exchange === '' ? undefined : body.exchange
    const { results } = await app.finder.search({ query: body.query, exchange, limit: searchLimit })
    const many = results.length === 1 ? 'Found 1 matching symbol' : `Found ${results.length} matching symbols`
    const message = results.length === 0 ? 'No matching symbols found' : many
    return { status: 'success', message, data: results.map(symbolForm) }
  })
  server.post('/api/v1/quotes', async (request) => {
    const { userId, body } = await gate.admit(request, key)
    const quote = await app.quotes.quote(userId, await app.finder.require(body.symbol, body.exchange))
    if (quote === undefined) throw new RequestFault(404, `No price for ${body.symbol} in ${body.exchange}`)
    return { status: 'success', data: quoteForm(quote) }
  })
  server.post('/api/v1/multiquotes', async (request) => {
    const { userId, body } = await gate.admit(request, multiFields)
    const results = await Promise.all(
      body.symbols.map(async ({ symbol, exchange }) => {
        const instrument = await app.finder.find(symbol, exchange)
        if (instrument === undefined) return missing(symbol, exchange)
        const quote = await app.quotes.quote(userId, instrument)
        return quote === undefined ? missing(symbol, exchange) : found(quote)
      }),
    )
    return { status: 'success', results }
  })
}

function found(quote: Quote) {
  return { symbol: quote.symbol, exchange: quote.exchange, data: quoteForm(quote) }
}

function missing(symbol: string, exchange: string) {
  return { symbol, exchange, error: `Symbol ${symbol} not found in exchange ${exchange}` }
}
