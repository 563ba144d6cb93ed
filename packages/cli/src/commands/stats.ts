import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import type { CacheBackend, Stamp } from '@cache/core'
import { BackendEntries } from '@cache/transfer'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { withBackend, type OpenedBackend } from '../open-backend.ts'
import type { CommandContext } from '../settings.ts'
import { table } from '../terminal.ts'

interface CacheFigures {
  readonly cache: string
  readonly version: number
  readonly entries: number
  /** Writes and invalidations since the last look; absent on the first. */
  readonly changes?: number | undefined
}

interface Figures {
  readonly backend: string
  readonly details: Readonly<Record<string, string | number | boolean>>
  readonly caches: readonly CacheFigures[]
}

/** What the backend holds: once into a pipe, live on a terminal until Ctrl-C. */
export function stats(
  context: CommandContext,
  flags: { readonly once?: boolean | undefined; readonly interval: number },
): Promise<ExitCode> {
  return withBackend(context, async (opened) => {
    const look = new Look(opened)
    if (!context.terminal.isInteractive || flags.once) {
      const figures = await look.take()
      context.terminal.result(figures, () =>
        text(figures, undefined).forEach((line) => context.terminal.line(line)),
      )
      return exitCodes.done
    }
    await live(context, look, flags.interval)
    return exitCodes.done
  })
}

async function live({ terminal }: CommandContext, look: Look, intervalSeconds: number): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  let shownLines = 0
  while (!stop.signal.aborted) {
    const lines = [...text(await look.take(), intervalSeconds), '', terminal.style('dim', 'Ctrl-C ends it.')]
    if (shownLines > 0) process.stdout.write(`\u001b[${shownLines}A\u001b[J`)
    for (const line of lines) terminal.line(line)
    shownLines = lines.length
    await wait(intervalSeconds * 1000, undefined, { signal: stop.signal }).catch(() => undefined)
  }
}

function text({ backend, details, caches }: Figures, intervalSeconds: number | undefined): string[] {
  const facts = Object.entries(details).map(([name, value]) => `${name} ${value}`)
  const rows = caches.map(({ cache, version, entries, changes }) => [
    cache,
    version,
    entries,
    ...(intervalSeconds === undefined ? [] : [(changes ?? 0) / intervalSeconds]),
  ])
  const head = ['cache', 'version', 'entries', ...(intervalSeconds === undefined ? [] : ['changes/s'])]
  return [`${backend}${facts.length > 0 ? `: ${facts.join(', ')}` : ''}`, '', ...table(head, rows)]
}

/** Looks at a backend again and again. */
class Look {
  readonly #backend: CacheBackend
  readonly #entries: BackendEntries
  readonly #stamps = new Map<string, Stamp>()

  constructor({ backend }: OpenedBackend) {
    this.#backend = backend
    this.#entries = new BackendEntries(backend)
  }

  async take(): Promise<Figures> {
    const { details } = await this.#backend.health()
    const found = await this.#entries.list()
    const caches: CacheFigures[] = []
    for (const { cache, version, count } of found)
      caches.push({ cache, version, entries: count, changes: await this.#changes(cache, version) })
    return { backend: this.#backend.name, details, caches }
  }

  async #changes(cache: string, version: number): Promise<number | undefined> {
    const before = this.#stamps.get(cache)
    const { stamp } = await this.#entries.store({ cache, version }).changesSince(before)
    this.#stamps.set(cache, stamp)
    return before?.epoch === stamp.epoch ? stamp.sequence - before.sequence : undefined
  }
}
