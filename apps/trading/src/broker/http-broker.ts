import type { Clock } from '@cache/core'

import type { Order, OrderTicket, Position } from '../orders/order.ts'
import {
  type BrokerAdapter,
  BrokerError,
  type BrokerGrant,
  type BrokerInstrument,
  type BrokerMaster,
  type BrokerStream,
  type Candle,
  type CandleQuery,
  type Depth,
  type Funds,
  type Holding,
  type OrderChange,
  type Placement,
  type Quote,
  type StreamListener,
  type Trade,
} from './broker-adapter.ts'
import type { BrokerEndpoint } from './broker-endpoint.ts'
import { keyTuple } from './broker-key.ts'
import { BrokerHttp } from './broker-http.ts'
import { brokerPaths } from './broker-paths.ts'
import { SocketStream } from './socket-stream.ts'

const quotesPerCall = 500

/** The simulated broker, over its HTTP and WebSocket interface. */
export class HttpBroker implements BrokerAdapter {
  readonly id = 'simulated'
  readonly name = 'Simulated Broker'
  readonly #endpoint: BrokerEndpoint
  readonly #http: BrokerHttp
  readonly #clock: Clock

  constructor(endpoint: BrokerEndpoint, clock: Clock) {
    this.#endpoint = endpoint
    this.#http = new BrokerHttp(endpoint)
    this.#clock = clock
  }

  get calls(): ReadonlyMap<string, number> {
    return this.#http.calls
  }

  loginUrl({ state, callbackUrl }: { readonly state: string; readonly callbackUrl: string }): string {
    return `${brokerPaths.login}?${new URLSearchParams({ state, redirect_uri: callbackUrl }).toString()}`
  }

  grant(code: string): Promise<BrokerGrant> {
    return this.#http.json({ method: 'POST', path: brokerPaths.token, body: { code } })
  }

  async revoke(token: string): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: brokerPaths.token, token })
  }

  async master(token: string): Promise<BrokerMaster> {
    const response = await this.#http.send({ method: 'GET', path: brokerPaths.master, token, download: true })
    const rows = Number(response.headers.get('x-master-rows') ?? Number.NaN)
    if (response.body === null) throw new BrokerError('UNAVAILABLE', 'The broker sent no master')
    return {
      label: decodeURIComponent(response.headers.get('x-master-label') ?? 'master'),
      source: response.body,
      expectedRows: Number.isInteger(rows) ? rows : undefined,
    }
  }

  async quotes(token: string, instruments: readonly BrokerInstrument[]): Promise<(Quote | undefined)[]> {
    const quotes: (Quote | undefined)[] = []
    for (let from = 0; from < instruments.length; from += quotesPerCall) {
      const keys = instruments.slice(from, from + quotesPerCall).map(keyTuple)
      const request = { method: 'POST', path: brokerPaths.quotes, token, body: { keys } } as const
      const part = await this.#http.json<(Quote | null)[]>(request)
      quotes.push(...part.map((quote) => quote ?? undefined))
    }
    return quotes
  }

  depth(token: string, instrument: BrokerInstrument): Promise<Depth | undefined> {
    return this.#http
      .json<Depth>({ method: 'POST', path: brokerPaths.depth, token, body: keyOf(instrument) })
      .catch(undefinedFor('NO_SUCH_INSTRUMENT'))
  }

  candles(token: string, instrument: BrokerInstrument, query: CandleQuery): Promise<Candle[]> {
    const body = { ...keyOf(instrument), ...query }
    return this.#http.json({ method: 'POST', path: brokerPaths.candles, token, body })
  }

  placeOrder(token: string, ticket: OrderTicket, instrument: BrokerInstrument): Promise<Placement> {
    const body = { ...keyOf(instrument), ticket }
    return this.#http.json({ method: 'POST', path: brokerPaths.orders, token, body })
  }

  async modifyOrder(token: string, orderId: string, change: OrderChange): Promise<void> {
    await this.#http.send({ method: 'PUT', path: orderPath(orderId), token, body: change })
  }

  async cancelOrder(token: string, orderId: string): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: orderPath(orderId), token })
  }

  orders(token: string): Promise<Order[]> {
    return this.#http.json({ method: 'GET', path: brokerPaths.orders, token })
  }

  order(token: string, orderId: string): Promise<Order | undefined> {
    return this.#http
      .json<Order>({ method: 'GET', path: orderPath(orderId), token })
      .catch(undefinedFor('NO_SUCH_ORDER'))
  }

  trades(token: string): Promise<Trade[]> {
    return this.#http.json({ method: 'GET', path: brokerPaths.trades, token })
  }

  positions(token: string): Promise<Position[]> {
    return this.#http.json({ method: 'GET', path: brokerPaths.positions, token })
  }

  holdings(token: string): Promise<Holding[]> {
    return this.#http.json({ method: 'GET', path: brokerPaths.holdings, token })
  }

  funds(token: string): Promise<Funds> {
    return this.#http.json({ method: 'GET', path: brokerPaths.funds, token })
  }

  stream(token: string, listener: StreamListener): BrokerStream {
    return new SocketStream({ endpoint: this.#endpoint, token, listener, clock: this.#clock })
  }

  close(): Promise<void> {
    return this.#endpoint.close()
  }
}

function keyOf({ exchange, token, symbol }: BrokerInstrument) {
  return { exchange, token, symbol }
}

function orderPath(orderId: string): string {
  return `${brokerPaths.orders}/${encodeURIComponent(orderId)}`
}

function undefinedFor(code: BrokerError['code']): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof BrokerError && error.code === code) return undefined
    throw error
  }
}
