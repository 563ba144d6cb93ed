import { randomBytes } from 'node:crypto'
import type { BackendContext, CacheError } from '@cache/ports'
import type { CommandPart, CommandReply } from './client/resp-client.ts'
import type { Connections } from './connections.ts'
import { asCacheError, lateError } from './errors.ts'
import { type KeyLayout, slotOf } from './key-layout.ts'
import { type NamespaceState, StateReader } from './namespace-state.ts'
import type { NodeSession, ServerScript } from './node-session.ts'
import { OrphanSweep } from './orphan-sweep.ts'
import type { RespScripts } from './resp-scripts.ts'
import { replyText } from './server-info.ts'

/** A script's reply: its word, the server's time, the state after it, and what is its own. */
export interface ScriptReply {
  readonly word: string
  readonly nowMs: number
  readonly state: NamespaceState
  /** What follows the state. */
  readonly rest: readonly CommandReply[]
}

export interface NamespaceSetup {
  readonly layout: KeyLayout
  readonly connections: Connections
  readonly scripts: RespScripts
  readonly context: BackendContext
  readonly timeoutMs: number
  readonly trust: boolean
  /** Called before the first state of the namespace is made here. */
  readonly register: () => Promise<void>
}

/** How often a step is tried anew after HELLO, a move of the slot, or a server clock that was set. */
const attempts = 5

/** The keys of one partition and the scripts that run on them. */
export class Namespace {
  readonly layout: KeyLayout
  readonly sweep: OrphanSweep
  readonly #setup: NamespaceSetup
  readonly #versions = new Set<number>()
  readonly #states = new StateReader()
  #hello: Promise<void> | undefined
  /** The run of the server that HELLO was said to. */
  #greeted: string | undefined

  constructor(setup: NamespaceSetup) {
    this.#setup = setup
    this.layout = setup.layout
    this.sweep = new OrphanSweep(this, setup.scripts.sweep)
  }

  /** A schema version whose entries are used here. */
  use(version: number): void {
    this.#versions.add(version)
  }

  /** A state as a plain read gets it; `undefined` where HELLO has to come first. */
  stateOf(reply: CommandReply, runId: string): NamespaceState | undefined {
    const state = this.#states.read(reply)
    return state?.runId === runId ? state : undefined
  }

  /** Runs a script until it answers with something else than that HELLO, a move or a clock stands in its way. */
  async run(script: ServerScript, version: number, args: readonly CommandPart[]): Promise<ScriptReply> {
    return this.#try(script, () => [String(version), ...args])
  }

  /** The same for a script that changes something: it refuses to run when nobody waits for it any more. */
  async runInTime(script: ServerScript, version: number, args: readonly CommandPart[]): Promise<ScriptReply> {
    const { context, timeoutMs } = this.#setup
    const untilMs = context.clock.monotonicMs() + timeoutMs
    return this.#try(script, (session) => {
      const leftMs = untilMs - context.clock.monotonicMs()
      if (leftMs <= 0) throw lateError(session.address, timeoutMs)
      return [String(version), (session.time.earliestMs() + leftMs).toFixed(3), ...args]
    })
  }

  /** Tries a command that has to reach the node that holds the slot. */
  onNode<T>(step: (session: NodeSession) => Promise<T>): Promise<T> {
    return this.#setup.connections.onNode(this.layout.slot, step)
  }

  /** The same for a key that is not in the namespace's own slot. */
  onNodeOf<T>(key: string, step: (session: NodeSession) => Promise<T>): Promise<T> {
    return this.#setup.connections.onNode(slotOf(key), step)
  }

  /**
   * Says HELLO on a connection with a server that has not heard it. `undefined` where it has, so that calls keep their order
   * and wait for nothing.
   */
  greet(): Promise<void> | undefined {
    const runId = this.#setup.connections.known(this.layout.slot)?.identity?.runId
    return runId !== undefined && runId === this.#greeted ? undefined : this.hello()
  }

  /** The session of a server that has heard HELLO; `undefined` where it has not, or none is known. */
  greeted(): NodeSession | undefined {
    if (this.#greeted === undefined) return undefined
    const session = this.#setup.connections.knownOrNone(this.layout.slot)
    return session?.identity?.runId === this.#greeted ? session : undefined
  }

  /** HELLO: begins a new epoch unless the state is of this run of the server. Joins one in progress. */
  hello(): Promise<void> {
    this.#hello ??= this.#sayHello().finally(() => {
      this.#hello = undefined
    })
    return this.#hello
  }

  async #sayHello(): Promise<void> {
    const { scripts, trust, register, context } = this.#setup
    await register()
    const epoch = randomBytes(9).toString('base64url')
    const reply = await this.#once(scripts.hello, () => {
      const versions = [...this.#versions].map((version) => `${version},`)
      return ['0', epoch, trust ? '1' : '0', `,${versions.join('')}`]
    })
    this.#greeted = reply.state.runId
    if (reply.word === 'new') this.sweep.begin()
    if (reply.word === 'cold')
      context.report(
        'The server restarted or failed over: what it holds of a cache is not used, the cache begins cold',
      )
  }

  async #try(
    script: ServerScript,
    args: (session: NodeSession) => readonly CommandPart[],
  ): Promise<ScriptReply> {
    const greeting = this.greet()
    if (greeting) await greeting
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#once(script, args)
      if (reply.word === 'hello') await this.hello()
      else if (reply.word !== 'late') return reply
      if (attempt === attempts) throw this.#exhausted(reply.word)
    }
  }

  #exhausted(word: string): CacheError {
    const address = this.#setup.connections.known(this.layout.slot)?.address ?? 'of the cluster'
    if (word === 'late') return lateError(address, this.#setup.timeoutMs)
    return asCacheError(new Error('CLUSTERDOWN the server changed again and again'), address)
  }

  async #once(
    script: ServerScript,
    args: (session: NodeSession) => readonly CommandPart[],
  ): Promise<ScriptReply> {
    return this.onNode(async (session) => {
      const sentMs = this.#setup.context.clock.monotonicMs()
      const reply = await session.run(script, [this.layout.state], (runId) => [runId, ...args(session)])
      return this.#parse(reply, session, sentMs)
    })
  }

  #parse(reply: CommandReply, session: NodeSession, sentMs: number): ScriptReply {
    if (!Array.isArray(reply)) throw this.#foreign(session)
    const [word, now, stateBytes = null, ...rest] = reply as readonly CommandReply[]
    const nowMs = Number(replyText(now))
    session.time.learn(nowMs, sentMs)
    const state = this.#states.read(stateBytes)
    const text = replyText(word)
    if (!state && text !== 'hello' && text !== 'late') throw this.#foreign(session)
    return { word: text, nowMs, state: state ?? noState, rest }
  }

  #foreign(session: NodeSession): CacheError {
    return asCacheError(new Error('FOREIGN reply'), session.address)
  }
}

const noState: NamespaceState = {
  stamp: { epoch: '', sequence: 0 },
  epoch: '',
  epochWords: [0, 0, 0],
  runId: '',
  taggedAt: 0,
  clearedAt: 0,
}
