import { once } from 'node:events'
import { createServer, connect, type Server, type Socket } from 'node:net'

import { Direction, type Traffic } from './proxy-direction.ts'

/** What the proxy does to connections and to each direction. */
export interface ProxyBehaviour {
  /** New connections are closed at once, as by a server that is down. */
  readonly refuse?: boolean | undefined
  /** From the client to the server. */
  readonly requests?: Traffic | undefined
  /** From the server to the client: `drop` loses the replies of commands that were executed. */
  readonly replies?: Traffic | undefined
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  readonly requests: Direction
  readonly replies: Direction
}

/** A TCP proxy on loopback that can drop, hold, delay, slice, cut and half-close what passes through it. */
export class TcpProxy {
  readonly port: number
  #target: number
  readonly #listener: Server
  readonly #pairs = new Set<Pair>()
  #behaviour: ProxyBehaviour = {}

  private constructor(listener: Server, port: number, target: number) {
    this.#listener = listener
    this.port = port
    this.#target = target
    listener.on('connection', (client) => this.#accept(client))
  }

  /** Forwards to a port of loopback. */
  static async start(target: number): Promise<TcpProxy> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    return new TcpProxy(listener, typeof address === 'object' && address ? address.port : 0, target)
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get connections(): number {
    return this.#pairs.size
  }

  /** What open connections have lost so far, in both directions. */
  get droppedBytes(): number {
    return this.#sum('droppedBytes')
  }

  /** What waits in open connections, in both directions. */
  get heldBytes(): number {
    return this.#sum('heldBytes')
  }

  /** Replaces the behaviour, for open connections as well; `{}` is a wire. What was held goes on. */
  behave(behaviour: ProxyBehaviour): void {
    this.#behaviour = behaviour
    for (const { requests, replies } of this.#pairs) {
      requests.become(behaviour.requests)
      replies.become(behaviour.replies)
    }
  }

  /** New connections go to another port; open ones stay. */
  forwardTo(target: number): void {
    this.#target = target
  }

  /** Breaks all open connections, with a reset. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  /** Ends one direction of every open connection and leaves the other open. */
  halfClose(direction: 'requests' | 'replies'): void {
    for (const { client, server } of this.#pairs) (direction === 'requests' ? server : client).end()
  }

  async stop(): Promise<void> {
    if (!this.#listener.listening) return
    this.#listener.close()
    this.cut()
    await once(this.#listener, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #sum(field: 'droppedBytes' | 'heldBytes'): number {
    return [...this.#pairs].reduce((sum, { requests, replies }) => sum + requests[field] + replies[field], 0)
  }

  #accept(client: Socket): void {
    if (this.#behaviour.refuse === true) {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const server = connect({ host: '127.0.0.1', port: this.#target, allowHalfOpen: true, noDelay: true })
    const { requests, replies } = this.#behaviour
    const pair: Pair = {
      client,
      server,
      requests: new Direction(client, server, requests),
      replies: new Direction(server, client, replies),
    }
    this.#pairs.add(pair)
    for (const socket of [client, server]) {
      socket.on('error', () => this.#end(pair))
      socket.on('close', () => this.#end(pair))
    }
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return
    pair.requests.stop()
    pair.replies.stop()
    pair.client.destroy()
    pair.server.destroy()
  }
}
