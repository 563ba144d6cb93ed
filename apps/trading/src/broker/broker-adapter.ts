import type { Order, OrderTicket, Position, PriceType, Product } from '../orders/order.ts'

/** What a broker must be told to find an instrument; a plain copy, so that it can cross a process boundary. */
export interface BrokerInstrument {
  readonly symbol: string
  readonly exchange: string
  readonly token: string
  readonly instrumentType: string
  readonly underlying: string | undefined
  /** `DD-MMM-YY`. */
  readonly expiry: string | undefined
  readonly strike: number | undefined
  readonly lotSize: number
  readonly tickSize: number
}

export interface Quote {
  readonly symbol: string
  readonly exchange: string
  readonly ltp: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly prevClose: number
  readonly bid: number
  readonly ask: number
  /** Units that wait at the best bid and the best ask. */
  readonly bidQuantity: number
  readonly askQuantity: number
  readonly volume: number
  /** Open interest; 0 where there is none. */
  readonly oi: number
  readonly atMs: number
}

export interface DepthLevel {
  readonly price: number
  readonly quantity: number
}

/** The five best prices of each side, the best first. */
export interface Depth extends Quote {
  /** Quantity of the last trade. */
  readonly ltq: number
  readonly totalBuyQuantity: number
  readonly totalSellQuantity: number
  readonly bids: readonly DepthLevel[]
  readonly asks: readonly DepthLevel[]
}

/** What happened in one interval of time. */
export interface Candle {
  readonly startMs: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly oi: number
}

export const intervals = {
  seconds: ['1s', '5s', '10s', '15s', '30s'],
  minutes: ['1m', '3m', '5m', '10m', '15m', '30m'],
  hours: ['1h', '2h', '4h'],
  days: ['D'],
  weeks: ['W'],
  months: ['M', 'Q', 'Y'],
} as const

export type Interval = (typeof intervals)[keyof typeof intervals][number]

export interface CandleQuery {
  readonly interval: Interval
  readonly fromMs: number
  /** Candles that start at or after this are left out. */
  readonly toMs: number
}

/** What an order that waits becomes. */
export interface OrderChange {
  readonly priceType: PriceType
  readonly quantity: number
  readonly price: number
  readonly triggerPrice: number
}

export interface Trade {
  readonly tradeId: string
  readonly orderId: string
  readonly symbol: string
  readonly exchange: string
  readonly product: Product
  readonly action: OrderTicket['action']
  readonly quantity: number
  readonly price: number
  readonly atMs: number
}

/** Shares that were paid for on an earlier day. */
export interface Holding {
  readonly symbol: string
  readonly exchange: string
  readonly quantity: number
  readonly averagePrice: number
  readonly ltp: number
  readonly pnl: number
}

/** One change of a price, as the stream brings it. */
export interface Tick extends Quote {
  /** Where the instrument was subscribed with it. */
  readonly depth?: Pick<Depth, 'ltq' | 'totalBuyQuantity' | 'totalSellQuantity' | 'bids' | 'asks'> | undefined
}

/** What a stream tells. Calls come in the order of events. */
export interface StreamListener {
  /** The stream is open, for the first time or again; what happened before was not told. */
  ready(): void
  ticks(ticks: readonly Tick[]): void
  /** An order of the account changed. */
  order(order: Order): void
  /** The stream has ended for good: the token is not accepted, or it was closed. */
  ended(reason: BrokerErrorCode | 'CLOSED'): void
}

/** Prices and order changes as they happen; reconnects by itself, and asks again for what was subscribed. */
export interface BrokerStream {
  subscribe(instruments: readonly BrokerInstrument[], options: { readonly depth: boolean }): void
  unsubscribe(instruments: readonly BrokerInstrument[]): void
  close(): void
}

/** What a sign-in at the broker gives. */
export interface BrokerGrant {
  readonly token: string
  /** For the stream. */
  readonly feedToken: string
  readonly account: string
  readonly expiresAtMs: number
}

