import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Certificates, makeCertificates } from './certificates.ts'
import { type CommandTarget, type Reply, sendCommands } from './command.ts'
import { freePort } from './free-port.ts'
import { type AclUser, baseConfig, type ConfigOptions, configText } from './server-config.ts'
import type { ServerKind } from './server-kind.ts'
import { ServerProcess } from './server-process.ts'
import { serverProgram } from './server-program.ts'

export interface ServerOptions {
  readonly kind: ServerKind
  /** Lines of the server's configuration: `{ maxmemory: '1mb', save: '' }`. */
  readonly config?: ConfigOptions | undefined
  /** TLS only, and only for clients with a certificate of the same authority. */
  readonly tls?: boolean | undefined
  /** Users with a password and the rights given; the default user stays, without a password, unless it is among them. */
  readonly users?: readonly AclUser[] | undefined
}

/** Attempts to find a port that is still free when the server takes it. */
const portAttempts = 10

/** A server of one's own, on loopback, in a directory of its own. Nothing of it is left after `stop`. */
export class TestServer {
  readonly kind: ServerKind
  readonly port: number
  readonly directory: string
  readonly certificates: Certificates | undefined
  readonly #program: string
  #process: ServerProcess

  private constructor(made: Made, process: ServerProcess) {
    this.kind = made.kind
    this.port = made.port
    this.directory = made.directory
    this.certificates = made.certificates
    this.#program = made.program
    this.#process = process
  }

  static async start(options: ServerOptions): Promise<TestServer> {
    const program = await serverProgram(options.kind)
    if (program === undefined)
      throw new Error('A server that can be broken needs its program on the PATH; a URL is not enough')
    const directory = await mkdtemp(join(tmpdir(), `cache-${options.kind}-`))
    try {
      return await startIn(directory, program, options, (made, process) => new TestServer(made, process))
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }

  /** `redis://127.0.0.1:PORT`, or `rediss:` with TLS. */
  get url(): string {
    return `${this.certificates ? 'rediss' : 'redis'}://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#process.pid
  }

  /** The last part of what the server wrote. */
  get output(): string {
    return this.#process.output
  }

  /** Sends one command; as the default user, or the one given. */
  async command(command: readonly (string | number)[], as: Partial<CommandTarget> = {}): Promise<Reply> {
    return sendCommands({ ...this.#target(), ...as }, [command])
  }

  /** A field of `INFO`. */
  async info(field: string): Promise<string> {
    const text = String(await this.command(['INFO', 'everything']))
    return new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)?.[1] ?? ''
  }

  /** The process stands still: connections stay open, and nothing is answered. */
  pause(): void {
    this.#process.signal('SIGSTOP')
  }

  resume(): void {
    this.#process.signal('SIGCONT')
  }

  /** `kill -9`: what was not saved is lost. */
  async kill(): Promise<void> {
    await this.#process.kill()
  }

  /** Saves, and returns the snapshot. */
  async snapshot(): Promise<Uint8Array> {
    await this.command(['SAVE'])
    return readFile(join(this.directory, 'dump.rdb'))
  }

  /**
   * Kills it, if it runs, and starts it on the same port: with what it had saved, with the snapshot given, or empty.
   */
  async restart(from: 'saved' | 'empty' | Uint8Array = 'saved'): Promise<void> {
    await this.#process.kill()
    const dump = join(this.directory, 'dump.rdb')
    if (from !== 'saved') await rm(join(this.directory, 'appendonlydir'), { recursive: true, force: true })
    if (from === 'empty') await rm(dump, { force: true })
    else if (from !== 'saved') await writeFile(dump, from)
    this.#process = await run(this.#program, this.directory)
  }

  /** Kills it and starts it again, and does not wait until it has loaded what it saved: `key-load-delay` makes that long. */
  async restartLoading(): Promise<void> {
    await this.#process.kill()
    this.#process = await run(this.#program, this.directory, /Server initialized/)
  }

  /** Kills it and removes its directory. Idempotent. */
  async stop(): Promise<void> {
    await this.#process.kill()
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #target(): CommandTarget {
    if (!this.certificates) return { port: this.port }
    const { ca, client } = this.certificates
    return { port: this.port, tls: { ca, ...client } }
  }
}

interface Made {
  readonly kind: ServerKind
  readonly port: number
  readonly directory: string
  readonly certificates: Certificates | undefined
  readonly program: string
}

type Wrap = (made: Made, process: ServerProcess) => TestServer

async function startIn(
  directory: string,
  program: string,
  { kind, config, tls = false, users = [] }: ServerOptions,
  wrap: Wrap,
): Promise<TestServer> {
  const certificates = tls ? await makeCertificates(directory) : undefined
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const base = await baseConfig({
      directory,
      port,
      certificates,
      cluster: config?.['cluster-enabled'] === 'yes',
    })
    await writeFile(join(directory, 'server.conf'), configText({ ...base, ...config }, users))
    try {
      return wrap({ kind, port, directory, certificates, program }, await run(program, directory))
    } catch (error) {
      const isTaken = /in use/i.test(String(error))
      if (!isTaken || attempt === portAttempts) throw error
    }
  }
}

async function run(
  program: string,
  directory: string,
  ready = /Ready to accept connections/,
): Promise<ServerProcess> {
  return ServerProcess.start(program, [join(directory, 'server.conf')], ready)
}
