import type { ChainRow, Instrument } from '@cache/symbol-index'
import { z } from 'zod'

import type { App } from '../app.ts'
import type { Quote } from '../broker/broker-adapter.ts'
import { expiryEndMs } from '../instruments/expiry.ts'
import { nearestStrikeAt, OptionFinder } from '../instruments/option-finder.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { ApiGate } from './api-caller.ts'

const base = {
  underlying: orderFields.symbol,
  exchange: orderFields.exchange,
  expiry_date: z
    .string()
    .regex(/^\d{2}[A-Za-z]{3}\d{2}$/, 'Not a valid expiry; use DDMMMYY.')
    .optional(),
}
const optionFields = {
  ...base,
  strategy: z.string().max(64).optional(),
  strike_int: z.number().optional(),
  offset: z
    .string()
    .transform((text) => text.toUpperCase())
    .refine(
      (text) => /^(ATM|(ITM|OTM)([1-9]|[1-4]\d|50))$/.test(text),
      'Must be ATM, ITM1-ITM50 or OTM1-OTM50.',
    ),
  option_type: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(['CE', 'PE'])),
}
const chainFields = {
  ...base,
  strike_count: z.number().int('Not a valid integer.').min(1).max(100).optional(),
}

/** Options by how far they are from the price. */
export function optionRoutes(app: App, gate: ApiGate): void {
  const options = new OptionFinder(app)
  gate.route(
    {
      path: '/optionsymbol',
      group: 'Instruments',
      summary: 'An option by its offset from the price',
      fields: optionFields,
    },
    async ({ userId, body }) => {
      const { place, price } = await options.underlying(userId, body)
      const index = await app.finder.index()
      const query = { ...place, offset: body.offset, optionType: body.option_type, price }
      const option = index.optionByOffset(query)
      if (option === undefined) {
        throw new RequestFault(
          404,
          `No ${body.option_type} option at ${body.offset} of ${place.underlying} ${place.expiry}`,
        )
      }
      return {
        status: 'success',
        symbol: option.symbol,
        exchange: option.exchange,
        lotsize: option.lotSize,
        tick_size: option.tickSize,
        freeze_qty: await app.freezes.of(option),
        underlying_ltp: price,
      }
    },
  )
  gate.route(
    {
      path: '/optionchain',
      group: 'Market data',
      summary: 'All strikes of an expiry with prices',
      fields: chainFields,
    },
    async ({ userId, body }) => chainAnswer(app, options, userId, body),
  )
}

async function chainAnswer(
  app: App,
  options: OptionFinder,
  userId: number,
  body: z.infer<z.ZodObject<typeof chainFields>>,
) {
  const { place, price, quote } = await options.underlying(userId, body)
  const rows = (await app.finder.index()).optionChain(place)
  if (rows.length === 0)
    throw new RequestFault(404, `No options of ${place.underlying} for ${place.expiry} in ${place.exchange}`)
  const atTheMoney = nearestStrikeAt(
    rows.map(({ strike }) => strike),
    price,
  )
  const around = body.strike_count ?? rows.length
  const from = Math.max(0, atTheMoney - around)
  const shown = rows.slice(from, atTheMoney + around + 1)
  const legs = shown.flatMap(({ ce, pe }) => [ce, pe].filter((one) => one !== undefined))
  const quotes = await app.quotes.quotes(userId, legs)
  const bySymbol = new Map(quotes.flatMap((one) => (one === undefined ? [] : [[one.symbol, one] as const])))
  return {
    status: 'success',
    underlying: place.underlying,
    underlying_symbol: quote.symbol,
    underlying_exchange: quote.exchange,
    underlying_ltp: price,
    underlying_prev_close: quote.prevClose,
    expiry_date: place.expiry.replaceAll('-', ''),
    expiry_ts: expiryEndMs(place.expiry),
    server_ts: app.clock.wallMs(),
    atm_strike: rows[atTheMoney]?.strike,
    quotes_included: true,
    greeks_included: false,
    chain: shown.map((row, at) => chainRow(row, from + at - atTheMoney, bySymbol)),
  }
}

function chainRow({ strike, ce, pe }: ChainRow, steps: number, quotes: ReadonlyMap<string, Quote>) {
  return {
    strike,
    ce: ce && leg(ce, labelOf(-steps), quotes.get(ce.symbol)),
    pe: pe && leg(pe, labelOf(steps), quotes.get(pe.symbol)),
  }
}

/** How deep in the money: so many strikes. */
function labelOf(depth: number): string {
  if (depth === 0) return 'ATM'
  return depth > 0 ? `ITM${depth}` : `OTM${-depth}`
}

function leg({ symbol, lotSize, tickSize }: Instrument, label: string, quote: Quote | undefined) {
  const {
    ltp = 0,
    bid = 0,
    ask = 0,
    open = 0,
    high = 0,
    low = 0,
    prevClose = 0,
    volume = 0,
    oi = 0,
  } = quote ?? {}
  const prices = { ltp, bid, ask, bid_qty: lotSize, ask_qty: lotSize, open, high, low, prev_close: prevClose }
  return { symbol, label, ...prices, volume, oi, lotsize: lotSize, tick_size: tickSize }
}
