import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'

import { temporaryDirectory } from './running-server.ts'
import { whenOver } from './when-over.ts'

/** A process that has started others. */
export interface ProcessTree {
  /** All that it has started, and what they have. */
  readonly descendants: readonly number[]
  /** Those of them that run. */
  left(): readonly number[]
  kill(signal: NodeJS.Signals): Promise<void>
}

/** Runs a script until it says that all of its processes are there. */
export async function startTree(
  script: string,
  args: readonly string[],
  ready: string,
): Promise<ProcessTree> {
  const { PATH = '', HOME = '' } = process.env
  // Its own place for temporary files, which `kill -9` leaves behind. PostgreSQL, another user, goes through it.
  const TMPDIR = await temporaryDirectory()
  await chmod(TMPDIR, 0o711)
  const env = { PATH, HOME, TMPDIR }
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  whenOver(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  await said(child, ready)
  const descendants = descendantsOf(child.pid ?? 0)
  return {
    descendants,
    left: () => {
      const running = new Set(processes().map(({ pid }) => pid))
      return descendants.filter((pid) => running.has(pid))
    },
    kill: async (signal) => {
      child.kill(signal)
      await exited
    },
  }
}

async function said(child: ChildProcess, text: string): Promise<void> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  while (!output.includes(text)) {
    if (child.exitCode !== null) throw new Error(`It did not start:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function descendantsOf(parent: number): number[] {
  const children = processes()
    .filter(({ parent: of }) => of === parent)
    .map(({ pid }) => pid)
  return children.concat(children.flatMap(descendantsOf))
}

/** Those that run; one that has ended and that nobody has asked for yet does not. */
function processes(): { readonly pid: number; readonly parent: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [state, parent] = statOf(name)
      return state === undefined || state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }]
    })
}

/** What follows the name, which may hold anything. */
function statOf(pid: string): string[] {
  try {
    return (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ')
  } catch {
    return []
  }
}
