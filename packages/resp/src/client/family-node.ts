import type { FamilyConnection, FamilyLibrary } from './family.ts'
import type { CommandPart, CommandReply, RespNode } from './resp-client.ts'

/** One connection of the library as a node. */
export class FamilyNode implements RespNode {
  readonly connection: FamilyConnection
  readonly #library: FamilyLibrary
  readonly #owned: boolean
  readonly #onConnect: (() => void)[] = []
  readonly #onDisconnect: (() => void)[] = []
  #failure: unknown
  #losses = 0

  /** Only connections that are `owned` are ever ended. */
  constructor(connection: FamilyConnection, library: FamilyLibrary, owned: boolean) {
    this.connection = connection
    this.#library = library
    this.#owned = owned
    connection.on('error', (error) => {
      this.#failure = error
    })
    connection.on('ready', () => {
      this.#failure = undefined
      for (const listener of this.#onConnect) listener()
    })
    connection.on('close', () => {
      this.#losses++
      for (const listener of this.#onDisconnect) listener()
    })
  }

  get address(): string {
    const { path, host, port } = this.connection.options
    return path ?? `${host ?? 'localhost'}:${port ?? 6379}`
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

  /** Connects if nobody did yet, and waits until it is connected or has failed to be. */
  async open(): Promise<void> {
    if (this.connected) return
    const { status } = this.connection
    if (status === 'wait' || status === 'end') await this.#connect()
    else await this.#settled()
  }

  async #connect(): Promise<void> {
    try {
      await this.connection.connect()
    } catch (error) {
      // "Connection is closed" tells less than what closed it.
      throw this.#failure ?? error
    }
  }

  #settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.connection.on('ready', () => resolve())
      for (const event of ['close', 'end'])
        this.connection.on(event, () => reject(this.#failure ?? new Error('Connection is closed')))
    })
  }
}
