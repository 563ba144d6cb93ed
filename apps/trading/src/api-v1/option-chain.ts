import type { ChainRow, Instrument } from '@cache/symbol-index'

import type { App } from '../app.ts'
import type { Quote } from '../broker/broker-adapter.ts'
import { lastTradeMs } from '../instruments/expiry.ts'
import { greeksOf } from '../instruments/greeks.ts'
import { nearestStrikeAt, type OptionFinder, type UnderlyingQuestion } from '../instruments/option-finder.ts'
import { RequestFault } from '../server/request-fault.ts'

export interface ChainQuestion extends UnderlyingQuestion {
  /** Strikes on each side of the price; all where it is not given. */
  readonly strike_count?: number | null | undefined
  readonly with_greeks: boolean
  readonly interest_rate?: number | null | undefined
}

/** What the Greeks of a chain's legs are made from. */
interface Model {
  readonly forward: number
  readonly years: number
  readonly ratePerYear: number
}

type Prices = ReadonlyMap<string, Quote>

const yearMs = 365 * 86_400_000

/** All strikes of an expiry with prices, in OpenAlgo's form. */
export class OptionChain {
  readonly #app: App
  readonly #options: OptionFinder

  constructor(app: App, options: OptionFinder) {
    this.#app = app
    this.#options = options
  }

  /** @throws RequestFault 404 when there are no such options */
  async answer(userId: number, question: ChainQuestion) {
    const { place, price, quote } = await this.#options.underlying(userId, question)
    const rows = (await this.#app.finder.index()).optionChain(place)
    if (rows.length === 0) {
      throw new RequestFault(
        404,
        `No options of ${place.underlying} for ${place.expiry} in ${place.exchange}`,
      )
    }
    const strikes = rows.map(({ strike }) => strike)
    const atTheMoney = nearestStrikeAt(strikes, price)
    const around = question.strike_count ?? rows.length
    const from = Math.max(0, atTheMoney - around)
    const shown = rows.slice(from, atTheMoney + around + 1)
    const prices = await this.#pricesOf(userId, shown)
    const nowMs = this.#app.clock.wallMs()
    const endMs = lastTradeMs(place.expiry, place.exchange)
    const forward = forwardOf(rows[atTheMoney], prices) ?? price
    const years = ((endMs ?? nowMs) - nowMs) / yearMs
    const ratePerYear = (question.interest_rate ?? 0) / 100
    const model = question.with_greeks ? { forward, years, ratePerYear } : undefined
    return {
      status: 'success',
      underlying: place.underlying,
      underlying_symbol: quote.symbol,
      underlying_exchange: quote.exchange,
      underlying_ltp: price,
      underlying_prev_close: quote.prevClose,
      expiry_date: place.expiry.replaceAll('-', ''),
      expiry_ts: endMs === undefined ? null : Math.floor(endMs / 1000),
      server_ts: Math.floor(nowMs / 1000),
      atm_strike: strikes[atTheMoney],
      quotes_included: true,
      greeks_included: question.with_greeks,
      forward_price: question.with_greeks ? forward : null,
      chain: shown.map((row, at) => rowForm(row, from + at - atTheMoney, prices, model)),
    }
  }

  async #pricesOf(userId: number, rows: readonly ChainRow[]): Promise<Prices> {
    const legs = rows.flatMap(({ ce, pe }) => [ce, pe].filter((one) => one !== undefined))
    const quotes = await this.#app.quotes.quotes(userId, legs)
    return new Map(quotes.flatMap((one) => (one === undefined ? [] : [[one.symbol, one] as const])))
  }
}

/** What the underlying is worth at the expiry, by the parity of call and put at the money. */
function forwardOf(row: ChainRow | undefined, prices: Prices): number | undefined {
  const call = row?.ce && prices.get(row.ce.symbol)
  const put = row?.pe && prices.get(row.pe.symbol)
  if (row === undefined || call === undefined || put === undefined) return undefined
  if (call.ltp <= 0 || put.ltp <= 0) return undefined
  return Number((row.strike + call.ltp - put.ltp).toFixed(4))
}

/** A row so many strikes above the one at the money. */
function rowForm({ strike, ce, pe }: ChainRow, steps: number, prices: Prices, model: Model | undefined) {
  const leg = (instrument: Instrument | undefined, depth: number, call: boolean) => {
    if (instrument === undefined) return null
    const quote = prices.get(instrument.symbol)
    return {
      ...legForm(instrument, labelOf(depth), quote),
      ...greeksForm(model, { strike, call, price: quote?.ltp ?? 0 }),
    }
  }
  return { strike, ce: leg(ce, -steps, true), pe: leg(pe, steps, false) }
}

/** How deep in the money: so many strikes. */
function labelOf(depth: number): string {
  if (depth === 0) return 'ATM'
  return depth > 0 ? `ITM${depth}` : `OTM${-depth}`
}

function legForm({ symbol, lotSize, tickSize }: Instrument, label: string, quote: Quote | undefined) {
  return {
    symbol,
    label,
    ltp: quote?.ltp ?? 0,
    bid: quote?.bid ?? 0,
    ask: quote?.ask ?? 0,
    bid_qty: quote?.bidQuantity ?? 0,
    ask_qty: quote?.askQuantity ?? 0,
    open: quote?.open ?? 0,
    high: quote?.high ?? 0,
    low: quote?.low ?? 0,
    prev_close: quote?.prevClose ?? 0,
    volume: quote?.volume ?? 0,
    oi: quote?.oi ?? 0,
    lotsize: lotSize,
    tick_size: tickSize,
  }
}

/** A leg whose price tells no volatility has no Greeks: that is not the same as zero. */
function greeksForm(
  model: Model | undefined,
  leg: { readonly strike: number; readonly call: boolean; readonly price: number },
) {
  const greeks = model && greeksOf({ ...model, ...leg })
  if (greeks === undefined) return {}
  const { impliedVolatility, ...others } = greeks
  return { implied_volatility: impliedVolatility, ...others }
}
