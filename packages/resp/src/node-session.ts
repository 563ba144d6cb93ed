import { createHash } from 'node:crypto'
import { type BackendContext, CacheError, isCacheError, type Timer } from '@cache/ports'
import type { CommandPart, CommandReply, RespNode } from './client/resp-client.ts'
import { asCacheError, closedError, failureKind, lostError } from './errors.ts'
import { type PendingLimits, PendingCommands } from './pending-commands.ts'
import { ServerTime } from './resp-time.ts'
import { infoFields, replyList, replyText } from './server-info.ts'

/** Who answers on a connection. */
export interface ServerIdentity {
  /** Another one means another process: a restart, or another server. */
  readonly runId: string
  readonly version: string
}

/** A script with the name by which a server knows it. */
export class ServerScript {
  readonly source: string
  readonly sha: string

  constructor(source: string) {
    this.source = source
    this.sha = createHash('sha1').update(source).digest('hex')
  }
}

const oldestMajor = 7
const loadingPollMs = 100

/**
 * A connection with a server that is known: nothing is sent on a new one until the server has said which run of it
 * answers (HELLO of the protocol), because a restarted server may hold older data. A reply counts only if the connection that
 * the command was sent on is still the same.
 */
export class NodeSession {
  readonly time: ServerTime
  readonly #node: RespNode
  readonly #context: BackendContext
  readonly #scripts: readonly ServerScript[]
  readonly #pending: PendingCommands
  #identity: ServerIdentity | undefined
  #hello: Promise<ServerIdentity> | undefined
  #retry: Timer | undefined
  #closed = false

  constructor(
    node: RespNode,
    context: BackendContext,
    scripts: readonly ServerScript[],
    limits: PendingLimits,
  ) {
    this.#node = node
    this.#context = context
    this.#scripts = scripts
    this.time = new ServerTime(context.clock)
    // A connection on which nothing comes back may be dead without either side knowing.
    this.#pending = new PendingCommands(context.clock, limits, node.address, () => node.reset())
    node.onConnect(() => void this.identify().catch(() => undefined))
    node.onDisconnect(() => this.#lose())
  }

  get address(): string {
    return this.#node.address
  }

  /** Who is at the other end; `undefined` while that is not known. */
  get identity(): ServerIdentity | undefined {
    return this.#identity
  }

  /** Who is at the other end, asked if it is not known. */
  identify(): Promise<ServerIdentity> {
    if (this.#identity) return Promise.resolve(this.#identity)
    this.#hello ??= this.#ask().finally(() => {
      this.#hello = undefined
    })
    return this.#hello
  }

  /**
   * Sends a command that is made for the server that answers.
   *
   * @throws CacheError, or the error of the server where it asks for something else than a report
   */
  send(make: (runId: string) => readonly CommandPart[]): Promise<CommandReply> {
    if (this.#closed) return Promise.reject(closedError())
    const identity = this.#identity
    if (identity) return this.#send(make(identity.runId))
    return this.identify().then(({ runId }) => this.#send(make(runId)))
  }

  /**
   * Sends to a server that is known. A connection that is lost fails all that waits, so that a late reply counts for nothing.
   * Rejects with what the server or the client says.
   */
  sendNow(command: readonly CommandPart[]): Promise<CommandReply> {
    if (!this.#node.connected) return Promise.reject(this.#unreachable())
    return this.#pending.run(() => this.#node.send(command))
  }

  /** Runs a script; loads it again where the server has lost it. */
  async run(
    script: ServerScript,
    keys: readonly string[],
    args: (runId: string) => readonly CommandPart[],
  ): Promise<CommandReply> {
    const begin = ['evalsha', script.sha, String(keys.length), ...keys]
    const make = (runId: string): readonly CommandPart[] => [...begin, ...args(runId)]
    try {
      return await this.send(make)
    } catch (error) {
      if (failureKind(error) !== 'script') throw error
      await this.send(() => ['script', 'load', script.source])
      return this.send(make)
    }
  }

  close(): void {
    this.#closed = true
    this.#retry?.cancel()
    this.#identity = undefined
    this.#pending.failAll(closedError())
  }

  #lose(): void {
    this.time.forget()
    const { failure } = this.#node
    // What ends a connection before anything was answered says more than that it was lost.
    const isKnown = this.#identity === undefined && failure !== undefined
    this.#identity = undefined
    this.#pending.failAll(isKnown ? asCacheError(failure, this.address) : lostError(this.address, failure))
  }

  async #ask(): Promise<ServerIdentity> {
    if (this.#closed) throw closedError()
    if (!this.#node.connected) throw this.#unreachable()
    const info = infoFields(await this.#send(['info', 'server']))
    const persistence = infoFields(await this.#send(['info', 'persistence']))
    if (persistence.get('loading') === '1') throw this.#loading()
    return this.#greet(info)
  }

  /** Fails those who ask now, and asks again a little later. */
  #loading(): CacheError {
    this.#retry ??= this.#context.clock.setTimer(loadingPollMs, () => {
      this.#retry = undefined
      void this.identify().catch(() => undefined)
    })
    return asCacheError(new Error('LOADING'), this.address)
  }

  async #greet(info: ReadonlyMap<string, string>): Promise<ServerIdentity> {
    const version = info.get('valkey_version') ?? info.get('redis_version') ?? 'unknown'
    const runId = info.get('run_id') ?? ''
    this.#refuseOld(info.get('redis_version') ?? '')
    const sentMs = this.#context.clock.monotonicMs()
    const loading = this.#scripts.map(({ source }) => this.#send(['script', 'load', source]))
    const [reply] = await Promise.all([this.#send(['time']), ...loading])
    this.#learnTime(reply, sentMs)
    this.#identity = { runId, version }
    return this.#identity
  }

  #learnTime(reply: CommandReply | undefined, sentMs: number): void {
    const [seconds, micros] = replyList(reply)
    this.time.learn(Number(replyText(seconds)) * 1000 + Number(replyText(micros)) / 1000, sentMs)
  }

  #refuseOld(version: string): void {
    if (Number.parseInt(version, 10) >= oldestMajor) return
    throw new CacheError(
      'BACKEND_REFUSED',
      `The server ${this.address} has version ${version}: use Redis 7.0 or Valkey 7.2, or newer`,
    )
  }

  #unreachable(): CacheError {
    const { failure } = this.#node
    if (failure !== undefined) return asCacheError(failure, this.address)
    return new CacheError(
      'BACKEND_UNREACHABLE',
      `There is no connection to ${this.address} yet: it is tried again by itself`,
    )
  }

  async #send(command: readonly CommandPart[]): Promise<CommandReply> {
    if (!this.#node.connected) throw this.#unreachable()
    const { losses } = this.#node
    try {
      const reply = await this.#pending.run(() => this.#node.send(command))
      if (this.#node.losses !== losses) throw lostError(this.address)
      return reply
    } catch (error) {
      if (isCacheError(error) || failureKind(error) !== 'other') throw error
      throw asCacheError(error, this.address)
    }
  }
}
