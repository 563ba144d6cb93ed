import type { Instrument } from '@cache/symbol-index'
import { z } from 'zod'

import type { App } from '../app.ts'
import { type Candle, type CandleQuery, type Interval, intervals } from '../broker/broker-adapter.ts'
import { isDate, kolkataMs } from '../calendar/kolkata.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import { historyAnswer, intervalsAnswer } from './answers.ts'
import type { ApiGate } from './api-caller.ts'
import { candleForm } from './openalgo-forms.ts'

const date = z.string().refine(isDate, 'Not a valid date; use YYYY-MM-DD.')
const historyFields = {
  symbol: orderFields.symbol,
  exchange: orderFields.exchange,
  interval: z.enum(Object.values(intervals).flat() as [Interval, ...Interval[]]),
  start_date: date,
  end_date: date,
  source: z.enum(['api', 'db']).default('api'),
}
const dayMs = 86_400_000

/** Prices of the past: from the broker, or from what the database kept of its earlier answers. */
export function historyRoutes(app: App, gate: ApiGate): void {
  const market = { group: 'Market data' } as const
  gate.route(
    {
      ...market,
      path: '/history',
      answer: historyAnswer,
      summary: 'Prices of the past',
      fields: historyFields,
    },
    async ({ userId, body }) => {
      const instrument = await app.finder.require(body.symbol, body.exchange)
      const [fromMs, toMs] = [kolkataMs(body.start_date, '00:00'), kolkataMs(body.end_date, '00:00') + dayMs]
      if (fromMs >= toMs) throw new RequestFault(400, 'start_date is after end_date')
      const query = { interval: body.interval, fromMs, toMs }
      const candles =
        body.source === 'db'
          ? await keptCandles(app, instrument, query)
          : await app.quotes.candles(userId, instrument, query)
      return { status: 'success', data: candles.map(candleForm) }
    },
  )
  gate.route(
    {
      ...market,
      path: '/intervals',
      answer: intervalsAnswer,
      summary: 'Intervals that history takes',
      fields: {},
    },
    () => ({ status: 'success', data: intervals }),
  )
}

/** @throws RequestFault 400 for an interval that is not kept, 404 when nothing is */
async function keptCandles(app: App, instrument: Instrument, query: CandleQuery): Promise<readonly Candle[]> {
  const kept = await app.quotes.keptCandles(instrument, query)
  const { symbol, exchange } = instrument
  if (kept === undefined) {
    throw new RequestFault(400, `Candles of ${query.interval} are not kept in the database; use source api`)
  }
  if (kept.length > 0) return kept
  throw new RequestFault(
    404,
    `No data for ${symbol} in ${exchange} in the database; ask for 1m or D with source api first`,
  )
}
