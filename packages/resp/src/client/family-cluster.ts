import { FamilyEvents } from './family-events.ts'
import type { FamilyCluster, FamilyConnection, FamilyLibrary } from './family.ts'
import { FamilyNode } from './family-node.ts'
import type { RespClient, RespNode } from './resp-client.ts'

/** A cluster of the caller's that is not ready by then is not going to be. */
const readyWithinMs = 10_000

/**
 * A cluster. Each node is spoken to on its own connection, so that it is known which server answers; the library finds the
 * nodes and keeps the map of slots.
 */
export class FamilyClusterClient implements RespClient {
  readonly isCluster = true
  readonly #cluster: FamilyCluster
  readonly #library: FamilyLibrary
  readonly #owned: boolean
  readonly #events: FamilyEvents
  readonly #nodes = new Map<FamilyConnection, FamilyNode>()
  #refreshing: Promise<void> | undefined
  #failure: unknown

  constructor(cluster: FamilyCluster, library: FamilyLibrary, owned: boolean) {
    this.#cluster = cluster
    this.#library = library
    this.#owned = owned
    this.#events = new FamilyEvents(cluster)
    for (const event of ['error', 'node error']) {
      this.#events.on(event, (error) => {
        this.#failure = error
      })
    }
  }

  async connect(): Promise<void> {
    if (this.#cluster.status !== 'ready') await this.#opened()
    await this.#openNodes()
  }

  nodeOf(slot: number): RespNode | undefined {
    const key = this.#cluster.slots[slot]?.[0]
    return this.#present().find((node) => node.address === key)
  }

  get family(): FamilyCluster {
    return this.#cluster
  }

  primaries(): readonly RespNode[] {
    return this.#present()
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async close(): Promise<void> {
    this.#events.removeAll()
    for (const node of this.#nodes.values()) node.close()
    this.#nodes.clear()
    if (!this.#owned) return
    this.#cluster.on('error', () => {})
    this.#cluster.disconnect()
  }

  async #opened(): Promise<void> {
    const { status } = this.#cluster
    try {
      const isIdle = status === 'wait' || status === 'end' || status === ''
      if (isIdle && this.#owned) return await this.#cluster.connect()
      // The caller's may be one that tries for ever and tells nobody: without the right to ask for the state of the cluster.
      if (isIdle) void this.#cluster.connect().catch(() => undefined)
      await this.#events.ready(() => this.#failure, readyWithinMs)
    } catch (error) {
      throw this.#failure ?? error
    }
  }

  async #refresh(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#cluster.refreshSlotsCache((error) => {
        if (error !== undefined && error !== null) this.#failure = error
        resolve()
      })
    })
    await this.#openNodes()
  }

  /** A node that cannot be reached says so when it is used. */
  async #openNodes(): Promise<void> {
    await Promise.allSettled(this.#present().map((node) => node.open()))
  }

  #present(): readonly FamilyNode[] {
    const connections = this.#cluster.nodes('master')
    for (const [known, node] of this.#nodes) {
      if (connections.includes(known)) continue
      node.close()
      this.#nodes.delete(known)
    }
    return connections.map((connection) => this.#nodeOf(connection))
  }

  #nodeOf(connection: FamilyConnection): FamilyNode {
    const known = this.#nodes.get(connection)
    if (known) return known
    const node = new FamilyNode(connection, this.#library, this.#owned)
    this.#nodes.set(connection, node)
    // The library may have learnt of it by itself, and nobody else would connect it or find that it is gone.
    void node.open().catch(() => undefined)
    return node
  }
}
