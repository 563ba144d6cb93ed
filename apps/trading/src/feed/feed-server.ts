import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

import { type WebSocket, WebSocketServer } from 'ws'

import type { App } from '../app.ts'
import { RequestFault } from '../server/request-fault.ts'
import { FeedActions } from './feed-actions.ts'
import { FeedClient } from './feed-client.ts'
import { takeInOrder } from './feed-inbox.ts'
import { errorMessage } from './feed-messages.ts'

export const feedPath = '/ws'

const unauthenticatedCode = 4401
const tooManyCode = 4429
const maxMessageBytes = 256 * 1024
const maxWaiting = 1000
const pingEveryMs = 20_000
const checkEveryMs = 1000

/** The feed over WebSocket: on the app's own port at `/ws`, and on one of its own where one is set. */
export class FeedServer {
  readonly #app: App
  readonly #actions: FeedActions
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes })
  readonly #clients = new Set<FeedClient>()
  readonly #alive = new WeakSet<WebSocket>()
  readonly #timers: readonly NodeJS.Timeout[]

  constructor(app: App) {
    this.#app = app
    this.#actions = new FeedActions(app)
    this.#timers = [
      setInterval(() => this.#ping(), pingEveryMs).unref(),
      setInterval(() => void this.#endRevoked(), checkEveryMs).unref(),
    ]
  }

  /** Takes connections of a server; `anyPath` on one that serves nothing else. */
  listenTo(server: Server, { anyPath }: { readonly anyPath: boolean }): void {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // The HTTP server listens to it no more, and an error that nobody hears ends the process.
      socket.on('error', () => socket.destroy())
      const [path] = (request.url ?? '').split('?', 1)
      if (!anyPath && path !== feedPath) {
        refuse(socket, '404 Not Found')
        return
      }
      if (!this.#isOurs(request)) {
        refuse(socket, '403 Forbidden')
        return
      }
      if (this.#isFull()) {
        refuse(socket, '503 Service Unavailable', 'retry-after: 5\r\n')
        return
      }
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#accept(webSocket, socket, request),
      )
    })
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const { socket } of this.#clients) socket.close(1001, 'the server stops')
    for (const { socket } of this.#clients) setTimeout(() => socket.terminate(), 500).unref()
    this.#sockets.close()
  }

  /** Those who have sent no key yet can't keep the others out. */
  #isFull(): boolean {
    const all = this.#clients.size
    const { WS_MAX_CONNECTIONS: most } = this.#app.configuration.values
    return all >= most || all - this.#actions.authenticated >= Math.min(maxWaiting, Math.ceil(most / 2))
  }

  /** Pages of other sites can open sockets to this machine; programs send no origin. */
  #isOurs({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers
    if (origin === undefined) return true
    const publicUrl = this.#app.configuration.values.PUBLIC_URL
    return URL.canParse(origin) && (new URL(origin).host === host || origin === publicUrl?.origin)
  }

  #accept(socket: WebSocket, carrier: Socket, request: IncomingMessage): void {
    const client = new FeedClient(socket, carrier, addressOf(request, this.#app))
    this.#clients.add(client)
    this.#alive.add(socket)
    const grace = setTimeout(() => {
      if (client.userId === undefined) socket.close(unauthenticatedCode, 'not authenticated in time')
    }, this.#app.configuration.values.WS_AUTH_GRACE_SECONDS)
    socket.on('pong', () => this.#alive.add(socket))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearTimeout(grace)
      this.#clients.delete(client)
      this.#actions.left(client)
    })
    takeInOrder(socket, (text) => this.#take(client, text))
  }

  async #take(client: FeedClient, text: string): Promise<void> {
    try {
      const outcome = await this.#actions.take(client, text)
      if (outcome === 'too many') client.socket.close(tooManyCode, 'too many connections of this user')
      if (outcome === 'refused') client.socket.close(unauthenticatedCode, 'wrong API key or ticket')
    } catch (error) {
      if (!(error instanceof RequestFault)) this.#app.log.warn({ err: error }, 'A message of the feed failed')
      const message = error instanceof RequestFault ? error.message : 'Something went wrong on the server'
      client.send(errorMessage('BROKER_ERROR', message))
    }
  }

  #ping(): void {
    for (const { socket } of this.#clients) {
      if (!this.#alive.has(socket)) socket.terminate()
      this.#alive.delete(socket)
      socket.ping()
    }
  }

  /** A connection ends with the key or the session that opened it. */
  async #endRevoked(): Promise<void> {
    for (const client of this.#clients) {
      if (client.userId === undefined) continue
      const owner = await client.owner().catch(() => client.userId)
      if (owner !== client.userId)
        client.socket.close(unauthenticatedCode, 'the API key was revoked, or the session has ended')
    }
  }
}

/** It is not left to the other end to close its half: that could keep as many open as it likes. */
function refuse(socket: Socket, status: string, headers = ''): void {
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\n${headers}connection: close\r\n\r\n`)
}

function addressOf(request: IncomingMessage, app: App): string {
  const forwarded = request.headers['x-forwarded-for']
  const direct = request.socket.remoteAddress ?? ''
  const isProxied = app.configuration.values.PUBLIC_URL !== undefined && typeof forwarded === 'string'
  return isProxied ? (forwarded.split(',').at(-1)?.trim() ?? direct) : direct
}
