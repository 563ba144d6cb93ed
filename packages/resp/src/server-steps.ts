import { CacheError, stepEntry } from '@cache/ports'
import type { Change, EntryStore, Step, StepScript } from '@cache/ports'
import type { Namespace } from './namespace.ts'
import { ServerScript } from './node-session.ts'
import { withText } from './server-info.ts'

/** Attempts of a step without a script against other writers. */
const attempts = 64

/** Scripts of steps, each made once. */
const scripts = new WeakMap<StepScript<never, unknown>, ServerScript>()

function scriptOf(script: StepScript<never, unknown>): ServerScript {
  const known = scripts.get(script)
  if (known) return known
  const made = new ServerScript(script.lua)
  scripts.set(script, made)
  return made
}

/** Runs steps: by their own scripts, each on a key of its own, or by compare-and-set on an entry where they have none. */
export class ServerSteps {
  readonly #namespace: Namespace
  readonly #version: number
  readonly #entries: EntryStore

  constructor(namespace: Namespace, version: number, entries: EntryStore) {
    this.#namespace = namespace
    this.#version = version
    this.#entries = entries
  }

  async run<S, I, O>(key: string, step: Step<S, I, O>, input: I): Promise<O> {
    const { script } = step
    if (!script) return this.#compareAndSet(key, step, input)
    const stateKey = this.#namespace.layout.stepState(this.#version, key)
    const args = script.args(input).map(String)
    const reply = await this.#namespace.onNodeOf(stateKey, (session) =>
      session.run(scriptOf(script), [stateKey], () => args),
    )
    return script.output(withText(reply), input)
  }

  async #compareAndSet<S, I, O>(key: string, step: Step<S, I, O>, input: I): Promise<O> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const [found] = (await this.#entries.read([key])).entries
      const { output, write } = stepEntry(step, input, found, { revision: crypto.randomUUID() })
      if (write === undefined) return output
      const when = found
        ? ({ kind: 'revision', revision: found.revision } as const)
        : ({ kind: 'absent' } as const)
      const change: Change =
        write === 'remove' ? { kind: 'delete', key, when } : { kind: 'set', key, entry: write, when }
      const { outcomes } = await this.#entries.change([change])
      if (outcomes[0] === 'applied') return output
    }
    throw new CacheError('CONFLICT', `A step lost ${attempts} times against other writers; try again later`)
  }
}
