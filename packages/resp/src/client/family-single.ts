import { systemClock } from '@cache/ports'
import type { FamilyConnection, FamilyLibrary } from './family.ts'
import { FamilyNode } from './family-node.ts'
import { keepConnected } from './keep-connected.ts'
import type { RespClient, RespNode } from './resp-client.ts'

/** One server, or the primary that Sentinel names. */
export class FamilySingle implements RespClient {
  readonly isCluster = false
  readonly #node: FamilyNode
  readonly #letGo: () => void

  constructor(connection: FamilyConnection, library: FamilyLibrary, owned: boolean) {
    this.#node = new FamilyNode(connection, library, owned)
    this.#letGo = owned ? keepConnected(connection, systemClock) : () => undefined
  }

  connect(): Promise<void> {
    return this.#node.open()
  }

  nodeOf(): RespNode {
    return this.#node
  }

  primaries(): readonly RespNode[] {
    return [this.#node]
  }

  get family(): FamilyConnection {
    return this.#node.connection
  }

  async refresh(): Promise<void> {}

  async close(): Promise<void> {
    this.#letGo()
    this.#node.close()
  }
}
