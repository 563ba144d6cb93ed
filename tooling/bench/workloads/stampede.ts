import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Metrics, Parameters } from '../row.ts'

/** A cache in a SQLite file that several processes share. */
export interface StampedeContender {
  readonly getOrLoad: (key: string, load: () => Promise<string>) => Promise<unknown>
  readonly close: () => unknown
}

export type OpenStampede = (directory: string) => StampedeContender | Promise<StampedeContender>

export const leaseMs = 3000

/** What a caller's process is told to do. */
export interface StampedeOrder {
  readonly callers: number
  readonly loadMs: number
}

/** What it tells: that its loader began, or that all callers have their answer. */
export type StampedeNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loading'; readonly atMs: number }
  | { readonly kind: 'done'; readonly right: number }

const processes = 8
const callers = 1000
const loadMs = 50

/** A thousand callers in each of eight processes ask for a cold key, and then for one whose loader is killed. */
export async function measure(_open: OpenStampede, parameters: Parameters): Promise<Metrics> {
  const name = String(parameters['name'])
  const directory = await mkdtemp(join(tmpdir(), 'cache-stampede-'))
  try {
    const cold = await coldKey(name, directory)
    return parameters['kill'] === 1 ? { ...cold, ...(await killedLoader(name, directory)) } : cold
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function coldKey(name: string, directory: string): Promise<Metrics> {
  const children = await started(name, directory, 'cold', processes)
  const loads = countLoads(children)
  const startMs = performance.now()
  await Promise.all(children.map((child) => answered(child, { callers, loadMs })))
  const tookMs = performance.now() - startMs
  await ended(children)
  return { loads: loads.length, tookMs }
}

async function killedLoader(name: string, directory: string): Promise<Metrics> {
  const [victim, ...others] = await started(name, directory, 'killed', 4)
  if (!victim) throw new Error('no process was started')
  const began = news(victim, 'loading')
  victim.send({ callers: 1, loadMs: 3_600_000 } satisfies StampedeOrder)
  await began
  const loads = countLoads(others)
  const waiting = Promise.all(others.map((child) => answered(child, { callers, loadMs })))
  const killedMs = monotonicMs()
  victim.kill('SIGKILL')
  await waiting
  await ended(others)
  return { killedLoads: 1 + loads.length, takeoverMs: Math.min(...loads) - killedMs }
}

async function started(name: string, directory: string, key: string, count: number): Promise<ChildProcess[]> {
  const script = fileURLToPath(new URL('stampede-callers.ts', import.meta.url))
  const children: ChildProcess[] = []
  // One after another: some contenders make their table when they open, and fail when two do it at once.
  for (let index = 0; index < count; index++) {
    const child = fork(script, [name, directory, key], { execArgv: ['--no-warnings'], stdio: 'ignore' })
    await news(child, 'ready')
    children.push(child)
  }
  return children
}

/** The moments at which loaders began, as they come. */
function countLoads(children: readonly ChildProcess[]): number[] {
  const moments: number[] = []
  for (const child of children)
    child.on('message', (told) => {
      const said = told as StampedeNews
      if (said.kind === 'loading') moments.push(said.atMs)
    })
  return moments
}

async function answered(child: ChildProcess, order: StampedeOrder): Promise<void> {
  const done = news(child, 'done')
  child.send(order)
  const { right } = await done
  if (right !== order.callers) throw new Error(`${order.callers - right} callers got no value`)
}

function news<K extends StampedeNews['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<StampedeNews & { kind: K }> {
  return new Promise((resolve, reject) => {
    child.on('message', (told) => {
      const said = told as StampedeNews
      if (said.kind === kind) resolve(said as StampedeNews & { kind: K })
    })
    child.on('exit', (code) => reject(new Error(`a process ended with ${code}`)))
  })
}

async function ended(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }),
  )
}

/** The machine's monotonic time, the same in every process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
