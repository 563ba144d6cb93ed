import type { CommandPart } from './resp-client.ts'

/*
 * ioredis and iovalkey, which was made from it, have one interface. These are the parts of it that the backend uses; any
 * client with the same ones will do.
 */

/** A command on its way, as the library makes it. */
export type FamilyCommand = object

/** One connection of the library. */
export interface FamilyConnection {
  readonly status: string
  readonly options: {
    readonly host?: string | undefined
    readonly port?: number | undefined
    readonly path?: string | undefined
    readonly connectTimeout?: number | undefined
    readonly tls?: unknown
  }
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
  connect(): Promise<void>
  disconnect(reconnect?: boolean): void
  sendCommand(command: never): unknown
  /** One of its own to the same server, with these options instead. */
  duplicate(options: Readonly<Record<string, unknown>>): FamilyConnection
  call(command: string, ...args: string[]): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  ssubscribe(...channels: string[]): Promise<unknown>
}

/** A cluster of the library. */
export interface FamilyCluster {
  readonly isCluster: boolean
  readonly status: string
  /** For each slot the nodes that hold it, `host:port`, the primary first. */
  readonly slots: readonly (readonly string[] | undefined)[]
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
  connect(): Promise<void>
  disconnect(): void
  nodes(role: 'master'): FamilyConnection[]
  refreshSlotsCache(callback: (error?: unknown) => void): void
}

export type FamilyClient = FamilyConnection | FamilyCluster

export function isFamilyCluster(client: FamilyClient): client is FamilyCluster {
  return 'isCluster' in client && client.isCluster
}

/** What a library is to make. Options are those of the library. */
export interface FamilyLibrary {
  /** Of the package, for messages: `redis` or `valkey`. */
  readonly name: string
  connection(options: Readonly<Record<string, unknown>>): FamilyConnection
  cluster(
    nodes: readonly { readonly host: string; readonly port: number }[],
    options: Readonly<Record<string, unknown>>,
  ): FamilyCluster
  /** A command whose reply has bytes for strings. */
  command(name: string, args: readonly CommandPart[]): FamilyCommand & { readonly promise: Promise<unknown> }
}
