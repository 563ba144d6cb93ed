import type { Clock, Timer } from '@cache/core'

import type { BrokerConnections } from '../broker/broker-connections.ts'
import type { BrokerAdapter, BrokerInstrument, BrokerStream, Tick } from '../broker/broker-adapter.ts'
import type { Order } from '../orders/order.ts'
import type { OrderBooks } from '../orders/order-books.ts'
import type { FeedClient } from './feed-client.ts'
import { errorMessage, type Mode, modes, orderMessage } from './feed-messages.ts'

export interface FeedHubParts {
  readonly broker: BrokerAdapter
  readonly connections: BrokerConnections
  readonly books: OrderBooks
  readonly clock: Clock
  /** Told of each order change of a user. */
  readonly onOrder: (userId: number, order: Order) => void
}

interface Wanted {
  readonly instrument: BrokerInstrument
  readonly clients: Set<FeedClient>
  lastTick: Tick | undefined
}

/** What is open to the broker for one user. */
interface Channel {
  stream: BrokerStream | undefined
  opening: boolean
  readonly clients: Set<FeedClient>
  readonly wanted: Map<string, Wanted>
  /** Open also without clients: somebody wants to hear of orders. */
  kept: boolean
  /** Orders that changed after this are told. */
  ordersSinceMs: number
  /** Order id → how it stood when it was told last. */
  readonly told: Map<string, string>
}

const windowMs = 50
const reopenMs = 2000
const maxTold = 1000

/** Brings the broker's streams to the clients: one stream for each user, whatever the number of clients. */
export class FeedHub {
  readonly #parts: FeedHubParts
  readonly #channels = new Map<number, Channel>()
  #timer: Timer | undefined
  #reopen: Timer | undefined
  #closed = false

  constructor(parts: FeedHubParts) {
    this.#parts = parts
  }

