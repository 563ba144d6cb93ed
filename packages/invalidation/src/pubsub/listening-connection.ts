import type { Clock, Timer } from '@cache/ports'
import { type FamilyConnection, keepConnected } from '@cache/resp'
import { subscriptionConnection } from './subscription-connection.ts'

export interface ListeningOptions {
  /** Whose server is to be listened to. */
  readonly like: FamilyConnection
  readonly clock: Clock
  /** A connection was made: nothing is subscribed on it. */
  readonly onReady: () => void
  /** It has shown a sign of life. */
  readonly onAlive: () => Promise<void>
  readonly onLost?: (() => void) | undefined
}

/** A silent connection is asked for a sign of life this often, and given up after this long. */
const pingEveryMs = 5000
const pingTimeoutMs = 2000

/** A connection that only listens; the library makes it again when it is lost, and it is ended when it is dead. */
export class ListeningConnection {
  readonly connection: FamilyConnection
  readonly #options: ListeningOptions
  readonly #letGo: () => void
  #timer: Timer | undefined
  #closed = false

  constructor(options: ListeningOptions) {
    this.#options = options
    this.connection = subscriptionConnection(options.like)
    this.#letGo = keepConnected(this.connection, options.clock)
    // The library makes the connection again, and what hinders it is the backend's to tell.
    this.connection.on('error', () => undefined)
    this.connection.on('ready', () => {
      this.#pingLater()
      options.onReady()
    })
    this.connection.on('close', () => {
      this.#timer?.cancel()
      options.onLost?.()
    })
  }

  get isConnected(): boolean {
    return this.connection.status === 'ready'
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** The library goes on trying where it fails. */
  open(): void {
    void this.connection.connect().catch(() => undefined)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#letGo()
    this.connection.disconnect()
  }

  #pingLater(): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimer(pingEveryMs, () => void this.#ping())
  }

  /** A connection may be dead without having ended: a host that is gone, a network that drops everything. */
  async #ping(): Promise<void> {
    const limit = this.#options.clock.setTimer(pingTimeoutMs, () => this.connection.disconnect(true))
    try {
      await this.connection.call('ping')
      if (this.#closed) return
      this.#pingLater()
      await this.#options.onAlive()
    } catch {
      // It ended, and is made again.
    } finally {
      limit.cancel()
    }
  }
}
