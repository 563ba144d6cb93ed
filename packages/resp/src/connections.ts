import type { BackendContext } from '@cache/ports'
import type { RespClient, RespNode } from './client/resp-client.ts'
import { asCacheError, closedError, failureKind } from './errors.ts'
import { NodeSession, type ServerScript } from './node-session.ts'
import type { PendingLimits } from './pending-commands.ts'

/** How often a step is tried where a slot moves. */
const attempts = 5

/** The sessions of a client's nodes, each made when it is first needed. */
export class Connections {
  readonly client: RespClient
  readonly #context: BackendContext
  readonly #scripts: readonly ServerScript[]
  readonly #limits: PendingLimits
  readonly #sessions = new Map<RespNode, NodeSession>()
  #closed = false

  constructor(
    client: RespClient,
    context: BackendContext,
    scripts: readonly ServerScript[],
    limits: PendingLimits,
  ) {
    this.client = client
    this.#context = context
    this.#scripts = scripts
    this.#limits = limits
  }

  /** @throws CacheError of what hinders it */
  async connect(): Promise<void> {
    try {
      await this.client.connect()
    } catch (error) {
      const [node] = this.client.primaries()
      throw asCacheError(error, node?.address ?? 'given')
    }
    await Promise.all(this.client.primaries().map((node) => this.#session(node).identify()))
  }

  /** The session of the node that holds a slot; `undefined` where none is known to. */
  known(slot: number): NodeSession | undefined {
    if (this.#closed) throw closedError()
    const node = this.client.nodeOf(slot)
    return node && this.#session(node)
  }

  /** The same without a complaint after the end. */
  knownOrNone(slot: number): NodeSession | undefined {
    return this.#closed ? undefined : this.known(slot)
  }

  /** Runs a step on the node that holds a slot, and again where the slot has moved. */
  async onNode<T>(slot: number, step: (session: NodeSession) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const session = this.known(slot)
      try {
        if (!session) throw new Error('CLUSTERDOWN no node is known to hold the slot')
        return await step(session)
      } catch (error) {
        if (failureKind(error) !== 'moved') throw error
        if (attempt === attempts) throw asCacheError(error, session?.address ?? 'of the cluster')
        await this.client.refresh()
      }
    }
  }

  /** The sessions of all primaries. */
  sessions(): readonly NodeSession[] {
    if (this.#closed) throw closedError()
    return this.client.primaries().map((node) => this.#session(node))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const session of this.#sessions.values()) session.close()
    this.#sessions.clear()
    await this.client.close()
  }

  #session(node: RespNode): NodeSession {
    const known = this.#sessions.get(node)
    if (known) return known
    const session = new NodeSession(node, this.#context, this.#scripts, this.#limits)
    this.#sessions.set(node, session)
    this.#forgetGone()
    return session
  }

  /** Nodes that a cluster no longer has. */
  #forgetGone(): void {
    const present = new Set(this.client.primaries())
    for (const [node, session] of this.#sessions) {
      if (present.has(node)) continue
      session.close()
      this.#sessions.delete(node)
    }
  }
}
