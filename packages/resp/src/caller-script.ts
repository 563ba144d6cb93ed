import type { CommandPart } from './client/resp-client.ts'
import type { Connections } from './connections.ts'
import { slotOf } from './key-layout.ts'
import { ServerScript } from './node-session.ts'
import { withText } from './server-info.ts'

/** What a script is run with: its `KEYS` and its `ARGV`. */
export interface ScriptInput {
  /** As they are; on a cluster all of them in one slot. */
  readonly keys?: readonly string[] | undefined
  readonly args?: readonly (string | number | Buffer)[] | undefined
}

/** A script of the caller's own on the server. */
export class CallerScript {
  readonly #script: ServerScript
  readonly #connections: () => Connections

  constructor(lua: string, connections: () => Connections) {
    this.#script = new ServerScript(lua)
    this.#connections = connections
  }

  /** Resolves with the reply, strings as text. Rejects with a `CacheError` whose cause is what the server said. */
  async run({ keys = [], args = [] }: ScriptInput = {}): Promise<unknown> {
    const parts: readonly CommandPart[] = args.map((arg) => (typeof arg === 'number' ? String(arg) : arg))
    const reply = await this.#connections().onNode(slotOf(keys[0] ?? ''), (session) =>
      session.run(this.#script, keys, () => parts),
    )
    return withText(reply)
  }
}
