import { TestServer, until, type ServerKind } from '@cache/tooling-servers'

/** The primary, its replica, and the server of the truth. */
export class Servers {
  readonly kind: ServerKind
  readonly truth: TestServer
  #primary: TestServer
  #replica: TestServer
  /** Snapshots of the past, oldest first. */
  readonly #snapshots: Uint8Array[] = []

  private constructor(kind: ServerKind, truth: TestServer, primary: TestServer, replica: TestServer) {
    this.kind = kind
    this.truth = truth
    this.#primary = primary
    this.#replica = replica
  }

  static async start(kind: ServerKind): Promise<Servers> {
    const config = { save: '', 'repl-diskless-sync-delay': '0' }
    const [truth, primary, replica] = await Promise.all([
      TestServer.start({ kind, config }),
      TestServer.start({ kind, config }),
      TestServer.start({ kind, config }),
    ])
    const servers = new Servers(kind, truth, primary, replica)
    await servers.#follow()
    return servers
  }

  get primary(): TestServer {
    return this.#primary
  }

  async remember(): Promise<void> {
    this.#snapshots.push(await this.#primary.snapshot())
    if (this.#snapshots.length > 4) this.#snapshots.shift()
  }

  /** A snapshot of some time ago. */
  get past(): Uint8Array | 'empty' {
    return this.#snapshots[0] ?? 'empty'
  }

  /** The replica no longer follows, and so falls behind. */
  async letReplicaFallBehind(): Promise<void> {
    await this.#replica.command(['REPLICAOF', 'NO', 'ONE'])
  }

  /** The primary dies, and its replica takes its place with what it has. */
  async failOver(): Promise<void> {
    await this.#primary.kill()
    ;[this.#primary, this.#replica] = [this.#replica, this.#primary]
  }

  /** The former primary comes back as the replica. */
  async repair(): Promise<void> {
    await this.#replica.restart('empty')
    await this.#follow()
  }

  async stop(): Promise<void> {
    await Promise.all([this.truth.stop(), this.#primary.stop(), this.#replica.stop()])
  }

  async #follow(): Promise<void> {
    await this.#replica.command(['REPLICAOF', '127.0.0.1', this.#primary.port])
    await until('the replica follows', async () => (await this.#replica.info('master_link_status')) === 'up')
  }
}
