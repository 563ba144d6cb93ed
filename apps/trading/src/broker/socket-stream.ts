import type { Clock, Timer } from '@cache/core'
import { WebSocket } from 'ws'

import type { Order } from '../orders/order.ts'
import { socketText } from '../server/socket-text.ts'
import type { BrokerInstrument, BrokerStream, StreamListener, Tick } from './broker-adapter.ts'
import type { BrokerEndpoint } from './broker-endpoint.ts'
import { keyTuple } from './broker-key.ts'
import { brokerPaths } from './broker-paths.ts'

const unauthenticatedCode = 4401
const firstRetryMs = 200
const longestRetryMs = 10_000
const maxMessageBytes = 16 * 1024 * 1024

export interface SocketStreamParts {
  readonly endpoint: BrokerEndpoint
  readonly token: string
  readonly listener: StreamListener
  readonly clock: Clock
}

type Message =
  | { readonly type: 'ticks'; readonly ticks: readonly Tick[] }
  | { readonly type: 'order'; readonly order: Order }
  | { readonly type: 'authenticated' }

interface Wanted {
  readonly instrument: BrokerInstrument
  readonly depth: boolean
}

/** The broker's stream over WebSocket. Reconnects until it is closed or the token ends. */
export class SocketStream implements BrokerStream {
  readonly #parts: SocketStreamParts
  readonly #wanted = new Map<string, Wanted>()
  #socket: WebSocket | undefined
  #ready = false
  #failures = 0
  #timer: Timer | undefined
  #closed = false

  constructor(parts: SocketStreamParts) {
    this.#parts = parts
    void this.#connect()
  }

  subscribe(instruments: readonly BrokerInstrument[], { depth }: { readonly depth: boolean }): void {
    for (const instrument of instruments) this.#wanted.set(placeOf(instrument), { instrument, depth })
    this.#ask('subscribe', instruments, depth)
  }

  unsubscribe(instruments: readonly BrokerInstrument[]): void {
    for (const instrument of instruments) this.#wanted.delete(placeOf(instrument))
    this.#ask('unsubscribe', instruments, false)
  }

  close(): void {
    if (this.#closed) return
    this.#end('CLOSED')
    this.#socket?.terminate()
  }

  async #connect(): Promise<void> {
    try {
      const address = await this.#parts.endpoint.address()
      if (this.#closed) return
      this.#open(
        new WebSocket(address.replace(/^http/, 'ws') + brokerPaths.feed, { maxPayload: maxMessageBytes }),
      )
    } catch {
      this.#retry()
    }
  }

  #open(socket: WebSocket): void {
    this.#socket = socket
    socket.on('open', () => {
      socket.send(JSON.stringify({ action: 'authenticate', token: this.#parts.token }))
    })
    socket.on('message', (data) => this.#take(JSON.parse(socketText(data)) as Message))
    socket.on('error', () => socket.terminate())
    socket.on('close', (code) => {
      this.#ready = false
      if (code === unauthenticatedCode) this.#end('TOKEN_INVALID')
      else this.#retry()
    })
  }

  #take(message: Message): void {
    if (this.#closed) return
    const { listener } = this.#parts
    if (message.type === 'ticks') listener.ticks(message.ticks)
    else if (message.type === 'order') listener.order(message.order)
    else {
      this.#ready = true
      this.#failures = 0
      listener.ready()
      for (const depth of [false, true]) {
        const again = [...this.#wanted.values()].filter((one) => one.depth === depth)
        this.#ask(
          'subscribe',
          again.map(({ instrument }) => instrument),
          depth,
        )
      }
    }
  }

  #ask(action: 'subscribe' | 'unsubscribe', instruments: readonly BrokerInstrument[], depth: boolean): void {
    if (!this.#ready || instruments.length === 0) return
    const keys = instruments.map(keyTuple)
    this.#socket?.send(JSON.stringify({ action, keys, depth }))
  }

  #retry(): void {
    if (this.#closed) return
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++)
    this.#timer = this.#parts.clock.setTimer(delayMs, () => void this.#connect())
  }

  #end(reason: 'CLOSED' | 'TOKEN_INVALID'): void {
    if (this.#closed) return
    this.#closed = true
    this.#timer?.cancel()
    this.#parts.listener.ended(reason)
  }
}

function placeOf({ exchange, symbol }: BrokerInstrument): string {
  return `${exchange}:${symbol}`
}
