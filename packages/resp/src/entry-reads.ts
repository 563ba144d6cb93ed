import type { ReadReply, Stamp, StoredEntry } from '@cache/ports'
import type { CommandReply } from './client/resp-client.ts'
import { asCacheError, failureKind } from './errors.ts'
import { entryOf, standingOf } from './entry-bytes.ts'
import type { Namespace } from './namespace.ts'
import type { NamespaceState } from './namespace-state.ts'
import type { NodeSession } from './node-session.ts'
import type { ServerScript } from './node-session.ts'

/** Keys of one command; more are read by several, one after the other without waiting. */
const keysPerCommand = 1000

/** Plain reads after which one that needed a script is forgotten. */
const plainAgainAfter = 1000

interface Waiting {
  readonly keys: readonly string[]
  readonly resolve: (reply: ReadReply) => void
  readonly reject: (error: unknown) => void
}

export interface ReadPlan {
  readonly namespace: Namespace
  readonly version: number
  readonly script: ServerScript
  /** Told of each key that was found, for the order of use. */
  readonly onHit: (key: string) => void
}

interface Page {
  readonly entries: readonly (StoredEntry | undefined)[]
  readonly stamp: Stamp
}

/**
 * Reads entries with one native command: MGET of the state and of all keys that were asked for in one turn of the event
 * loop. What the state proves valid needs nothing else. Entries whose tags have to be looked up, or whose age cannot be
 * told because the server's time is not known well enough, are read by a script; while such entries are met, reads go there at
 * once, so that each still costs one command.
 */
export class EntryReads {
  readonly #plan: ReadPlan
  readonly #keyPrefix: string
  #waiting: Waiting[] = []
  /** Plain reads that remain to be skipped. */
  #scripted = 0

  constructor(plan: ReadPlan) {
    this.#plan = plan
    this.#keyPrefix = plan.namespace.layout.entries(plan.version)
  }

  read(keys: readonly string[]): Promise<ReadReply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, resolve, reject })
      if (this.#waiting.length === 1) process.nextTick(() => this.#flush())
    })
  }

  /** The usual case takes one promise and no more: a known server, few keys, no script. */
  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const [only] = waiting
    const keys = waiting.length === 1 && only ? only.keys : waiting.flatMap((each) => each.keys)
    const session =
      this.#scripted === 0 && keys.length <= keysPerCommand ? this.#plan.namespace.greeted() : undefined
    if (!session) {
      void this.#settle(waiting, this.#readAll(keys))
      return
    }
    session.sendNow(this.#command(keys)).then(
      (reply) => this.#take(waiting, this.#pageOf(reply, keys, session), keys),
      (error: unknown) => this.#fail(waiting, error, keys, session),
    )
  }

  /** What a plain read gave, or what a script gives where it gave nothing. */
  #take(waiting: readonly Waiting[], page: Page | undefined, keys: readonly string[]): void {
    if (page) answer(waiting, page)
    else void this.#settle(waiting, this.#byScript(keys))
  }

  #fail(waiting: readonly Waiting[], error: unknown, keys: readonly string[], session: NodeSession): void {
    if (failureKind(error) === 'moved') void this.#settle(waiting, this.#readAll(keys))
    else for (const { reject } of waiting) reject(asCacheError(error, session.address))
  }

  async #settle(waiting: readonly Waiting[], page: Promise<Page>): Promise<void> {
    try {
      answer(waiting, await page)
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  /** The stamp is that of the first command: what the later ones saw reflects at least as much. */
  async #readAll(keys: readonly string[]): Promise<Page> {
    if (keys.length <= keysPerCommand) return this.#readPage(keys)
    const pages: Promise<Page>[] = []
    for (let from = 0; from < keys.length; from += keysPerCommand)
      pages.push(this.#readPage(keys.slice(from, from + keysPerCommand)))
    const [first, ...others] = await Promise.all(pages)
    if (!first) return this.#readPage([])
    return { entries: [first, ...others].flatMap(({ entries }) => entries), stamp: first.stamp }
  }

  async #readPage(keys: readonly string[]): Promise<Page> {
    const greeting = this.#plan.namespace.greet()
    if (greeting) await greeting
    if (this.#scripted > 0) {
      this.#scripted--
      return this.#byScript(keys)
    }
    return (await this.#plainly(keys)) ?? this.#byScript(keys)
  }

  /** `undefined` where a script has to look. */
  #plainly(keys: readonly string[]): Promise<Page | undefined> {
    return this.#plan.namespace.onNode(async (session) => {
      const reply = await session.send(() => this.#command(keys))
      return this.#pageOf(reply, keys, session)
    })
  }

  #command(keys: readonly string[]): readonly string[] {
    const command = ['mget', this.#plan.namespace.layout.state]
    for (const key of keys) command.push(this.#keyPrefix + key)
    return command
  }

  #pageOf(reply: CommandReply, keys: readonly string[], session: NodeSession): Page | undefined {
    const runId = session.identity?.runId
    if (!Array.isArray(reply) || runId === undefined) return undefined
    const values = reply as readonly CommandReply[]
    const state = this.#plan.namespace.stateOf(values[0] ?? null, runId)
    return state && this.#judge(keys, values, state, session)
  }

  #judge(
    keys: readonly string[],
    values: readonly CommandReply[],
    state: NamespaceState,
    { time }: NodeSession,
  ): Page | undefined {
    const nowMs = time.latestMs()
    if (nowMs === undefined) return undefined
    const entries: (StoredEntry | undefined)[] = []
    for (const [index, key] of keys.entries()) {
      const bytes = values[index + 1]
      const standing = bytes instanceof Buffer ? standingOf(bytes, state, nowMs) : 'void'
      if (standing === 'unsure') {
        this.#scripted = plainAgainAfter
        return undefined
      }
      if (standing === 'void' || !(bytes instanceof Buffer)) entries.push(undefined)
      else entries.push(this.#hit(key, bytes, nowMs))
    }
    return { entries, stamp: state.stamp }
  }

  async #byScript(keys: readonly string[]): Promise<Page> {
    const { namespace, script, version } = this.#plan
    const { nowMs, state, rest } = await namespace.run(script, version, keys)
    const entries = keys.map((key, index) => {
      const bytes = rest[index]
      return bytes instanceof Buffer ? this.#hit(key, bytes, nowMs) : undefined
    })
    return { entries, stamp: state.stamp }
  }

  #hit(key: string, bytes: Buffer, nowMs: number): StoredEntry | undefined {
    this.#plan.onHit(key)
    return entryOf(bytes, nowMs)
  }
}

function answer(waiting: readonly Waiting[], { entries, stamp }: Page): void {
  const [only] = waiting
  if (waiting.length === 1 && only) {
    only.resolve({ entries, stamp })
    return
  }
  let from = 0
  for (const { keys, resolve } of waiting) {
    resolve({ entries: entries.slice(from, from + keys.length), stamp })
    from += keys.length
  }
}
