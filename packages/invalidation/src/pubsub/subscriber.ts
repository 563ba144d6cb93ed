import type { Clock, Timer } from '@cache/ports'
import { failureKind, type FamilyConnection, keepConnected } from '@cache/resp'
import { subscriptionConnection } from './subscription-connection.ts'

export interface SubscriberEvents {
  readonly onMessage: (channel: string, text: string) => void
  /** Everything that is published on its channels from now on arrives. */
  readonly onSubscribed: () => void
  /** A channel belongs to another node of the cluster now. */
  readonly onMoved: () => void
  readonly onProblem: (message: string, error: unknown) => void
}

export interface SubscriberOptions {
  /** Whose server is to be listened to. */
  readonly like: FamilyConnection
  /** With the pub/sub of a cluster's slots. */
  readonly isSharded: boolean
  readonly clock: Clock
  readonly events: SubscriberEvents
}

/** A silent connection is asked for a sign of life this often, and given up after this long. */
const pingEveryMs = 5000
const pingTimeoutMs = 2000

/** A connection that listens to channels, on whatever connection the library has made last. */
export class Subscriber {
  readonly #connection: FamilyConnection
  readonly #options: SubscriberOptions
  readonly #channels = new Set<string>()
  /** Those that the server has confirmed on the present connection. */
  readonly #heard = new Set<string>()
  readonly #letGo: () => void
  #isRefused = false
  #timer: Timer | undefined
  #closed = false

  constructor(options: SubscriberOptions) {
    const { like, isSharded, events } = options
    this.#options = options
    this.#connection = subscriptionConnection(like)
    this.#letGo = keepConnected(this.#connection, options.clock)
    // The library makes the connection again, and what hinders it is the backend's to tell.
    this.#connection.on('error', () => undefined)
    this.#connection.on('ready', () => {
      this.#heard.clear()
      this.#pingLater()
      void this.#subscribe()
    })
    this.#connection.on('close', () => this.#timer?.cancel())
    this.#connection.on(isSharded ? 'smessage' : 'message', (channel, text) => {
      if (!this.#closed) events.onMessage(String(channel), String(text))
    })
  }

  get isConnected(): boolean {
    return this.#connection.status === 'ready'
  }

  get channels(): ReadonlySet<string> {
    return this.#channels
  }

  /** The library goes on trying where it fails. */
  open(): void {
    void this.#connection.connect().catch(() => undefined)
  }

  add(channel: string): void {
    this.#channels.add(channel)
    if (this.isConnected) void this.#subscribe()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#letGo()
    this.#connection.disconnect()
  }

  async #subscribe(): Promise<void> {
    const missing = [...this.#channels].filter((channel) => !this.#heard.has(channel))
    if (missing.length === 0) return
    const { isSharded, events } = this.#options
    try {
      // Channels of several slots can't be named in one command.
      if (isSharded) for (const channel of missing) await this.#connection.ssubscribe(channel)
      else await this.#connection.subscribe(...missing)
      for (const channel of missing) this.#heard.add(channel)
      this.#isRefused = false
      if (!this.#closed) events.onSubscribed()
    } catch (error) {
      this.#refused(error)
    }
  }

  /** A node whose slot moves away ends the subscription and says nothing that both libraries hear. */
  async #confirm(): Promise<void> {
    if (!this.#options.isSharded) return
    try {
      for (const channel of this.#heard) await this.#connection.ssubscribe(channel)
    } catch (error) {
      this.#heard.clear()
      this.#refused(error)
    }
  }

  /** Tried again with the next sign of life; a connection that broke meanwhile subscribes when it is made again. */
  #refused(error: unknown): void {
    if (failureKind(error) === 'moved') {
      if (!this.#closed) this.#options.events.onMoved()
      return
    }
    if (this.#closed || this.#isRefused || !this.isConnected) return
    this.#isRefused = true
    this.#options.events.onProblem('The server refuses the subscription to changes', error)
  }

  #pingLater(): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimer(pingEveryMs, () => void this.#ping())
  }

  /** A connection may be dead without having ended: a host that is gone, a network that drops everything. */
  async #ping(): Promise<void> {
    const limit = this.#options.clock.setTimer(pingTimeoutMs, () => this.#connection.disconnect(true))
    try {
      await this.#connection.call('ping')
      if (this.#closed) return
      this.#pingLater()
      await this.#confirm()
      await this.#subscribe()
    } catch {
      // It ended, and is made again.
    } finally {
      limit.cancel()
    }
  }
}
