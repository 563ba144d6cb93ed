import { z } from 'zod'

import type { App } from '../app.ts'
import { OptionFinder } from '../instruments/option-finder.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import { optionAnswer, chainAnswer } from './answers.ts'
import type { ApiGate } from './api-caller.ts'
import { OptionChain } from './option-chain.ts'

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
  strategy: z.string().max(64).nullish(),
  /** Of older clients; the strikes are those of the master. */
  strike_int: z.union([z.number(), z.string().max(16)]).nullish(),
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
  strike_count: z.number().int('Not a valid integer.').min(1).max(100).nullish(),
  with_greeks: z.boolean().default(false),
  /** Percent a year, for the Greeks. */
  interest_rate: z.number().min(0).max(100).nullish(),
}

/** Options by how far they are from the price. */
export function optionRoutes(app: App, gate: ApiGate): void {
  const options = new OptionFinder(app)
  const chain = new OptionChain(app, options)
  gate.route(
    {
      path: '/optionsymbol',
      group: 'Instruments',
      summary: 'An option by its offset from the price',
      fields: optionFields,
      answer: optionAnswer,
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
      answer: chainAnswer,
    },
    ({ userId, body }) => chain.answer(userId, body),
  )
}
