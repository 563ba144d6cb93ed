import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Metrics } from '../row.ts'
import { boundMs, entries, type Place } from './contender.ts'
import type { TieredLog, TieredTask } from './tiered-process.ts'

export interface TieredRun {
  readonly contender: string
  readonly place: Place
  readonly readsPerSecond: number
  readonly writesPerSecond: number
  readonly seconds: number
  /** Commands for reading that the server was given so far, by anybody. One of ours reads what one tick asks for. */
  readonly readCommands: () => Promise<number>
}

/** One process that writes and one that reads, and what came of it. */
export async function runTiered(run: TieredRun): Promise<Metrics> {
  const { contender, place, seconds } = run
  const writer = await Side.start({
    role: 'writer',
    contender,
    place,
    seconds,
    perSecond: run.writesPerSecond,
  })
  let reader: Side | undefined
  try {
    reader = await Side.start({ role: 'reader', contender, place, seconds, perSecond: run.readsPerSecond })
    await Promise.all([reader.step(), writer.step()])
    const before = await run.readCommands()
    const [reads, writes] = await Promise.all([reader.finish(), writer.finish()])
    const commands = (await run.readCommands()) - before
    const { past = commands, syncs = 0 } = reads.counts ?? {}
    return {
      l1_share: 1 - past / reads.calls,
      l2_commands_saved: 1 - (commands + syncs) / reads.calls,
      ...staleness(reads, writes),
    }
  } finally {
    writer.stop()
    reader?.stop()
  }
}

class Side {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(task: TieredTask): Promise<Side> {
    const child = fork(join(import.meta.dirname, 'tiered-process.ts'), [JSON.stringify(task)], {
      serialization: 'advanced',
      execArgv: ['--no-warnings'],
    })
    const side = new Side(child)
    await side.#hear()
    return side
  }

  async step(): Promise<void> {
    this.#child.send('go on')
    await this.#hear()
  }

  async finish(): Promise<TieredLog> {
    this.#child.send('go on')
    return (await this.#hear()) as TieredLog
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }

  async #hear(): Promise<unknown> {
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('A process of the run ended before its work')
    })
    const [message] = (await Promise.race([once(this.#child, 'message'), ended])) as unknown[]
    return message
  }
}

/** Holds each read against the writes that were acknowledged before it began. */
function staleness(reads: TieredLog, writes: TieredLog): Metrics {
  const acknowledged: { readonly version: number; readonly atMs: number }[][] = Array.from(
    { length: entries },
    () => [],
  )
  for (let at = 0; at < writes.log.length; at += 3)
    acknowledged[writes.log[at] ?? 0]?.push({
      version: writes.log[at + 1] ?? 0,
      atMs: writes.log[at + 2] ?? 0,
    })
  for (const list of acknowledged) list.sort((a, b) => a.atMs - b.atMs)
  let stale = 0
  let beyond = 0
  let worstMs = 0
  for (let at = 0; at < reads.log.length; at += 3) {
    const [index = 0, version = 0, beginMs = 0] = reads.log.subarray(at, at + 3)
    const missed = acknowledged[index]?.find((write) => write.version > version && write.atMs < beginMs)
    if (!missed) continue
    const lateMs = beginMs - missed.atMs
    stale++
    worstMs = Math.max(worstMs, lateMs)
    if (lateMs > boundMs) beyond++
  }
  return { stale_share: stale / reads.calls, stale_worst_ms: worstMs, stale_beyond_bound: beyond }
}
