import type { AclUser, ConfigOptions } from './server-config.ts'
import type { ServerKind } from './server-kind.ts'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

export interface ClusterOptions {
  readonly kind: ServerKind
  /** Nodes that hold slots; three unless told otherwise. */
  readonly primaries?: number | undefined
  /** Replicas of each primary; none unless told otherwise. */
  readonly replicas?: number | undefined
  readonly config?: ConfigOptions | undefined
  /** Users beside the default one, on each node. */
  readonly users?: readonly AclUser[] | undefined
}

const slotCount = 16_384

/** A cluster on loopback, ready for commands. */
export class TestCluster {
  readonly primaries: readonly TestServer[]
  readonly replicas: readonly TestServer[]

  private constructor(primaries: readonly TestServer[], replicas: readonly TestServer[]) {
    this.primaries = primaries
    this.replicas = replicas
  }

  static async start(options: ClusterOptions): Promise<TestCluster> {
    const { kind, primaries = 3, replicas = 0, config, users } = options
    const nodes: TestServer[] = []
    try {
      for (let index = 0; index < primaries * (1 + replicas); index++)
        nodes.push(await TestServer.start({ kind, users, config: { 'cluster-enabled': 'yes', ...config } }))
      const cluster = new TestCluster(nodes.slice(0, primaries), nodes.slice(primaries))
      await cluster.#join()
      return cluster
    } catch (error) {
      await Promise.all(nodes.map((node) => node.stop()))
      throw error
    }
  }

  /** All nodes, primaries first. */
  get nodes(): readonly TestServer[] {
    return [...this.primaries, ...this.replicas]
  }

  /** Where clients begin; any node tells them of the others. */
  get urls(): readonly string[] {
    return this.primaries.map(({ url }) => url)
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #join(): Promise<void> {
    await this.#assignSlots()
    const [first, ...others] = this.nodes
    for (const { port } of others)
      await first?.command(['CLUSTER', 'MEET', '127.0.0.1', port, await busPort(this.nodes, port)])
    await Promise.all(this.nodes.map((node) => this.#untilKnown(node)))
    await Promise.all(this.replicas.map((replica, index) => this.#replicate(replica, index)))
    await Promise.all(this.nodes.map((node) => untilHealthy(node)))
    await Promise.all(this.nodes.map((node) => this.#untilAgreed(node)))
  }

  async #assignSlots(): Promise<void> {
    const { length } = this.primaries
    for (const [index, node] of this.primaries.entries()) {
      const from = Math.floor((index * slotCount) / length)
      const to = Math.floor(((index + 1) * slotCount) / length) - 1
      await node.command(['CLUSTER', 'ADDSLOTSRANGE', from, to])
      await node.command(['CLUSTER', 'SET-CONFIG-EPOCH', index + 1])
    }
  }

  async #untilKnown(node: TestServer): Promise<void> {
    await until('the nodes of the cluster know each other', async () => {
      const lines = String(await node.command(['CLUSTER', 'NODES']))
        .trim()
        .split('\n')
      return lines.length === this.nodes.length && lines.every((line) => !line.includes('handshake'))
    })
  }

  async #replicate(replica: TestServer, index: number): Promise<void> {
    const primary = this.primaries[index % this.primaries.length]
    const id = String(await primary?.command(['CLUSTER', 'MYID']))
    await replica.command(['CLUSTER', 'REPLICATE', id])
    await until(
      'a replica follows its primary',
      async () => (await replica.info('master_link_status')) === 'up',
    )
  }

  /** Every node names every replica, so that a client that asks one of them knows the whole cluster. */
  async #untilAgreed(node: TestServer): Promise<void> {
    await until('the nodes agree on who replicates whom', async () => {
      const lines = String(await node.command(['CLUSTER', 'NODES']))
        .trim()
        .split('\n')
      return lines.filter((line) => line.includes('slave')).length === this.replicas.length
    })
  }
}

async function untilHealthy(node: TestServer): Promise<void> {
  await until('the cluster is complete', async () =>
    String(await node.command(['CLUSTER', 'INFO'])).includes('cluster_state:ok'),
  )
}

async function busPort(nodes: readonly TestServer[], port: number): Promise<number> {
  const node = nodes.find((each) => each.port === port)
  const reply = await node?.command(['CONFIG', 'GET', 'cluster-port'])
  return Number(Array.isArray(reply) ? reply[1] : 0)
}
