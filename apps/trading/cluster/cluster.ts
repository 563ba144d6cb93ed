import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import {
  freePort,
  type PostgresServer,
  type ServerProcess,
  startPostgres,
  TestServer,
} from '@cache/tooling-servers'
import { systemClock } from '@cache/core'

import { BrokerProcess } from '../src/broker/broker-process.ts'
import { Instance } from './instance.ts'
import { startNginx } from './nginx.ts'

export interface ClusterOptions {
  /** Where the instances keep what is theirs, and the keys that they share. */
  readonly directory: string
  readonly instances?: number | undefined
  /** Of nginx; 0, the default, takes any that is free. */
  readonly port?: number | undefined
  /** The master that the broker publishes; an invented market by default. */
  readonly instrumentsFile?: string | undefined
  /** More settings of all instances. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  readonly onProgress?: ((what: string) => void) | undefined
}

/** Several instances of the app on one machine, with Valkey, PostgreSQL and nginx, all of them real. */
export class Cluster {
  readonly address: string
  readonly instances: readonly Instance[]
  readonly valkey: TestServer
  readonly postgres: PostgresServer
  readonly #broker: BrokerProcess
  readonly #nginx: ServerProcess

  private constructor(parts: ClusterParts) {
    this.address = `http://127.0.0.1:${parts.port}`
    this.instances = parts.instances
    this.valkey = parts.valkey
    this.postgres = parts.postgres
    this.#broker = parts.broker
    this.#nginx = parts.nginx
  }

  /** What was started is stopped again when a part of it fails. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const started: (() => Promise<unknown>)[] = []
    try {
      return new Cluster(await startParts(options, started))
    } catch (error) {
      for (const stop of started.toReversed()) await stop().catch(() => undefined)
      throw error
    }
  }

  /** The instances first, so that they find what they need until the end. Idempotent. */
  async stop(): Promise<void> {
    await this.#nginx.kill()
    await Promise.all(this.instances.map((instance) => instance.stop()))
    await this.#broker.close()
    await Promise.all([this.valkey.stop(), this.postgres.stop()])
  }
}

interface ClusterParts {
  readonly port: number
  readonly instances: readonly Instance[]
  readonly valkey: TestServer
  readonly postgres: PostgresServer
  readonly broker: BrokerProcess
  readonly nginx: ServerProcess
}

async function startParts(
  options: ClusterOptions,
  started: (() => Promise<unknown>)[],
): Promise<ClusterParts> {
  const { directory, instrumentsFile, onProgress = () => undefined } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  onProgress('Valkey')
  const valkey = await TestServer.start({ kind: 'valkey', config: { appendonly: 'yes' } })
  started.push(() => valkey.stop())
  onProgress('PostgreSQL')
  const postgres = await startPostgres()
  started.push(() => postgres.stop())
  onProgress('the simulated broker')
  const brokerDirectory = join(directory, 'broker')
  const broker = new BrokerProcess({
    args: ['--data', brokerDirectory, ...(instrumentsFile ? ['--instruments', instrumentsFile] : [])],
    clock: systemClock,
    onProblem: onProgress,
  })
  started.push(() => broker.close())
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port
  const settings = {
    ...shared({ directory, port, valkey }),
    DATABASE_URL: (await postgres.createDatabase('trading')).href,
    BROKER_URL: await broker.address(),
    ...options.settings,
  }
  const instances: Instance[] = []
  for (let number = 1; number <= (options.instances ?? 3); number++) {
    const name = `instance-${number}`
    onProgress(name)
    const instance = new Instance({
      name,
      port: await freePort(),
      directory: join(directory, name),
      settings,
    })
    started.push(() => instance.stop('SIGKILL'))
    await instance.start()
    instances.push(instance)
  }
  onProgress('nginx')
  const ports = instances.map((instance) => instance.port)
  const nginx = await startNginx(join(directory, 'nginx'), port, ports)
  started.push(() => nginx.kill())
  return { port, instances, valkey, postgres, broker, nginx }
}

interface Shared {
  readonly directory: string
  readonly port: number
  readonly valkey: TestServer
}

function shared({ directory, port, valkey }: Shared): Record<string, string> {
  return {
    MULTI_INSTANCE_MODE: 'true',
    CACHE_BACKEND: 'valkey',
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(valkey.port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    APP_KEY_FILE: join(directory, 'app-key'),
    CACHE_KEY_FILE: join(directory, 'cache-key'),
  }
}
