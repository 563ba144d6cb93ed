import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

import { endTogether } from './end-together.ts'

/** What a server's program said last, for the message of a start that failed. */
const keptOutput = 4000

/** A child process that never outlives this one, whatever ends this one. */
export class ServerProcess {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #output = ''

  private constructor(child: ChildProcess, pid: number) {
    this.pid = pid
    this.#child = child
    endTogether(child)
    this.#exited = once(child, 'exit')
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk).slice(-keptOutput)))
    }
  }

  /**
   * Starts a program and waits until it says `ready`.
   *
   * @throws Error with what it said, when it ends before that.
   */
  static async start(
    program: string,
    args: readonly string[],
    ready: RegExp,
    as: { readonly uid?: number; readonly gid?: number; readonly cwd?: string } = {},
  ): Promise<ServerProcess> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...as })
    await once(child, 'spawn')
    const started = new ServerProcess(child, child.pid ?? 0)
    await started.#waitFor(ready)
    return started
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** What it wrote, the last part of it. */
  get output(): string {
    return this.#output
  }

  /** `SIGSTOP` and `SIGCONT` pause and resume it. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** As a power cut: nothing is saved. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async #waitFor(ready: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => {
      if (ready.test(this.#output)) resolve()
    }
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', look)
    void this.#exited.then(() => reject(new Error(`The server ended at its start:\n${this.#output}`)))
    try {
      await promise
    } finally {
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.off('data', look)
    }
  }
}
