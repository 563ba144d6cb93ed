import type { Instrument, OptionChainQuery } from '@cache/symbol-index'

import type { App } from '../app.ts'
import type { Quote } from '../broker/broker-adapter.ts'
import { RequestFault } from '../server/request-fault.ts'

export interface UnderlyingQuestion {
  /** `NIFTY`, or one of its futures: `NIFTY28OCT25FUT`. */
  readonly underlying: string
  readonly exchange: string
  /** `DDMMMYY`; a future brings its own. */
  readonly expiry_date?: string | undefined
}

export interface UnderlyingAnswer {
  /** Where its options are. */
  readonly place: OptionChainQuery
  readonly price: number
  readonly quote: Quote
}

const optionExchange: Readonly<Record<string, string>> = {
  NSE: 'NFO',
  NSE_INDEX: 'NFO',
  BSE: 'BFO',
  BSE_INDEX: 'BFO',
}
const indexExchange: Readonly<Record<string, string>> = { NFO: 'NSE_INDEX', BFO: 'BSE_INDEX' }
const cashExchange: Readonly<Record<string, string>> = { NFO: 'NSE', BFO: 'BSE' }

/** Where the options of an underlying are, and what it costs. */
export class OptionFinder {
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  /** @throws RequestFault 404 when it has no price or no options; 400 without an expiry */
  async underlying(userId: number, question: UnderlyingQuestion): Promise<UnderlyingAnswer> {
    const exchange = optionExchange[question.exchange] ?? question.exchange
    const asked = question.underlying.toUpperCase()
    const future = await this.#app.finder.find(asked, exchange)
    const priced = future ?? (await this.#priced(asked, question.exchange, exchange))
    const underlying = future?.underlying ?? asked
    const expiry = question.expiry_date === undefined ? future?.expiry : dashed(question.expiry_date)
    if (expiry === undefined)
      throw new RequestFault(400, 'expiry_date is needed, unless the underlying is a future')
    const quote = priced && (await this.#app.quotes.quote(userId, priced))
    if (quote === undefined) throw new RequestFault(404, `No price for ${asked} in ${question.exchange}`)
    return { place: { exchange, underlying, expiry }, price: quote.ltp, quote }
  }

  /** What tells the price: index or share, and where there is no spot market the nearest future. */
  async #priced(name: string, asked: string, exchange: string): Promise<Instrument | undefined> {
    const { finder, clock } = this.#app
    for (const place of [asked, indexExchange[exchange], cashExchange[exchange]]) {
      const spot = place === undefined ? undefined : await finder.find(name, place)
      if (spot !== undefined) return spot
    }
    return (await finder.index()).nearestFuture({ exchange, underlying: name, nowMs: clock.wallMs() })
  }
}

/** Position of the strike nearest to a price; of two, the lower. */
export function nearestStrikeAt(strikes: readonly number[], price: number): number {
  let nearest = 0
  for (const [at, strike] of strikes.entries()) {
    if (Math.abs(strike - price) < Math.abs((strikes[nearest] ?? 0) - price)) nearest = at
  }
  return nearest
}

/** `28OCT25` → `28-OCT-25` */
function dashed(text: string): string {
  return text.toUpperCase().replace(/^(\d{2})([A-Z]{3})(\d{2})$/, '$1-$2-$3')
}
