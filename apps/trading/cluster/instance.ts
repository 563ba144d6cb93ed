import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'

import { endTogether } from '@cache/tooling-servers'

const entryPoint = join(import.meta.dirname, '../src/main.ts')
const readyWithinMs = 60_000
const keptOutput = 16_000

export interface InstanceOptions {
  readonly name: string
  readonly port: number
  readonly directory: string
  /** What all instances have in common. */
  readonly settings: Readonly<Record<string, string>>
}

/** One instance of the app, as a process that ends with this one. */
export class Instance {
  readonly name: string
  readonly port: number
  readonly #options: InstanceOptions
  #child: ChildProcess | undefined
  #output = ''

  constructor(options: InstanceOptions) {
    this.name = options.name
    this.port = options.port
    this.#options = options
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The last part of what it wrote. */
  get output(): string {
    return this.#output
  }

  /** Starts it or another version of it, also after it ended, and waits until it answers. */
  async start(program = entryPoint): Promise<void> {
    const { directory, settings } = this.#options
    const { PATH = '', HOME = '' } = process.env
    const own = { INSTANCE_ID: this.name, PORT: String(this.port), DATA_DIR: directory }
    const env = { PATH, HOME, ENV_FILE: join(directory, '.env'), ...settings, ...own }
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    await once(child, 'spawn')
    endTogether(child)
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk).slice(-keptOutput)))
    await this.#ready(child)
  }

  /** Ends it as an operator would, or at once; resolves when it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async #ready(child: ChildProcess): Promise<void> {
    const untilMs = performance.now() + readyWithinMs
    while (performance.now() < untilMs && child.exitCode === null && child.signalCode === null) {
      const answer = await fetch(`${this.address}/health`).catch(() => undefined)
      await answer?.body?.cancel()
      if (answer !== undefined) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`${this.name} did not start:\n${this.#output}`)
  }
}
