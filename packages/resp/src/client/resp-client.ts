import type { FamilyClient } from './family.ts'

/** What goes to the server: text as UTF-8, or bytes. */
export type CommandPart = string | Buffer

/** What comes back: bulk strings as bytes, whole numbers, `null`, and lists of these. */
export type CommandReply = Uint8Array | string | number | null | readonly CommandReply[]

/**
 * A connection to one server at a time, made again by itself when it is lost. What is sent while there is none fails at
 * once, and what was sent and not answered before it was lost fails with it.
 */
export interface RespNode {
  /** `host:port`, for messages. */
  readonly address: string
  /** What is sent now goes out now. */
  readonly connected: boolean
  /** Why the latest connection failed or ended; `undefined` where none did. */
  readonly failure: unknown
  /** Grows with every connection that ends. */
  readonly losses: number
  /** Sends one command; replies come in the order of the commands. Rejects with the server's error or the client's. */
  send(command: readonly CommandPart[]): Promise<CommandReply>
  /** Called whenever a connection was made, before anything else is sent on it. */
  onConnect(listener: () => void): void
  /** Called whenever a connection ended. */
  onDisconnect(listener: () => void): void
  /** Ends the connection, which is then made again. */
  reset(): void
}

/** What the backend needs of a client library. */
export interface RespClient {
  /** The client of the library. */
  readonly family: FamilyClient
  /** Keys are spread over slots, each at one of several primaries. */
  readonly isCluster: boolean
  /** Starts to connect; resolves when connected and rejects when the first attempt fails. */
  connect(): Promise<void>
  /** The node that holds a slot, as far as is known. */
  nodeOf(slot: number): RespNode | undefined
  /** Every node that holds slots. */
  primaries(): readonly RespNode[]
  /** Looks anew at which node holds what. */
  refresh(): Promise<void>
  /** Ends the connections that are its own; idempotent. */
  close(): Promise<void>
}
