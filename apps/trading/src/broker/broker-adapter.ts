import type { Order, OrderTicket, Position } from '../orders/order.ts'

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
  readonly volume: number
  /** Open interest; 0 where there is none. */
  readonly oi: number
  readonly atMs: number
}

/** What a sign-in at the broker gives. */
export interface BrokerGrant {
  readonly token: string
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
  /** Where a person signs in at the broker, which sends them back to `callbackUrl` with `code` and `state`. */
  loginUrl(request: { readonly state: string; readonly callbackUrl: string }): string
  /** Exchanges the code of a sign-in for a token. A code works once. */
  grant(code: string): Promise<BrokerGrant>
  /** Makes a token useless. */
  revoke(token: string): Promise<void>
  master(token: string): Promise<BrokerMaster>
  /** Aligned with its input; `undefined` where the broker has no price. */
  quotes(token: string, instruments: readonly BrokerInstrument[]): Promise<(Quote | undefined)[]>
  placeOrder(token: string, ticket: OrderTicket, instrument: BrokerInstrument): Promise<Placement>
  /** `ORDER_NOT_OPEN` or `NO_SUCH_ORDER` when there is nothing to cancel. */
  cancelOrder(token: string, orderId: string): Promise<void>
  /** Newest first. */
  orders(token: string): Promise<Order[]>
  order(token: string, orderId: string): Promise<Order | undefined>
  positions(token: string): Promise<Position[]>
  funds(token: string): Promise<Funds>
  /** Stops what runs in the background. */
  close(): Promise<void>
}

/**
 * Why a broker refused.
 *
 * - `TOKEN_INVALID`: the token has ended or was revoked; sign in again
 * - `CODE_INVALID`: the code was used, is too old, or was never given
 * - `NO_SUCH_ORDER`, `ORDER_NOT_OPEN`: nothing to cancel
 * - `UNAVAILABLE`: it can't be reached
 */
export type BrokerErrorCode =
  | 'TOKEN_INVALID'
  | 'CODE_INVALID'
  | 'NO_SUCH_ORDER'
  | 'ORDER_NOT_OPEN'
  | 'UNAVAILABLE'

export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly code: BrokerErrorCode

  constructor(code: BrokerErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