/** A master to import: a file of this machine, or bytes as they come. */
export interface BrokerMaster {
  readonly label: string
  readonly source: string | AsyncIterable<Uint8Array>
  /** Rows to expect, where the broker tells; for showing progress. */
  readonly expectedRows?: number | undefined
}

export interface Funds {
  readonly availableCash: number
  readonly utilisedMargin: number
  readonly realisedPnl: number
  readonly unrealisedPnl: number
}

/** What became of an order at once; `orderId` stands in the order book in both cases. */
export type Placement =
  | { readonly orderId: string; readonly accepted: true }
  | { readonly orderId: string; readonly accepted: false; readonly reason: string }

/**
 * A broker. Every call but `loginUrl` and `grant` takes the token of a sign-in; all may reject with a
 * {@link BrokerError}.
 */
export interface BrokerAdapter {
  readonly id: string
  readonly name: string
  /** Calls made so far, by what they were for. */
  readonly calls: ReadonlyMap<string, number>
  /** Where a person signs in at the broker, which sends them back to `callbackUrl` with `code` and `state`. */
  loginUrl(request: { readonly state: string; readonly callbackUrl: string }): string
  /** Exchanges the code of a sign-in for a token. A code works once. */
  grant(code: string): Promise<BrokerGrant>
  /** Makes a token useless. */
  revoke(token: string): Promise<void>
  master(token: string): Promise<BrokerMaster>
  /** Aligned with its input; `undefined` where the broker has no price. */
  quotes(token: string, instruments: readonly BrokerInstrument[]): Promise<(Quote | undefined)[]>
  /** `undefined` where the broker has no price. */
  depth(token: string, instrument: BrokerInstrument): Promise<Depth | undefined>
  /** Oldest first. */
  candles(token: string, instrument: BrokerInstrument, query: CandleQuery): Promise<Candle[]>
  placeOrder(token: string, ticket: OrderTicket, instrument: BrokerInstrument): Promise<Placement>
  /** Changes an order that waits. `ORDER_NOT_OPEN` or `NO_SUCH_ORDER` when there is nothing to change. */
  modifyOrder(token: string, orderId: string, change: OrderChange): Promise<void>
  /** `ORDER_NOT_OPEN` or `NO_SUCH_ORDER` when there is nothing to cancel. */
  cancelOrder(token: string, orderId: string): Promise<void>
  /** Newest first. */
  orders(token: string): Promise<Order[]>
  order(token: string, orderId: string): Promise<Order | undefined>
  /** Newest first. */
  trades(token: string): Promise<Trade[]>
  positions(token: string): Promise<Position[]>
  holdings(token: string): Promise<Holding[]>
  funds(token: string): Promise<Funds>
  stream(token: string, listener: StreamListener): BrokerStream
  /** Stops what runs in the background. */
  close(): Promise<void>
}

export const brokerErrorCodes = [
  'TOKEN_INVALID',
  'CODE_INVALID',
  'NO_SUCH_ORDER',
  'ORDER_NOT_OPEN',
  'NO_SUCH_INSTRUMENT',
  'BAD_REQUEST',
  'RATE_LIMITED',
  'UNAVAILABLE',
] as const

/**
 * Why a broker refused.
 *
 * - `TOKEN_INVALID`: the token has ended or was revoked; sign in again
 * - `CODE_INVALID`: the code was used, is too old, or was never given
 * - `NO_SUCH_ORDER`, `ORDER_NOT_OPEN`: nothing to change
 * - `NO_SUCH_INSTRUMENT`: its master does not hold the instrument
 * - `BAD_REQUEST`: it can't be done as asked
 * - `RATE_LIMITED`: asked too often, also after waiting
 * - `UNAVAILABLE`: it can't be reached
 */
export type BrokerErrorCode = (typeof brokerErrorCodes)[number]

export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly code: BrokerErrorCode

  constructor(code: BrokerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
