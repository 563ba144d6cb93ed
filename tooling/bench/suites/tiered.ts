import { TestServer } from '@cache/tooling-servers'
import { versionOf } from '../machine.ts'
import type { Metrics } from '../row.ts'
import { median, rounded } from '../statistics.ts'
import type { Failure, Figures, Suite, SuiteReport } from '../suite.ts'
import { table } from '../table.ts'
import { entries } from '../tiered/contender.ts'
import { runTiered } from '../tiered/run-tiered.ts'

interface Contender {
  /** Its file in `contenders/tiered`. */
  readonly file: string
  readonly label: string
  readonly rounds: number
  /** What it reads from the server with. The scripts of our writes use `GET` as well. */
  readonly reads: 'get' | 'mget'
}

const overServer: readonly Contender[] = [
  { file: 'cache', label: '@cache/redis, memory, pub/sub', rounds: 3, reads: 'mget' },
  { file: 'cache-tracking', label: '@cache/redis, memory, pub/sub, tracking', rounds: 1, reads: 'mget' },
  { file: 'cache-unheard', label: '@cache/redis, memory, no transport', rounds: 1, reads: 'mget' },
  { file: 'bentocache', label: `bentocache ${versionOf('bentocache')}, bus`, rounds: 1, reads: 'get' },
  { file: 'cacheable', label: `cacheable ${versionOf('cacheable')}, sync`, rounds: 1, reads: 'get' },
  { file: 'node-redis', label: `redis ${versionOf('redis')}, client-side cache`, rounds: 1, reads: 'get' },
]

export const tieredSuite: Suite = {
  name: 'tiered',
  summary: 'a tier in memory over Redis while another process writes 1,000 times a second (3 minutes)',
  run({ quick }) {
    return rows(overServer, quick, async ({ file, reads }) => {
      await using server = await TestServer.start({ kind: 'redis' })
      return await runTiered({
        contender: file,
        place: { redisUrl: server.url, directory: '' },
        readsPerSecond: 19_000,
        writesPerSecond: 1000,
        seconds: quick ? 3 : 15,
        readCommands: async () => callsOf(reads, String(await server.command(['INFO', 'commandstats']))),
      })
    })
  },
}

async function rows(
  contenders: readonly Contender[],
  quick: boolean,
  run: (contender: Contender) => Promise<Metrics>,
): Promise<SuiteReport> {
  const found = new Map<Contender, Metrics[]>()
  const failures: Failure[] = []
  for (const contender of contenders) {
    const rounds: Metrics[] = []
    for (let round = 0; round < (quick ? 1 : contender.rounds); round++) {
      try {
        rounds.push(await run(contender))
      } catch (error) {
        failures.push({ row: contender.file, error: String(error) })
        break
      }
    }
    found.set(contender, rounds)
  }
  const value = (contender: Contender, metric: string): number | undefined =>
    median((found.get(contender) ?? []).flatMap((metrics) => metrics[metric] ?? []))
  const percent = (share: number | undefined, digits: number): string =>
    share === undefined ? '–' : `${(share * 100).toFixed(digits)} %`
  const block = table<Contender>(
    [
      { title: `${entries.toLocaleString('en')} entries, Zipf 0.99`, cell: ({ label }) => label },
      { title: 'from memory', cell: (row) => percent(value(row, 'l1_share'), 1) },
      { title: 'stale', cell: (row) => percent(value(row, 'stale_share'), 3) },
      { title: 'worst', cell: (row) => `${(value(row, 'stale_worst_ms') ?? 0).toFixed(1)} ms` },
      { title: 'beyond 1 s', cell: (row) => String(value(row, 'stale_beyond_bound') ?? '–') },
    ],
    contenders,
  )
  const [ours] = contenders
  return { blocks: [block], figures: ours ? figuresOf(found.get(ours) ?? []) : {}, failures }
}

/** Medians, but for what must not happen even once. */
function figuresOf(rounds: readonly Metrics[]): Figures {
  const middle = (metric: string): number | null =>
    rounded(median(rounds.flatMap((metrics) => metrics[metric] ?? [])))
  const most = Math.max(...rounds.map((metrics) => metrics['stale_beyond_bound'] ?? 0))
  return {
    l1_share: middle('l1_share'),
    l2_commands_saved: middle('l2_commands_saved'),
    stale_beyond_bound: rounds.length > 0 ? most : null,
    stale_share: middle('stale_share'),
    stale_worst_ms: middle('stale_worst_ms'),
  }
}

/** How often a server was given a command, by clients and by scripts. */
function callsOf(command: string, info: string): number {
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(info)?.[1] ?? 0)
}
