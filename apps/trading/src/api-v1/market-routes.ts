import { z } from 'zod'

import type { App } from '../app.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import { depthAnswer, multiQuoteAnswer, quoteAnswer } from './answers.ts'
import type { ApiGate } from './api-caller.ts'
import { depthForm, quoteForm } from './openalgo-forms.ts'

const key = { symbol: orderFields.symbol, exchange: orderFields.exchange }
const multiFields = {
  symbols: z.array(z.object(key)).min(1, 'Must not be empty.').max(500, 'Longer than maximum length 500.'),
}

/** Prices: now, around, and before. */
export function marketRoutes(app: App, gate: ApiGate): void {
  const market = { group: 'Market data' } as const
  gate.route(
    { ...market, path: '/quotes', answer: quoteAnswer, summary: 'Last price of a symbol', fields: key },
    async ({ userId, body }) => {
      const quote = await app.quotes.quote(userId, await app.finder.require(body.symbol, body.exchange))
      if (quote === undefined) throw noPrice(body)
      return { status: 'success', data: quoteForm(quote) }
    },
  )
  gate.route(
    {
      ...market,
      path: '/multiquotes',
      answer: multiQuoteAnswer,
      summary: 'Last prices of many symbols',
      fields: multiFields,
    },
    async ({ userId, body }) => {
      const results = await Promise.all(
        body.symbols.map(async (place) => ({ ...place, ...(await priceOf(app, userId, place)) })),
      )
      return { status: 'success', results }
    },
  )
  gate.route(
    {
      ...market,
      path: '/depth',
      answer: depthAnswer,
      summary: 'The five best prices of each side',
      fields: key,
    },
    async ({ userId, body }) => {
      const depth = await app.quotes.depth(userId, await app.finder.require(body.symbol, body.exchange))
      if (depth === undefined) throw noPrice(body)
      return { status: 'success', data: depthForm(depth) }
    },
  )
}

/** The price, or why there is none. */
async function priceOf(app: App, userId: number, { symbol, exchange }: Place) {
  const instrument = await app.finder.find(symbol, exchange)
  if (instrument === undefined) return { error: `Symbol ${symbol} not found in exchange ${exchange}` }
  const quote = await app.quotes.quote(userId, instrument)
  return quote === undefined ? noPriceOf({ symbol, exchange }) : { data: quoteForm(quote) }
}

function noPrice(place: Place): RequestFault {
  return new RequestFault(404, noPriceOf(place).error)
}

function noPriceOf({ symbol, exchange }: Place) {
  return { error: `No price for ${symbol} in ${exchange}` }
}

interface Place {
  readonly symbol: string
  readonly exchange: string
}
