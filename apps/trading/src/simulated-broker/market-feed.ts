import type { Server } from 'node:http'

import type { Clock, Timer } from '@cache/core'
import { WebSocket, WebSocketServer } from 'ws'

import { brokerPaths } from '../broker/broker-paths.ts'
import type { BrokerInstrument, Tick } from '../broker/broker-adapter.ts'
import type { Order } from '../orders/order.ts'
import { socketText } from '../server/socket-text.ts'
import { feedMessageSchema } from './broker-schemas.ts'
import type { PublishedMaster } from './published-master.ts'
import type { SimulatedBroker } from './simulated-broker.ts'
import type { TickReplay } from './tick-replay.ts'

const stepMs = 50
const inventedEveryMs = 500
const maxMessageBytes = 256 * 1024
const maxBufferedBytes = 4 * 1024 * 1024
const unauthenticatedCode = 4401

interface Subscribed {
  readonly instrument: BrokerInstrument
  depth: boolean
  /** What was sent last, to send changes only. */
  lastSent: string
}

interface Listener {
  readonly socket: WebSocket
  token: string | undefined
  account: string | undefined
  readonly subscribed: Map<string, Subscribed>
  /** Places with a tick that was not sent yet. */
  readonly changed: Set<string>
}

export interface MarketFeedParts {
  readonly server: Server
  readonly broker: SimulatedBroker
  readonly master: PublishedMaster
  readonly replay: TickReplay | undefined
  readonly clock: Clock
}

/** Prices and order changes to whoever subscribes, over WebSocket. */
export class MarketFeed {
  readonly #parts: MarketFeedParts
  readonly #sockets: WebSocketServer
  readonly #listeners = new Set<Listener>()
  #timer: Timer | undefined
  #inventedAtMs = 0

  constructor(parts: MarketFeedParts) {
    this.#parts = parts
    this.#sockets = new WebSocketServer({
      server: parts.server,
      path: brokerPaths.feed,
      maxPayload: maxMessageBytes,
    })
    this.#sockets.on('connection', (socket) => this.#accept(socket))
    parts.replay?.onTick((place) => {
      for (const { subscribed, changed } of this.#listeners) if (subscribed.has(place)) changed.add(place)
    })
  }

  order(account: string, order: Order): void {
    for (const listener of this.#listeners) {
      if (listener.account === account) send(listener.socket, { type: 'order', order })
    }
  }

  close(): void {
    this.#timer?.cancel()
    for (const { socket } of this.#listeners) socket.terminate()
    this.#sockets.close()
  }

  #accept(socket: WebSocket): void {
    const listener: Listener = {
      socket,
      token: undefined,
      account: undefined,
      subscribed: new Map(),
      changed: new Set(),
    }
    this.#listeners.add(listener)
    socket.on('close', () => this.#listeners.delete(listener))
    socket.on('error', () => socket.terminate())
    socket.on('message', (data) => {
      this.#take(listener, socketText(data)).catch(() => socket.close(1008, 'bad message'))
    })
  }

  async #take(listener: Listener, text: string): Promise<void> {
    const message = feedMessageSchema.parse(JSON.parse(text))
    if (message.action === 'authenticate') {
      listener.token = message.token
      if (this.#isAccepted(listener)) send(listener.socket, { type: 'authenticated' })
      return
    }
    if (!this.#isAccepted(listener)) return
    for (const key of message.keys) {
      const instrument = await this.#parts.master.find(key)
      if (instrument === undefined) continue
      const place = `${instrument.exchange}:${instrument.symbol}`
      if (message.action === 'unsubscribe') listener.subscribed.delete(place)
      else {
        listener.subscribed.set(place, { instrument, depth: message.depth, lastSent: '' })
        listener.changed.add(place)
      }
    }
    if (listener.subscribed.size > 0) this.#parts.replay?.start()
    this.#wake()
  }

  /** Ends the connection of whoever has no valid token. */
  #isAccepted(listener: Listener): boolean {
    try {
      listener.account = this.#parts.broker.account(listener.token ?? '')
      return true
    } catch {
      listener.socket.close(unauthenticatedCode, 'TOKEN_INVALID')
      return false
    }
  }

  #wake(): void {
    this.#timer ??= this.#parts.clock.setTimer(stepMs, () => this.#step())
  }

  #step(): void {
    this.#timer = undefined
    const nowMs = this.#parts.clock.monotonicMs()
    const invented = nowMs - this.#inventedAtMs >= inventedEveryMs
    if (invented) this.#inventedAtMs = nowMs
    let anybody = false
    for (const listener of this.#listeners) {
      if (listener.subscribed.size === 0) continue
      anybody = true
      if (invented && !this.#isAccepted(listener)) continue
      this.#sendTicks(listener, invented)
    }
    if (anybody) this.#wake()
  }

  /** What is not taken in time is not queued: the next step sends the price of then. */
  #sendTicks({ socket, subscribed, changed }: Listener, all: boolean): void {
    if (socket.bufferedAmount > maxBufferedBytes) return
    const ticks: Tick[] = []
    for (const place of all ? subscribed.keys() : changed) {
      const one = subscribed.get(place)
      const tick = one && this.#tick(one)
      if (tick !== undefined) ticks.push(tick)
    }
    changed.clear()
    if (ticks.length > 0) send(socket, { type: 'ticks', ticks })
  }

  /** `undefined` when nothing has changed. */
  #tick(one: Subscribed): Tick | undefined {
    const { broker } = this.#parts
    const { atMs, ...quote } = broker.quoteNow(one.instrument)
    const text = `${quote.ltp}/${quote.volume}/${quote.bid}/${quote.oi}`
    if (text === one.lastSent) return undefined
    one.lastSent = text
    if (!one.depth) return { ...quote, atMs }
    const { ltq, totalBuyQuantity, totalSellQuantity, bids, asks } = broker.depthNow(one.instrument)
    return { ...quote, atMs, depth: { ltq, totalBuyQuantity, totalSellQuantity, bids, asks } }
  }
}

function send(socket: WebSocket, message: object): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
}
