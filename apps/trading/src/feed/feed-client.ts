import type { Socket } from 'node:net'

import { WebSocket } from 'ws'

import type { Tick } from '../broker/broker-adapter.ts'
import { type Mode, tickFrame } from './feed-messages.ts'

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
  /** What carries the socket's messages, so that many go in one piece. */
  readonly #carrier: Socket
  userId: number | undefined
  /** Whose connection it still is: its key may be revoked, its session may end. */
  owner: () => Promise<number | undefined> = () => Promise.resolve(undefined)
  wantsOrders = false
  /** What it has of each symbol; the same one may be wanted in several forms. */
  readonly modes = new Map<string, ReadonlySet<Mode>>()
  readonly #waiting = new Map<string, Tick>()
  #slowSinceMs: number | undefined
  #skipped = 0

  constructor(socket: WebSocket, carrier: Socket, ip: string) {
    this.socket = socket
    this.#carrier = carrier
    this.ip = ip
  }

  /** Closed, or about to be: nothing more is taken from it, and nothing kept for it, as nobody would take it away. */
  get gone(): boolean {
    return this.socket.readyState !== WebSocket.OPEN
  }

  /** Takes the place of an earlier tick of this symbol that was not sent yet. */
  offer(place: string, tick: Tick): void {
    if (this.#waiting.has(place)) this.#skipped++
    this.#waiting.set(place, tick)
  }

  /** The richest form is sent last, and stays where only the latest is kept. */
  want(place: string, mode: Mode): void {
    const all = new Set(this.modes.get(place)).add(mode)
    this.modes.set(place, new Set([...all].sort((left, right) => left - right)))
  }

  /** Without a mode, all of the symbol. What is left decides whether it still has it. */
  forget(place: string, mode?: Mode): void {
    const left = new Set(mode === undefined ? [] : this.modes.get(place))
    if (mode !== undefined) left.delete(mode)
    if (left.size > 0) {
      this.modes.set(place, left)
      return
    }
    this.modes.delete(place)
    this.#waiting.delete(place)
  }

  send(message: object): void {
    if (!this.gone) this.socket.send(JSON.stringify(message))
  }

  /** Sends what waits, unless the client has not yet read what was sent before. */
  flush(nowMs: number, broker: string): void {
    if (this.#waiting.size === 0) return
    if (this.socket.bufferedAmount > maxBufferedBytes) {
      this.#wait(nowMs)
      return
    }
    this.#carrier.cork()
    if (this.#slowSinceMs !== undefined) this.#tellOfSlowness()
    for (const [place, tick] of this.#waiting) {
      for (const mode of this.modes.get(place) ?? []) {
        if (!this.gone) this.socket.send(tickFrame(tick, mode, broker), { binary: false })
      }
    }
    this.#carrier.uncork()
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
