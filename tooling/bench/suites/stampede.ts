import { versionOf } from '../machine.ts'
import { roundsOf, runRounds } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Suite } from '../suite.ts'
import { table } from '../table.ts'
import { leaseMs } from '../workloads/stampede.ts'

interface Contender {
  /** Its file in `contenders/stampede`. */
  readonly file: string
  readonly label: string
}

const contenders: readonly Contender[] = [
  { file: 'cache', label: '@cache/sqlite' },
  { file: 'cache-aside', label: 'better-sqlite3, cache-aside by hand' },
  { file: 'bentocache', label: `bentocache ${versionOf('bentocache')} (kysely)` },
  { file: 'cacheable', label: `cacheable ${versionOf('cacheable')}` },
  { file: 'cache-manager', label: `cache-manager ${versionOf('cache-manager')}` },
]

/** A cold key in a SQLite file, asked for by 1,000 callers in each of eight processes. */
export const stampedeSuite: Suite = {
  name: 'stampede',
  summary: 'loads of a cold key for 1,000 callers in each of eight processes on one file (3 minutes)',
  async run({ quick }) {
    const rows = contenders.map(({ file }) => ({
      id: file,
      workload: 'stampede',
      contender: file,
      parameters: { name: file, kill: Number(file === 'cache') },
      headline: false,
    }))
    const results = await runRounds(rows, roundsOf(quick))
    const cell =
      (metric: string) =>
      ({ file }: Contender): string =>
        results.median(file, metric)?.toFixed(0) ?? '–'
    const block = table<Contender>(
      [
        { title: '8 × 1,000 callers', cell: ({ label }) => label },
        { title: 'loads', cell: cell('loads') },
        { title: 'ms', cell: cell('tookMs') },
        { title: 'loads, first loader killed', cell: cell('killedLoads') },
        { title: 'second begins after, ms', cell: cell('takeoverMs') },
      ],
      contenders,
    )
    const takeoverMs = results.median('cache', 'takeoverMs')
    const figures = {
      loads: rounded(results.median('cache', 'loads')),
      loads_when_killed: rounded(results.median('cache', 'killedLoads')),
      takeover_after_lease_ms: rounded(takeoverMs === undefined ? undefined : takeoverMs - leaseMs),
      least_loads_of_a_peer: rounded(leastOfPeers(results)),
    }
    return { blocks: [block], figures, failures: results.failures }
  },
}

function leastOfPeers(results: {
  median(row: string, metric: string): number | undefined
}): number | undefined {
  const loads = contenders.slice(1).map(({ file }) => results.median(file, 'loads'))
  const known = loads.filter((count) => count !== undefined)
  return known.length === loads.length ? Math.min(...known) : undefined
}
