import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A real process that runs a file; it says lines, and can be killed. */
export class Child {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  #errors = ''

  /** Each parameter reaches the file as JSON in `process.argv`. */
  constructor(file: URL, ...parameters: unknown[]) {
    const texts = parameters.map((parameter) => JSON.stringify(parameter))
    this.#process = spawn(process.execPath, [file.pathname, ...texts], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process.stderr?.on('data', (data) => (this.#errors += String(data)))
    const output = this.#process.stdout
    if (!output) throw new Error('The child has no output')
    this.#lines = createInterface({ input: output })[Symbol.asyncIterator]()
  }

  /** The next line it says. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`The child ended: ${this.#errors}`)
    return value
  }

  /** All that it says until it ends. */
  async lines(): Promise<string[]> {
    const lines: string[] = []
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next())
      lines.push(next.value)
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, 'exit')
    if (this.#process.exitCode !== 0) throw new Error(`The child failed: ${this.#errors}`)
    return lines
  }

  say(text: string): void {
    this.#process.stdin?.write(`${text}\n`)
  }

  /** Ends it without a chance to tidy up; idempotent. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }
}
