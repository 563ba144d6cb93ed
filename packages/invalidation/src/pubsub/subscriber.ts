import type { Clock } from '@cache/ports'
import { failureKind, type FamilyConnection } from '@cache/resp'
import { ListeningConnection } from './listening-connection.ts'

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

/** A connection that listens to channels, on whatever connection the library has made last. */
export class Subscriber {
  readonly #link: ListeningConnection
  readonly #options: SubscriberOptions
  readonly #channels = new Set<string>()
  /** Those that the server has confirmed on the present connection. */
  readonly #heard = new Set<string>()
  #isRefused = false

  constructor(options: SubscriberOptions) {
    const { like, clock, isSharded, events } = options
    this.#options = options
    this.#link = new ListeningConnection({
      like,
      clock,
      onReady: () => {
        this.#heard.clear()
        void this.#subscribe()
      },
      onAlive: async () => {
        await this.#confirm()
        await this.#subscribe()
      },
    })
    this.#link.connection.on(isSharded ? 'smessage' : 'message', (channel, text) => {
      if (!this.#link.isClosed) events.onMessage(String(channel), String(text))
    })
  }

  get isConnected(): boolean {
    return this.#link.isConnected
  }

  get channels(): ReadonlySet<string> {
    return this.#channels
  }

  open(): void {
    this.#link.open()
  }

  add(channel: string): void {
    this.#channels.add(channel)
    if (this.isConnected) void this.#subscribe()
  }

  close(): void {
    this.#link.close()
  }

  async #subscribe(): Promise<void> {
    const missing = [...this.#channels].filter((channel) => !this.#heard.has(channel))
    if (missing.length === 0) return
    const { isSharded, events } = this.#options
    try {
      // Channels of several slots can't be named in one command.
      if (isSharded) for (const channel of missing) await this.#link.connection.ssubscribe(channel)
      else await this.#link.connection.subscribe(...missing)
      for (const channel of missing) this.#heard.add(channel)
      this.#isRefused = false
      if (!this.#link.isClosed) events.onSubscribed()
    } catch (error) {
      this.#refused(error)
    }
  }

  /** A node whose slot moves away ends the subscription and says nothing that both libraries hear. */
  async #confirm(): Promise<void> {
    if (!this.#options.isSharded) return
    try {
      for (const channel of this.#heard) await this.#link.connection.ssubscribe(channel)
    } catch (error) {
      this.#heard.clear()
      this.#refused(error)
    }
  }

  /** Tried again with the next sign of life; a connection that broke meanwhile subscribes when it is made again. */
  #refused(error: unknown): void {
    if (failureKind(error) === 'moved') {
      if (!this.#link.isClosed) this.#options.events.onMoved()
      return
    }
    if (this.#link.isClosed || this.#isRefused || !this.isConnected) return
    this.#isRefused = true
    this.#options.events.onProblem('The server refuses the subscription to changes', error)
  }
}
