import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { whenOver } from './when-over.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const startTimeoutMs = 30_000

/** A child process that runs the app. */
export interface RunningServer {
  readonly address: string
  readonly directory: string
  /** Everything written so far. */
  readonly output: () => string
  /** What the log holds. */
  readonly log: () => string
  /** Ends it, and gives its exit code; `null` when the signal killed it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** A run that ended by itself. */
export interface EndedRun {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

export interface StartOptions {
  readonly directory: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A directory that goes when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-trading-'))
  whenOver(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  return directory
}

/** Starts the app on a free port and waits until it has said all that it says to the one who started it. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const child = launch(['--port', '0', '--data', options.directory, ...(options.args ?? [])], options.env)
  const text = collect(child)
  const exited = exitOf(child)
  const stop = async (signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return exited
  }
  whenOver(() => stop('SIGKILL'))
  const address = await addressIn(child, text)
  return { address, directory: options.directory, output: () => text.output, log: () => text.errors, stop }
}

/** Runs the app with arguments that make it end by itself. */
export async function runToEnd(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<EndedRun> {
  const child = launch(args, env)
  const text = collect(child)
  whenOver(() => child.kill('SIGKILL'))
  return { code: await exitOf(child), ...text }
}

function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  const noFile = join(tmpdir(), 'there-is-no-env-file')
  return spawn(process.execPath, [main, ...args], { env: { PATH, HOME, ENV_FILE: noFile, ...env } })
}

interface Text {
  output: string
  errors: string
}

function collect(child: ChildProcess): Text {
  const text = { output: '', errors: '' }
  child.stdout?.on('data', (chunk) => (text.output += String(chunk)))
  child.stderr?.on('data', (chunk) => (text.errors += String(chunk)))
  return text
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
}

async function addressIn(child: ChildProcess, text: Text): Promise<string> {
  const deadlineMs = performance.now() + startTimeoutMs
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const address = /(http:\/\/\S+)[^]*Ctrl-C stops it/.exec(text.output)?.[1]
    if (address !== undefined) return address
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`The app did not start:\n${text.output}${text.errors}`)
}
