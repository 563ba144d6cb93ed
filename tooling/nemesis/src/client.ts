import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TcpProxy } from '@cache/tooling-servers'
import type { ClientReport } from './events.ts'
import type { ClientPlan } from './plan.ts'

export interface ClientOptions {
  readonly plan: Omit<ClientPlan, 'url'>
  readonly proxy: TcpProxy
  readonly onReport: (client: Client, report: ClientReport) => void
  readonly onCrash: (client: Client, output: string) => void
}

const compileCache = join(import.meta.dirname, '../node_modules/.cache')

/** A client process, with a network of its own to the server. */
export class Client {
  readonly name: string
  readonly index: number
  readonly proxy: TcpProxy
  /** Up to when it has told everything that it acknowledged. */
  toldUntilMs = 0
  readonly #child: ChildProcess
  #isEnding = false
  #output = ''

  constructor({ plan, proxy, onReport, onCrash }: ClientOptions) {
    this.name = `p${plan.index}#${plan.seed % 1000}`
    this.index = plan.index
    this.proxy = proxy
    const whole = { ...plan, url: proxy.url } satisfies ClientPlan
    this.#child = fork(join(import.meta.dirname, 'client-process.ts'), [JSON.stringify(whole)], {
      serialization: 'advanced',
      execArgv: ['--no-warnings'],
      // Several processes compile the same modules.
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (bytes: Buffer) => {
        this.#output = (this.#output + bytes.toString()).slice(-4000)
      })
    this.#child.on('message', (report: ClientReport) => onReport(this, report))
    this.#child.on('exit', () => {
      if (!this.#isEnding) onCrash(this, this.#output)
    })
  }

  /** It stands still. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#isEnding = true
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}
