import type { Namespace } from './namespace.ts'
import type { ServerScript } from './node-session.ts'
import { replyList, replyText } from './server-info.ts'

/** Keys that one step looks at, about. */
const keysPerStep = 1000

/**
 * Looks for entries that no index knows, after the state of their namespace was found to be lost: those without an end
 * would stay for ever. Walks the keys of the one server that holds them, a step at a time.
 */
export class OrphanSweep {
  readonly #namespace: Namespace
  readonly #script: ServerScript
  #cursor: string | undefined

  constructor(namespace: Namespace, script: ServerScript) {
    this.#namespace = namespace
    this.#script = script
  }

  /** Begins, or begins again, with the next step. */
  begin(): void {
    this.#cursor = '0'
  }

  /** Does one step, if there is anything to do. */
  async step(): Promise<void> {
    const cursor = this.#cursor
    if (cursor === undefined) return
    const { base, pattern } = this.#namespace.layout
    const reply = await this.#namespace.onNode((session) =>
      session.send(() => ['scan', cursor, 'match', pattern, 'count', String(keysPerStep)]),
    )
    const [next, found] = replyList(reply)
    const names = replyList(found).map((key) => replyText(key).slice(base.length))
    if (names.length > 0) await this.#namespace.runInTime(this.#script, 0, names)
    const nextCursor = replyText(next)
    this.#cursor = nextCursor === '0' ? undefined : nextCursor
  }
}
