import { z } from 'zod'

import type { App } from '../app.ts'
import { type Interval, intervals, type Quote } from '../broker/broker-adapter.ts'
import { isDate, kolkataMs } from '../calendar/kolkata.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { ApiGate } from './api-caller.ts'
import { candleForm, depthForm, quoteForm } from './openalgo-forms.ts'

const key = { symbol: orderFields.symbol, exchange: orderFields.exchange }
const multiFields = {
  symbols: z.array(z.object(key)).min(1, 'Must not be empty.').max(500, 'Longer than maximum length 500.'),
}
const date = z.string().refine(isDate, 'Not a valid date; use YYYY-MM-DD.')
const historyFields = {
  ...key,
  interval: z.enum(Object.values(intervals).flat() as [Interval, ...Interval[]]),
  start_date: date,
  end_date: date,
  source: z.enum(['api', 'db']).default('api'),
}
const dayMs = 86_400_000

/** Prices: now, around, and before. */
export function marketRoutes(app: App, gate: ApiGate): void {
  const market = { group: 'Market data' } as const
  gate.route(
    { ...market, path: '/quotes', summary: 'Last price of a symbol', fields: key },
    async ({ userId, body }) => {
      const quote = await app.quotes.quote(userId, await app.finder.require(body.symbol, body.exchange))
      if (quote === undefined) throw noPrice(body)
      return { status: 'success', data: quoteForm(quote) }
    },
  )
  gate.route(
    { ...market, path: '/multiquotes', summary: 'Last prices of many symbols', fields: multiFields },
    async ({ userId, body }) => {
      const results = await Promise.all(
        body.symbols.map(async ({ symbol, exchange }) => {
          const instrument = await app.finder.find(symbol, exchange)
          const quote = instrument && (await app.quotes.quote(userId, instrument))
          return quote === undefined ? missing(symbol, exchange) : found(quote)
        }),
      )
      return { status: 'success', results }
    },
  )
  gate.route(
    { ...market, path: '/depth', summary: 'The five best prices of each side', fields: key },
    async ({ userId, body }) => {
      const depth = await app.quotes.depth(userId, await app.finder.require(body.symbol, body.exchange))
      if (depth === undefined) throw noPrice(body)
      return { status: 'success', data: depthForm(depth) }
    },
  )
  gate.route(
    { ...market, path: '/history', summary: 'Prices of the past', fields: historyFields },
    async ({ userId, body }) => {
      const instrument = await app.finder.require(body.symbol, body.exchange)
      const [fromMs, toMs] = [kolkataMs(body.start_date, '00:00'), kolkataMs(body.end_date, '00:00') + dayMs]
      if (fromMs >= toMs) throw new RequestFault(400, 'start_date is after end_date')
      const candles = await app.quotes.candles(userId, instrument, { interval: body.interval, fromMs, toMs })
      return { status: 'success', data: candles.map(candleForm) }
    },
  )
  gate.route({ ...market, path: '/intervals', summary: 'Intervals that history takes', fields: {} }, () => ({
    status: 'success',
    data: intervals,
  }))
}

function noPrice({ symbol, exchange }: { readonly symbol: string; readonly exchange: string }): RequestFault {
  return new RequestFault(404, `No price for ${symbol} in ${exchange}`)
}

function found(quote: Quote) {
  return { symbol: quote.symbol, exchange: quote.exchange, data: quoteForm(quote) }
}

function missing(symbol: string, exchange: string) {
  return { symbol, exchange, error: `Symbol ${symbol} not found in exchange ${exchange}` }
}
