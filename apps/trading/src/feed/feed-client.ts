import { WebSocket } from 'ws'

import type { Tick } from '../broker/broker-adapter.ts'
import { type Mode, tickText } from './feed-messages.ts'

const maxBufferedBytes = 1024 * 1024
const slowForMs = 30_000
const slowCode = 1013

/**
 * One connection. Of each symbol only the latest tick waits to be sent, so that nothing grows with the market, and the
 * last price always arrives: at the next window, or for a slow client when it has read what it was sent.
 */
export class FeedClient {
  readonly socket: WebSocket
  readonly ip: string
  userId: number | undefined
  /** Whose connection it still is: its key may be revoked, its session may end. */
  owner: () => Promise<number | undefined> = () => Promise.resolve(undefined)
  wantsOrders = false
  readonly modes = new Map<string, Mode>()
  readonly #waiting = new Map<string, Tick>()
  #slowSinceMs: number | undefined
  #skipped = 0

  constructor(socket: WebSocket, ip: string) {
    this.socket = socket
    this.ip = ip
  }

  /** Takes the place of an earlier tick of this symbol that was not sent yet. */
  offer(place: string, tick: Tick): void {
    if (this.#waiting.has(place)) this.#skipped++
    this.#waiting.set(place, tick)
  }

  forget(place: string): void {
    this.modes.delete(place)
    this.#waiting.delete(place)
  }

  send(message: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** Sends what waits, unless the client has not yet read what was sent before. */
  flush(nowMs: number, broker: string): void {
    if (this.#waiting.size === 0) return
    if (this.socket.bufferedAmount > maxBufferedBytes) {
      this.#wait(nowMs)
      return
    }
    if (this.#slowSinceMs !== undefined) this.#tellOfSlowness()
    for (const [place, tick] of this.#waiting) {
      const mode = this.modes.get(place)
      if (mode !== undefined && this.socket.readyState === WebSocket.OPEN)
        this.socket.send(tickText(tick, mode, broker))
    }
    this.#waiting.clear()
    this.#skipped = 0
  }

  #wait(nowMs: number): void {
    this.#slowSinceMs ??= nowMs
    if (nowMs - this.#slowSinceMs > slowForMs) this.socket.close(slowCode, 'too slow')
  }

  #tellOfSlowness(): void {
    this.#slowSinceMs = undefined
    const message = `The connection is too slow; ${this.#skipped} ticks were skipped, the latest prices follow`
    this.send({ type: 'notice', code: 'SLOW_CLIENT', skipped: this.#skipped, message })
  }
}