  get figures(): { readonly channels: number; readonly clients: number; readonly symbols: number } {
    const channels = [...this.#channels.values()]
    const count = (size: (channel: Channel) => number): number =>
      channels.reduce((sum, one) => sum + size(one), 0)
    return {
      channels: channels.length,
      clients: count(({ clients }) => clients.size),
      symbols: count(({ wanted }) => wanted.size),
    }
  }

  add(client: FeedClient): void {
    if (client.userId !== undefined) this.#channel(client.userId).clients.add(client)
  }

  remove(client: FeedClient): void {
    const channel = client.userId === undefined ? undefined : this.#channels.get(client.userId)
    if (channel === undefined || client.userId === undefined) return
    this.unsubscribe(client, [...client.modes.keys()])
    channel.clients.delete(client)
    if (channel.clients.size > 0 || channel.kept) return
    channel.stream?.close()
    this.#channels.delete(client.userId)
  }

  /** Hears of a user's orders from now on, whether or not a client is there. */
  keep(userId: number): void {
    this.#channel(userId).kept = true
    void this.#open(userId)
  }

  subscribe(client: FeedClient, instruments: readonly BrokerInstrument[], mode: Mode): void {
    if (client.userId === undefined) return
    const channel = this.#channel(client.userId)
    const asked: BrokerInstrument[] = []
    for (const instrument of instruments) {
      const place = placeOf(instrument)
      const wanted = channel.wanted.get(place) ?? { instrument, clients: new Set(), lastTick: undefined }
      const isNewToBroker = wanted.clients.size === 0 || (mode === modes.DEPTH && !hasDepth(place, wanted))
      channel.wanted.set(place, wanted)
      wanted.clients.add(client)
      client.want(place, mode)
      if (isNewToBroker) asked.push(instrument)
      else if (wanted.lastTick !== undefined) client.offer(place, wanted.lastTick)
    }
    channel.stream?.subscribe(asked, { depth: mode === modes.DEPTH })
    void this.#open(client.userId)
    this.#wake()
  }

  /** Without a mode, all that the client has of these symbols. */
  unsubscribe(client: FeedClient, places: readonly string[], mode?: Mode): void {
    const channel = client.userId === undefined ? undefined : this.#channels.get(client.userId)
    const gone: BrokerInstrument[] = []
    for (const place of places) {
      client.forget(place, mode)
      if (client.modes.has(place)) continue
      const wanted = channel?.wanted.get(place)
      wanted?.clients.delete(client)
      if (wanted === undefined || wanted.clients.size > 0) continue
      channel?.wanted.delete(place)
      gone.push(wanted.instrument)
    }
    if (gone.length > 0) channel?.stream?.unsubscribe(gone)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#reopen?.cancel()
    for (const { stream } of this.#channels.values()) stream?.close()
    this.#channels.clear()
  }

  #channel(userId: number): Channel {
    let channel = this.#channels.get(userId)
    if (channel === undefined) {
      channel = {
        stream: undefined,
        opening: false,
        clients: new Set(),
        wanted: new Map(),
        kept: false,
        ordersSinceMs: this.#parts.clock.wallMs(),
        told: new Map(),
      }
      this.#channels.set(userId, channel)
    }
    return channel
  }

  async #open(userId: number): Promise<void> {
    const channel = this.#channels.get(userId)
    if (channel === undefined || channel.stream !== undefined || channel.opening) return
    channel.opening = true
    const token = await this.#parts.connections.feedToken(userId).catch(() => undefined)
    channel.opening = false
    if (this.#closed || this.#channels.get(userId) !== channel) return
    if (token === undefined) {
      this.#ended(channel)
      return
    }
    const stream = this.#parts.broker.stream(token, {
      ticks: (ticks) => this.#ticks(channel, ticks),
      ready: () => void this.#catchUp(userId, channel),
      order: (order) => void this.#order(userId, channel, order),
      ended: () => {
        if (channel.stream === stream) channel.stream = undefined
        this.#ended(channel)
      },
    })
    channel.stream = stream
    this.#subscribeAll(channel, stream)
  }

  #subscribeAll(channel: Channel, stream: BrokerStream): void {
    for (const depth of [false, true]) {
      const wanted = [...channel.wanted].filter(([place, one]) => hasDepth(place, one) === depth)
      if (wanted.length > 0)
        stream.subscribe(
          wanted.map(([, { instrument }]) => instrument),
          { depth },
        )
    }
  }

  /** Those who wait for prices are told; it is tried again until the user has connected the broker again. */
  #ended({ clients }: Channel): void {
    if (this.#closed) return
    for (const client of clients) {
      if (client.modes.size > 0) client.send(errorMessage('BROKER_ERROR', 'The broker is not connected'))
    }
    this.#reopen ??= this.#parts.clock.setTimer(reopenMs, () => {
      this.#reopen = undefined
      for (const [userId, channel] of this.#channels) {
        if (channel.wanted.size > 0 || channel.kept) void this.#open(userId)
      }
    })
  }

  #ticks(channel: Channel, ticks: readonly Tick[]): void {
    for (const tick of ticks) {
      const place = placeOf(tick)
      const wanted = channel.wanted.get(place)
      if (wanted === undefined) continue
      wanted.lastTick = tick
      for (const client of wanted.clients) client.offer(place, tick)
    }
    this.#wake()
  }

  /** Tells of orders that changed while the stream was not open. */
  async #catchUp(userId: number, channel: Channel): Promise<void> {
    const token = await this.#parts.connections.token(userId).catch(() => undefined)
    const orders = token === undefined ? [] : await this.#parts.broker.orders(token).catch(() => [])
    for (const order of orders.toReversed()) {
      if (order.updatedAtMs >= channel.ordersSinceMs) await this.#order(userId, channel, order)
    }
  }

  /** Once for each change, whichever way it was heard of. */
  async #order(userId: number, channel: Channel, order: Order): Promise<void> {
    const { clients, told } = channel
    const now = `${order.status}/${order.filledQuantity}/${order.updatedAtMs}`
    if (told.get(order.orderId) === now) return
    told.delete(order.orderId)
    told.set(order.orderId, now)
    const [oldest] = told.keys()
    if (told.size > maxTold && oldest !== undefined) told.delete(oldest)
    channel.ordersSinceMs = Math.max(channel.ordersSinceMs, order.updatedAtMs)
    await this.#parts.books.changed(userId).catch(() => undefined)
    this.#parts.onOrder(userId, order)
    for (const client of clients) {
      if (client.wantsOrders) client.send(orderMessage(order, this.#parts.broker.id))
    }
  }

  #wake(): void {
    if (!this.#closed) this.#timer ??= this.#parts.clock.setTimer(windowMs, () => this.#flush())
  }

  #flush(): void {
    this.#timer = undefined
    const { clock, broker } = this.#parts
    const nowMs = clock.monotonicMs()
    let anybody = false
    for (const { clients } of this.#channels.values()) {
      for (const client of clients) {
        client.flush(nowMs, broker.id)
        anybody ||= client.modes.size > 0
      }
    }
    if (anybody) this.#wake()
  }
}

/** Whether somebody wants the order book of a symbol. */
function hasDepth(place: string, { clients }: Wanted): boolean {
  return [...clients].some((client) => client.modes.get(place)?.has(modes.DEPTH) === true)
}

function placeOf({ exchange, symbol }: { readonly exchange: string; readonly symbol: string }): string {
  return `${exchange}:${symbol}`
}
