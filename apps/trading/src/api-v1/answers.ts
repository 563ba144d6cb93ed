import { z } from 'zod'

/** What each route of the API answers, for its description; the tests hold every answer against it. */

const text = z.string()
const number = z.number()
const amountText = z.string().regex(/^-?\d+\.\d\d$/)
const wholeText = z.string().regex(/^-?\d+$/)
const action = z.enum(['BUY', 'SELL'])
const product = z.enum(['MIS', 'CNC', 'NRML'])

/** In analyze mode every answer says so. */
function success<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({
    status: z.literal('success'),
    ...shape,
    mode: z.literal('analyze').optional(),
  })
}

/** What went wrong: a text, or the faults of each field. */
export const faultAnswer = z.strictObject({
  status: z.literal('error'),
  message: z.union([text, z.record(z.string(), z.array(text))]),
  code: text.optional(),
  errors: z.record(z.string(), z.array(text)).optional(),
  orderid: text.optional(),
  retry_after: number.optional(),
})

export const orderIdAnswer = success({ orderid: text })
export const smartOrderAnswer = success({ orderid: text.optional(), message: text.optional() })
export const messageAnswer = success({ message: text })
export const basketAnswer = success({
  results: z.array(
    z.strictObject({
      symbol: text,
      status: z.enum(['success', 'error']),
      orderid: text.optional(),
      message: text.optional(),
    }),
  ),
})
export const cancelAllAnswer = success({
  message: text,
  canceled_orders: z.array(text),
  failed_cancellations: z.array(z.strictObject({ orderid: text, message: text })),
})

const order = {
  action,
  symbol: text,
  exchange: text,
  orderid: text,
  product,
  quantity: wholeText,
  price: number,
  pricetype: z.enum(['MARKET', 'LIMIT', 'SL', 'SL-M']),
  order_status: z.enum(['open', 'pending', 'complete', 'rejected', 'cancelled']),
  trigger_price: number,
  timestamp: text,
}
export const orderStatusAnswer = success({
  data: z.strictObject({ ...order, average_price: number, rejection_reason: text.optional() }),
})
export const orderBookAnswer = success({
  data: z.strictObject({
    orders: z.array(z.strictObject(order)),
    statistics: z.strictObject({
      total_buy_orders: number,
      total_sell_orders: number,
      total_completed_orders: number,
      total_open_orders: number,
      total_rejected_orders: number,
    }),
  }),
})
export const openPositionAnswer = success({ quantity: wholeText })
export const pingAnswer = success({ data: z.strictObject({ message: z.literal('pong'), broker: text }) })
export const tradeBookAnswer = success({
  data: z.array(
    z.strictObject({
      orderid: text,
      symbol: text,
      exchange: text,
      product,
      action,
      quantity: number,
      average_price: number,
      trade_value: number,
      timestamp: text,
    }),
  ),
})
export const positionBookAnswer = success({
  data: z.array(
    z.strictObject({
      symbol: text,
      exchange: text,
      product,
      quantity: wholeText,
      average_price: amountText,
      ltp: amountText,
      pnl: amountText,
    }),
  ),
})
export const holdingsAnswer = success({
  data: z.strictObject({
    holdings: z.array(
      z.strictObject({
        symbol: text,
        exchange: text,
        product: z.literal('CNC'),
        quantity: number,
        t1_quantity: number,
        pledged_quantity: number,
        pnl: number,
        pnlpercent: number,
      }),
    ),
    statistics: z.strictObject({
      totalholdingvalue: number,
      totalinvvalue: number,
      totalprofitandloss: number,
      totalpnlpercentage: number,
    }),
  }),
})
export const fundsAnswer = success({
  data: z.strictObject({
    availablecash: amountText,
    collateral: amountText,
    m2mrealized: amountText,
    m2munrealized: amountText,
    utiliseddebits: amountText,
  }),
})
export const analyzerAnswer = success({
  data: z.strictObject({
    mode: z.enum(['analyze', 'live']),
    analyze_mode: z.boolean(),
    total_logs: number,
    message: text.optional(),
  }),
})

const day = { open: number, high: number, low: number, ltp: number, prev_close: number, volume: number }
const quote = z.strictObject({ ...day, ask: number, bid: number, oi: number })
const level = z.strictObject({ price: number, quantity: number })
export const quoteAnswer = success({ data: quote })
export const multiQuoteAnswer = success({
  results: z.array(
    z.strictObject({ symbol: text, exchange: text, data: quote.optional(), error: text.optional() }),
  ),
})
export const depthAnswer = success({
  data: z.strictObject({
    ...day,
    ltq: number,
    oi: number,
    totalbuyqty: number,
    totalsellqty: number,
    bids: z.array(level).length(5),
    asks: z.array(level).length(5),
  }),
})
const candle = { open: number, high: number, low: number, close: number, volume: number, oi: number }
export const historyAnswer = success({
  data: z.array(z.strictObject({ timestamp: z.int(), ...candle })),
})
const names = z.array(text)
export const intervalsAnswer = success({
  data: z.strictObject({
    seconds: names,
    minutes: names,
    hours: names,
    days: names,
    weeks: names,
    months: names,
  }),
})

const instrument = {
  symbol: text,
  brsymbol: text,
  name: text,
  exchange: text,
  brexchange: text,
  token: text,
  expiry: text,
  strike: number,
  lotsize: number,
  instrumenttype: text,
  tick_size: number,
}
const symbol = z.strictObject({ id: z.int(), ...instrument, freeze_qty: number })
export const symbolAnswer = success({ data: symbol })
export const searchAnswer = success({ message: text, data: z.array(symbol) })
export const expiryAnswer = success({ message: text, data: names })
export const instrumentsAnswer = success({ message: text, data: z.array(z.strictObject(instrument)) })
export const optionAnswer = success({
  symbol: text,
  exchange: text,
  lotsize: number,
  tick_size: number,
  freeze_qty: number,
  underlying_ltp: number,
})
const leg = z.strictObject({
  symbol: text,
  label: z.string().regex(/^(ATM|(ITM|OTM)\d+)$/),
  ...day,
  bid: number,
  ask: number,
  bid_qty: number,
  ask_qty: number,
  oi: number,
  lotsize: number,
  tick_size: number,
  implied_volatility: number.optional(),
  delta: number.optional(),
  gamma: number.optional(),
  theta: number.optional(),
  vega: number.optional(),
})
export const chainAnswer = success({
  underlying: text,
  underlying_symbol: text,
  underlying_exchange: text,
  underlying_ltp: number,
  underlying_prev_close: number,
  expiry_date: text,
  expiry_ts: z.int().nullable(),
  server_ts: z.int(),
  atm_strike: number,
  quotes_included: z.boolean(),
  greeks_included: z.boolean(),
  forward_price: number.nullable(),
  chain: z.array(z.strictObject({ strike: number, ce: leg.nullable(), pe: leg.nullable() })),
})

const hours = z.array(z.strictObject({ exchange: text, start_time: z.int(), end_time: z.int() }))
export const holidaysAnswer = success({
  year: z.int(),
  timezone: text,
  data: z.array(
    z.strictObject({
      date: text,
      description: text,
      holiday_type: z.enum(['TRADING_HOLIDAY', 'SETTLEMENT_HOLIDAY', 'SPECIAL_SESSION']),
      closed_exchanges: names,
      open_exchanges: hours,
    }),
  ),
})
export const timingsAnswer = success({ data: hours })
