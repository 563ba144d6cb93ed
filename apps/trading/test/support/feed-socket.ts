import { WebSocket } from 'ws'

import { whenOver } from './when-over.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into messages of every shape
export type FeedMessage = any

/** A client of the feed that keeps all that it was told. */
export class FeedSocket {
  readonly messages: FeedMessage[] = []
  readonly prices = new Map<string, number>()
  readonly socket: WebSocket
  closedWith: number | undefined
  /** Whether a message is kept; all are, unless this says otherwise. */
  onMessage: (message: FeedMessage) => boolean = () => true

  constructor(address: string, path = '/ws', headers: Record<string, string> = {}) {
    this.socket = new WebSocket(address.replace(/^http/, 'ws') + path, { headers })
    this.socket.on('message', (data: Buffer) => {
      const message: FeedMessage = JSON.parse(data.toString())
      if (!this.onMessage(message)) return
      this.messages.push(message)
      if (message.type === 'market_data') this.prices.set(message.symbol, message.data.ltp)
    })
    this.socket.on('close', (code) => (this.closedWith = code))
    this.socket.on('error', () => undefined)
    whenOver(() => this.socket.terminate())
  }

  /** Sends and waits for the answer of this type. */
  async ask(message: object, type: string): Promise<FeedMessage> {
    const seen = this.messages.length
    await this.send(message)
    return this.next(type, seen)
  }

  async send(message: object | string): Promise<void> {
    await this.opened()
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The first message of a type after so many. */
  async next(type: string, from = 0): Promise<FeedMessage> {
    for (;;) {
      const found = this.messages.slice(from).find((message) => message.type === type)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async opened(): Promise<void> {
    while (this.socket.readyState === WebSocket.CONNECTING) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async closed(): Promise<number> {
    while (this.closedWith === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
    return this.closedWith
  }
}
