import { z } from 'zod'

import type { App } from '../app.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import { expiryAnswer, searchAnswer, symbolAnswer } from './answers.ts'
import { type ApiGate, JsonAnswer } from './api-caller.ts'
import { symbolForm } from './openalgo-forms.ts'

const key = { symbol: orderFields.symbol, exchange: orderFields.exchange }
const searchFields = {
  query: z.string().min(1, 'Must not be empty.').max(256, 'Longer than maximum length 256.'),
  exchange: z.string().max(32).optional(),
}
const expiryFields = {
  symbol: orderFields.symbol,
  exchange: z.enum(['NFO', 'BFO', 'MCX', 'CDS', 'BCD', 'NCDEX', 'NCO', 'CRYPTO']),
  instrumenttype: z.enum(['futures', 'options']),
}
/** What can be traded. */
export function instrumentRoutes(app: App, gate: ApiGate): void {
  const instruments = { group: 'Instruments' } as const
  gate.route(
    { ...instruments, path: '/symbol', answer: symbolAnswer, summary: 'One symbol', fields: key },
    async ({ body }) => {
      const instrument = await app.finder.require(body.symbol, body.exchange)
      return { status: 'success', data: symbolForm(instrument, await app.freezes.of(instrument)) }
    },
  )
  gate.route(
    { ...instruments, path: '/search', answer: searchAnswer, summary: 'Find symbols', fields: searchFields },
    async ({ body }) => {
      const exchange = body.exchange === '' ? undefined : body.exchange
      return new JsonAnswer(await app.searches.answer(body.query, exchange))
    },
  )
  gate.route(
    {
      ...instruments,
      path: '/expiry',
      answer: expiryAnswer,
      summary: 'Expiries of an underlying',
      fields: expiryFields,
    },
    async ({ body }) => {
      const { symbol, exchange, instrumenttype: kind } = body
      const index = await app.finder.index()
      const data = index.expiries({ exchange, underlying: symbol, kind, nowMs: app.clock.wallMs() })
      if (data.length === 0)
        throw new RequestFault(404, `No expiry dates found for ${symbol} ${kind} in ${exchange}`)
      const message = `Found ${data.length} expiry dates for ${symbol} ${kind} in ${exchange}`
      return { status: 'success', message, data }
    },
  )
}
