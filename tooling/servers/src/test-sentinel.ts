import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sendCommands } from './command.ts'
import { freePort } from './free-port.ts'
import { configText } from './server-config.ts'
import type { ConfigOptions } from './server-config.ts'
import type { ServerKind } from './server-kind.ts'
import { ServerProcess } from './server-process.ts'
import { serverProgram } from './server-program.ts'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

export interface SentinelOptions {
  readonly kind: ServerKind
  /** Two unless told otherwise. */
  readonly replicas?: number | undefined
  /** Three unless told otherwise; more than half of them decide on a failover. */
  readonly sentinels?: number | undefined
  readonly config?: ConfigOptions | undefined
}

interface Sentinel {
  readonly port: number
  readonly process: ServerProcess
}

/** A primary with replicas, and Sentinels that fail it over a second after it is gone. */
export class TestSentinel {
  readonly primaryName = 'cache-primary'
  readonly servers: readonly TestServer[]
  readonly #sentinels: readonly Sentinel[]
  readonly #directory: string

  private constructor(servers: readonly TestServer[], sentinels: readonly Sentinel[], directory: string) {
    this.servers = servers
    this.#sentinels = sentinels
    this.#directory = directory
  }

  static async start(options: SentinelOptions): Promise<TestSentinel> {
    const { kind, replicas = 2, sentinels = 3, config = {} } = options
    const directory = await mkdtemp(join(tmpdir(), `cache-${kind}-sentinel-`))
    const setup = new TestSentinel([], [], directory)
    const servers: TestServer[] = []
    const watchers: Sentinel[] = []
    try {
      const primary = await TestServer.start({ kind, config })
      servers.push(primary)
      for (let index = 0; index < replicas; index++) servers.push(await startReplica(primary, config))
      for (let index = 0; index < sentinels; index++)
        watchers.push(await startSentinel(setup, primary, Math.floor(sentinels / 2) + 1))
      const started = new TestSentinel(servers, watchers, directory)
      await started.#untilComplete()
      return started
    } catch (error) {
      await new TestSentinel(servers, watchers, directory).stop()
      throw error
    }
  }

  /** Addresses of the Sentinels, for clients. */
  get sentinels(): readonly { readonly host: string; readonly port: number }[] {
    return this.#sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  }

  get directory(): string {
    return this.#directory
  }

  /** The server that the Sentinels hold for the primary now. */
  async primary(): Promise<TestServer> {
    const [first] = this.#sentinels
    const address = await sendCommands({ port: first?.port ?? 0 }, [
      ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.primaryName],
    ])
    const port = Number(Array.isArray(address) ? address[1] : 0)
    const found = this.servers.find((server) => server.port === port)
    if (!found) throw new Error('The Sentinels name a primary that is none of ours')
    return found
  }

  /** From now on the replicas get nothing more of what the primary is told, and can still be promoted. */
  async letReplicasFallBehind(): Promise<void> {
    const primary = await this.primary()
    const replicas = this.servers.filter((server) => server !== primary)
    for (const replica of replicas) await replica.command(['CONFIG', 'SET', 'masterauth', 'refused'])
    await primary.command(['CLIENT', 'KILL', 'TYPE', 'replica'])
  }

  /** Resolves when the Sentinels name another primary than `former`, and it takes writes. */
  async failedOver(former: TestServer): Promise<TestServer> {
    return until('the Sentinels have failed over', async () => {
      const present = await this.primary()
      return present !== former && (await present.info('role')) === 'master' && present
    })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sentinels.map(({ process }) => process.kill()))
    await Promise.all(this.servers.map((server) => server.stop()))
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #untilComplete(): Promise<void> {
    const { length } = this.#sentinels
    const replicas = this.servers.length - 1
    for (const { port } of this.#sentinels) {
      await until('the Sentinels know each other and the replicas', async () => {
        const state = await sendCommands({ port }, [['SENTINEL', 'MASTER', this.primaryName]])
        const text = Array.isArray(state) ? state.join(' ') : ''
        return text.includes(`num-slaves ${replicas} `) && text.includes(`num-other-sentinels ${length - 1} `)
      })
    }
  }
}

async function startReplica(primary: TestServer, config: ConfigOptions): Promise<TestServer> {
  const replica = await TestServer.start({
    kind: primary.kind,
    config: { ...config, replicaof: `127.0.0.1 ${primary.port}` },
  })
  await until(
    'the replica follows its primary',
    async () => (await replica.info('master_link_status')) === 'up',
  )
  return replica
}

async function startSentinel(
  { directory, primaryName }: TestSentinel,
  { kind, port: primaryPort }: TestServer,
  quorum: number,
): Promise<Sentinel> {
  const program = (await serverProgram(kind)) ?? ''
  const port = await freePort()
  const file = join(directory, `sentinel-${port}.conf`)
  const monitor = `sentinel monitor ${primaryName} 127.0.0.1 ${primaryPort} ${quorum}\n`
  const times = [
    `sentinel down-after-milliseconds ${primaryName} 1000`,
    `sentinel failover-timeout ${primaryName} 5000`,
  ]
  const config = configText({ port, bind: '127.0.0.1', dir: directory, daemonize: 'no' })
  await writeFile(file, `${config}${monitor}${times.join('\n')}\n`)
  return { port, process: await ServerProcess.start(program, [file, '--sentinel'], /\+monitor master/) }
}
