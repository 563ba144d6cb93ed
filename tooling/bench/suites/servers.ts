import { TestServer, type ServerKind } from '@cache/tooling-servers'
import { versionOf } from '../machine.ts'
import { roundsOf, runRounds, type Results } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, ratio, table, type Column } from '../table.ts'

interface Contender {
  /** Its file in `contenders/server`. */
  readonly file: string
  readonly label: string
}

function headliners(kind: ServerKind): readonly Contender[] {
  const client = kind === 'redis' ? 'ioredis' : 'iovalkey'
  return [
    { file: 'raw', label: `${client} ${versionOf(client)} + JSON (floor)` },
    { file: 'cache', label: `@cache/${kind}` },
  ]
}

const peers: readonly Contender[] = [
  { file: 'bentocache', label: `bentocache ${versionOf('bentocache')} (ioredis 5)` },
  { file: 'async-cache-dedupe', label: `async-cache-dedupe ${versionOf('async-cache-dedupe')} (ioredis 5)` },
  { file: 'unstorage', label: `unstorage ${versionOf('unstorage')} (ioredis)` },
  { file: 'keyv', label: `keyv ${versionOf('keyv-5')} + @keyv/redis ${versionOf('@keyv/redis')}` },
  { file: 'cacheable', label: `cacheable ${versionOf('cacheable')} + @keyv/redis` },
  { file: 'cache-manager', label: `cache-manager ${versionOf('cache-manager')} + @keyv/redis` },
]

interface Operation {
  readonly metric: string
  readonly title: string
  /** The one of the floor that it is compared to. */
  readonly floor: string
  readonly figure: string
}

const operations: readonly Operation[] = [
  { metric: 'get', title: 'get/s', floor: 'get', figure: 'get_vs_raw' },
  { metric: 'get64', title: 'get 64-way/s', floor: 'get64', figure: 'get64_vs_raw' },
  { metric: 'getMany', title: 'getMany100 keys/s', floor: 'getMany', figure: 'getMany100_vs_raw_mget' },
  { metric: 'set', title: 'set/s', floor: 'set', figure: 'set_vs_raw' },
  { metric: 'setMany', title: 'setMany100 keys/s', floor: 'setMany', figure: 'setMany100_vs_raw' },
  { metric: 'getOrLoad', title: 'getOrLoad hit/s', floor: 'get', figure: 'getOrLoad_vs_raw' },
]

/** One suite for each server: the same work through the client of our package, and the peers through theirs. */
export const serverSuites: readonly Suite[] = [suiteOf('redis'), suiteOf('valkey')]

function suiteOf(kind: ServerKind): Suite {
  return {
    name: kind,
    summary: `every operation on a ${kind} server of its own, without a tier in memory (4 minutes)`,
    async run({ quick }) {
      await using server = await TestServer.start({ kind })
      const contenders = [...headliners(kind), ...peers]
      const rows = contenders.map(({ file }, index) => ({
        id: file,
        workload: 'server',
        contender: file,
        parameters: { kind, url: server.url, quick: Number(quick) },
        headline: index < 2,
      }))
      const results = await runRounds(rows, roundsOf(quick))
      return {
        blocks: [table(columnsOf(results), contenders)],
        figures: figuresOf(results),
        failures: results.failures,
      }
    },
  }
}

function columnsOf(results: Results): Column<Contender>[] {
  const columns: Column<Contender>[] = [{ title: '10,000 entries', cell: ({ label }) => label }]
  for (const { metric, title, floor } of operations) {
    columns.push({ title, cell: ({ file }) => rate(results.median(file, metric)) })
    columns.push({ title: '×raw', cell: ({ file }) => ratio(results.ratio([file, metric], ['raw', floor])) })
  }
  return columns
}

function figuresOf(results: Results): Figures {
  const versusRaw = operations.map(({ metric, floor, figure }) => [
    figure,
    results.ratio(['cache', metric], ['raw', floor]),
  ])
  const figures: Record<string, number | undefined> = {
    ...Object.fromEntries(versusRaw),
    commands_per_hit: results.median('cache', 'commandsPerHit'),
    commands_per_miss_with_fill: results.median('cache', 'commandsPerMiss'),
    get_vs_best_peer: versusBestPeer(results, 'get'),
    get64_vs_best_peer: versusBestPeer(results, 'get64'),
    getMany100_vs_best_peer: versusBestPeer(results, 'getMany'),
    setMany100_vs_best_peer: versusBestPeer(results, 'setMany'),
    get_per_s: results.median('cache', 'get'),
  }
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]))
}

/** The least ratio to any peer; missing when one of them is. */
function versusBestPeer(results: Results, metric: string): number | undefined {
  const ratios = peers.map(({ file }) => results.ratio(['cache', metric], [file, metric]))
  const known = ratios.filter((value) => value !== undefined)
  return known.length === ratios.length ? Math.min(...known) : undefined
}
