import { systemClock, type Timer } from '@cache/ports'
import { FamilyEvents } from './family-events.ts'
import type { FamilyConnection, FamilyLibrary } from './family.ts'
import type { CommandPart, CommandReply, RespNode } from './resp-client.ts'

const greetingMs = 10_000

/** One connection of the library as a node. */
export class FamilyNode implements RespNode {
  readonly connection: FamilyConnection
  readonly #library: FamilyLibrary
  readonly #owned: boolean
  readonly #events: FamilyEvents
  readonly #onConnect: (() => void)[] = []
  readonly #onDisconnect: (() => void)[] = []
  #failure: unknown
  #losses = 0
  /** Whether the server has answered on this connection. */
  #answered = true
  /** Runs while there is a connection that is not ready. */
  #greeting: Timer | undefined

  /** Only connections that are `owned` are ever ended. */
  constructor(connection: FamilyConnection, library: FamilyLibrary, owned: boolean) {
    this.connection = connection
    this.#library = library
    this.#owned = owned
    this.#events = new FamilyEvents(connection)
    this.#events.on('error', (error) => {
      this.#failure = error
    })
    this.#events.on('connect', () => {
      this.#answered = false
      this.#awaitGreeting()
    })
    this.#events.on('ready', () => {
      this.#greeting?.cancel()
      this.#greeting = undefined
      this.#failure = undefined
      for (const listener of this.#onConnect) listener()
    })
    this.#events.on('close', () => {
      this.#greeting?.cancel()
      this.#greeting = undefined
      this.#explain()
      this.#losses++
      for (const listener of this.#onDisconnect) listener()
    })
  }

  get address(): string {
    const { path, host, port } = this.connection.options
    return path ?? `${host ?? 'localhost'}:${port ?? 6379}`
  }

  /** How long an attempt to connect may take. */
  get #patienceMs(): number {
    return this.connection.options.connectTimeout ?? greetingMs
  }

  get connected(): boolean {
    return this.connection.status === 'ready'
  }

  get failure(): unknown {
    return this.#failure
  }

  get losses(): number {
    return this.#losses
  }

  send([name = '', ...args]: readonly CommandPart[]): Promise<CommandReply> {
    const command = this.#library.command(String(name), args)
    this.connection.sendCommand(command as never)
    if (!this.#answered) void command.promise.then(() => (this.#answered = true)).catch(() => {})
    return command.promise as Promise<CommandReply>
  }

  onConnect(listener: () => void): void {
    this.#onConnect.push(listener)
  }

  onDisconnect(listener: () => void): void {
    this.#onDisconnect.push(listener)
  }

  reset(): void {
    if (this.#owned) this.connection.disconnect(true)
  }

  /** Listens no more, and ends the connection where it is owned. */
  close(): void {
    this.#events.removeAll()
    this.#greeting?.cancel()
    if (!this.#owned) return
    // What fails while it ends is nobody's concern.
    this.connection.on('error', () => {})
    this.connection.disconnect()
  }

  /** A server that accepts and then says nothing: the library would wait for ever. */
  #awaitGreeting(): void {
    this.#greeting?.cancel()
    this.#greeting = systemClock.setTimer(this.#patienceMs, () => {
      this.#failure = new Error('ETIMEDOUT: the server said nothing')
      this.reset()
    })
  }

  /** A connection that ends between TLS and the first reply was refused by the server for the client's certificate. */
  #explain(): void {
    if (this.#answered || !this.connection.options.tls) return
    const text = this.#failure instanceof Error ? this.#failure.message : ''
    if (text !== '' && !/ECONNRESET|EPIPE|closed/.test(text)) return
    this.#failure = new Error('TLS: the server ended the connection at once', { cause: this.#failure })
  }

  /** Connects if nobody did yet, and waits until it is connected or has failed to be. */
  async open(): Promise<void> {
    if (this.connected) return
    const { status } = this.connection
    if (status === 'wait' || status === 'end') await this.#connect()
    else await this.#events.ready(() => this.#failure, this.#patienceMs)
  }

  async #connect(): Promise<void> {
    try {
      await this.connection.connect()
    } catch (error) {
      // "Connection is closed" tells less than what closed it.
      throw this.#failure ?? error
    }
  }
}
