import { spawn as spawnProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { spawn as spawnTerminal } from '@lydell/node-pty'
import { createCaches, type Caches, type CachesOptions } from '@cache/core'
import { sqlite } from '@cache/sqlite'
import { onTestFinished } from 'vitest'

const bin = join(import.meta.dirname, '../src/bin.ts')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly errors: string
}

/** A directory of its own, as a project in which somebody calls the command. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'cache-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The environment without what a developer has set. */
function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, TERM: 'xterm-256color', CACHE_AUTO_CONFIGURE: 'false', ...more }
}

/** Runs the command in pipes, to its end. */
export async function run(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawnProcess(process.execPath, [bin, ...args], { cwd, env: environment(variables) })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin.end()
  const texts = [child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join(''))
  const code = await new Promise<number | null>((resolve) => void child.on('close', resolve))
  const [out = '', errors = ''] = await Promise.all(texts)
  return { code, out, errors }
}

/** Runs the command and stops reading after its first output. */
export async function runAndLeave(cwd: string, args: readonly string[]): Promise<number | null> {
  const child = spawnProcess(process.execPath, [bin, ...args], { cwd, env: environment({}) })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdout.once('data', () => child.stdout.destroy())
  return new Promise((resolve) => void child.on('close', resolve))
}

/** The command in a terminal of its own. */
export class TerminalSession {
  readonly ended: Promise<number>
  #text = ''
  readonly #terminal: ReturnType<typeof spawnTerminal>
  readonly #waiters = new Set<() => void>()

  constructor(cwd: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    this.#terminal = spawnTerminal(process.execPath, [bin, ...args], {
      cwd,
      env: environment(variables),
      cols: 160,
      rows: 40,
    })
    this.ended = new Promise((resolve) => {
      this.#terminal.onExit(({ exitCode }) => resolve(exitCode))
    })
    this.#terminal.onData((data) => {
      this.#text += data
      for (const waiter of this.#waiters) waiter()
    })
    onTestFinished(() => {
      try {
        this.#terminal.kill('SIGKILL')
      } catch {
        // It has ended.
      }
    })
  }

  get text(): string {
    return this.#text
  }

  type(text: string): void {
    this.#terminal.write(text)
  }

  /** Waits until the terminal has shown it. */
  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#text)) {
      await new Promise<void>((resolve) => {
        this.#waiters.add(resolve)
      })
      this.#waiters.clear()
    }
  }
}

/** Caches on SQLite in a directory, closed when `work` is done. */
export async function withSqlite(
  path: string,
  work: (caches: Caches) => Promise<void>,
  options: Partial<CachesOptions> = {},
): Promise<void> {
  const caches = await createCaches({ backend: sqlite({ directory: path }), prefix: 'tradecore', ...options })
  try {
    await work(caches)
  } finally {
    await caches.close()
  }
}

/** Many quotes, each with a tag. */
export async function fillQuotes(caches: Caches, count: number): Promise<void> {
  const quotes = caches.define<{ last: number }>('market:quote', { ttl: '1h' })
  const entries = Array.from(
    { length: count },
    (_, index) => [['NSE', `S${index}`], { last: index }] as const,
  )
  await quotes.setMany(entries, { tags: ['exchange:NSE'] })
}
