import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

import type { Clock, Timer } from '@cache/core'

import { BrokerError } from './broker-adapter.ts'
import type { BrokerEndpoint } from './broker-endpoint.ts'

const entryPoint = join(import.meta.dirname, '../simulated-broker/main.ts')
const restartAfterMs = 500
const longestRestartMs = 15_000
const stopWithinMs = 5000

export interface BrokerProcessOptions {
  /** What `--help` of the simulated broker lists, but for the port. */
  readonly args: readonly string[]
  readonly clock: Clock
  readonly onProblem: (message: string) => void
}

/** The simulated broker as a process of ours: started at once, started again when it dies, ended with the app. */
export class BrokerProcess implements BrokerEndpoint {
  readonly #options: BrokerProcessOptions
  #child: ChildProcess | undefined
  #address: Promise<string>
  /** Kept over restarts, so that its address stays. */
  #port = '0'
  #failures = 0
  #timer: Timer | undefined
  #closed = false

  constructor(options: BrokerProcessOptions) {
    this.#options = options
    this.#address = this.#start()
  }

  address(): Promise<string> {
    return this.#address
  }

  /** Kills the process as a crash would; it is started again. For tests of that. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
    await ended
    clearTimeout(timer)
  }

  #start(): Promise<string> {
    const child = fork(entryPoint, ['--port', this.#port, ...this.#options.args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    })
    this.#child = child
    const address = new Promise<string>((resolve, reject) => {
      child.on('message', (message: { readonly address: string }) => {
        this.#port = new URL(message.address).port
        this.#failures = 0
        resolve(message.address)
      })
      child.on('exit', () => {
        reject(new BrokerError('UNAVAILABLE', 'The simulated broker has stopped; it is being started again'))
        this.#restart()
      })
      child.on('error', reject)
    })
    // Those who ask for the address are told; without anybody, it is no unhandled rejection.
    address.catch(() => undefined)
    return address
  }

  #restart(): void {
    if (this.#closed) return
    const delayMs = Math.min(longestRestartMs, restartAfterMs * 2 ** this.#failures++)
    this.#options.onProblem(`The simulated broker has stopped; it is started again in ${delayMs} ms`)
    this.#timer = this.#options.clock.setTimer(delayMs, () => {
      this.#address = this.#start()
    })
  }
}
