import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { Client } from '../test/support/client.ts'

const source = join(import.meta.dirname, '../src')
/** No limit of ours or of the broker is what is measured. */
const unlimited = '999999 per second'
const patienceMs = 60_000

export interface AppPlace {
  readonly directory: string
  readonly master: string
  readonly brokerUrl: string
  readonly bypass: boolean
}

/** The simulated broker in a process of its own, without limits. */
export async function startBroker(
  directory: string,
  master: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const limits = ['quotes', 'history', 'orders', 'other'].flatMap((kind) => [`--limit-${kind}`, '100000'])
  const where = ['--port', String(port), '--data', directory, '--instruments', master]
  const child = launch(join(source, 'simulated-broker/main.ts'), [...where, ...limits])
  await answers(child, `http://127.0.0.1:${port}/health`, {})
  return { url: `http://127.0.0.1:${port}`, stop: () => stopped(child) }
}

/** The app in a process of its own. */
export class AppProcess {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(port: number, child: ChildProcess) {
    this.port = port
    this.#child = child
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`
  }

  static async launch({ directory, master, brokerUrl, bypass }: AppPlace): Promise<AppProcess> {
    const port = await freePort()
    const child = launch(
      join(source, 'main.ts'),
      ['--port', String(port), '--data', directory, '--instruments', master],
      {
        BROKER_URL: brokerUrl,
        API_RATE_LIMIT: unlimited,
        CACHE_ENABLED: String(!bypass),
        LOG_LEVEL: 'error',
      },
    )
    return new AppProcess(port, child)
  }

  /** Waits for the first answer to a call; the time of it. */
  async firstAnswer(path: string, body: object): Promise<number> {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }
    await answers(this.#child, this.address + path, init)
    return performance.now()
  }

  /** Sets it up, connects the broker, waits for the master, and makes a key. */
  async prepare(): Promise<string> {
    await answers(this.#child, `${this.address}/health`, {})
    const client = new Client(this.address)
    await client.setUp()
    await client.connect()
    await client.until('/web/master', ({ phase, instruments }) => phase === 'ready' && instruments > 0)
    return client.makeApiKey()
  }

  /** The sum of a metric's samples that carry all of these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const text = await (await fetch(`${this.address}/metrics`)).text()
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  stop(): Promise<void> {
    return stopped(this.#child)
  }
}

function launch(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH, HOME, ENV_FILE: join(import.meta.dirname, 'no.env'), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}

async function answers(child: ChildProcess, address: string, init: RequestInit): Promise<void> {
  const untilMs = performance.now() + patienceMs
  while (performance.now() < untilMs && child.exitCode === null) {
    const answer = await fetch(address, init).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`Nothing answers at ${address}`)
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
