import { versionOf } from '../machine.ts'
import { roundsOf, runRounds, type Results } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, ratio, table, type Column } from '../table.ts'
import type { SqlitePart } from '../workloads/sqlite.ts'

interface Contender {
  /** Its file in `contenders/sqlite`. */
  readonly file: string
  readonly label: string
}

const store = `@keyv/sqlite ${versionOf('@keyv/sqlite')}`

const floors: readonly Contender[] = [
  { file: 'raw', label: `better-sqlite3 ${versionOf('better-sqlite3')} + JSON (sync, floor)` },
  { file: 'cache', label: '@cache/sqlite' },
  { file: 'node-sqlite', label: 'node:sqlite + JSON (sync)' },
]

const peers: readonly Contender[] = [
  { file: 'unstorage', label: `unstorage ${versionOf('unstorage')} (db0)` },
  { file: 'bentocache-kysely', label: `bentocache ${versionOf('bentocache')} (kysely)` },
  { file: 'bentocache-knex', label: `bentocache ${versionOf('bentocache')} (knex)` },
  { file: 'keyv-5', label: `keyv ${versionOf('keyv-5')} + ${store}` },
  { file: 'keyv-6', label: `keyv ${versionOf('keyv')} + ${store}` },
  { file: 'cacheable', label: `cacheable ${versionOf('cacheable')} + ${store}` },
  { file: 'cache-manager', label: `cache-manager ${versionOf('cache-manager')} + ${store}` },
]

interface Operation {
  readonly part: SqlitePart
  readonly metric: string
  readonly title: string
  /** The one of the floor that it is compared to. */
  readonly floor: string
  /** The figure of that comparison. */
  readonly figure: string
}

const operations: readonly Operation[] = [
  { part: 'reads', metric: 'get', title: 'get/s', floor: 'get', figure: 'get_vs_raw' },
  { part: 'reads', metric: 'getOrLoad', title: 'getOrLoad/s', floor: 'get', figure: 'getOrLoad_vs_raw' },
  {
    part: 'reads',
    metric: 'getMany',
    title: 'getMany100 keys/s',
    floor: 'getMany',
    figure: 'getMany_vs_raw',
  },
  { part: 'writes', metric: 'set', title: 'set/s', floor: 'set', figure: 'set_vs_raw' },
  {
    part: 'writes',
    metric: 'setScattered',
    title: 'scattered/s',
    floor: 'setScattered',
    figure: 'scattered_set_vs_raw',
  },
  {
    part: 'writes',
    metric: 'concurrentSet',
    title: 'set 64-way/s',
    floor: 'set',
    figure: 'concurrent_set_vs_raw_autocommit',
  },
  {
    part: 'writes',
    metric: 'concurrentSetScattered',
    title: 'scattered 64-way/s',
    floor: 'setScattered',
    figure: 'scattered_concurrent_set_vs_raw_autocommit',
  },
  {
    part: 'writes',
    metric: 'setMany',
    title: 'setMany100 keys/s',
    floor: 'setMany',
    figure: 'setMany_vs_raw_transaction',
  },
  { part: 'writes', metric: 'delete', title: 'delete/s', floor: 'delete', figure: 'delete_vs_raw' },
]

const parts: readonly SqlitePart[] = ['reads', 'writes']

export const sqliteSuite: Suite = {
  name: 'sqlite',
  summary: 'every operation on a SQLite file, without a tier in memory (5 minutes)',
  async run({ quick }) {
    const contenders = [...floors, ...peers]
    const rows = parts.flatMap((part) =>
      contenders.map(({ file }) => ({
        id: idOf(file, part),
        workload: 'sqlite',
        contender: file,
        parameters: { part, quick: Number(quick) },
        headline: floors.some((floor) => floor.file === file),
      })),
    )
    const results = await runRounds(rows, roundsOf(quick))
    const block = table(columnsOf(results), contenders)
    return { blocks: [block], figures: figuresOf(results), failures: results.failures }
  },
}

function idOf(file: string, part: SqlitePart): string {
  return `${file} ${part}`
}

function columnsOf(results: Results): Column<Contender>[] {
  const columns: Column<Contender>[] = [{ title: '10,000 entries', cell: ({ label }) => label }]
  for (const { part, metric, title, floor } of operations) {
    columns.push({ title, cell: ({ file }) => rate(results.median(idOf(file, part), metric)) })
    columns.push({
      title: '×raw',
      cell: ({ file }) => ratio(results.ratio([idOf(file, part), metric], [idOf('raw', part), floor])),
    })
  }
  return columns
}

function figuresOf(results: Results): Figures {
  const versusRaw = operations.map(({ part, metric, floor, figure }) => {
    const ours = [idOf('cache', part), metric] as const
    return [figure, results.ratio(ours, [idOf('raw', part), floor])] as const
  })
  const figures = {
    ...Object.fromEntries(versusRaw),
    get_vs_best_peer: versusBestPeer(results, 'reads', 'get'),
    set_vs_best_peer: versusBestPeer(results, 'writes', 'set'),
    get_per_s: results.median(idOf('cache', 'reads'), 'get'),
    set_per_s: results.median(idOf('cache', 'writes'), 'set'),
  }
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]))
}

/** The least ratio to any peer; missing when one of them is. */
function versusBestPeer(results: Results, part: SqlitePart, metric: string): number | undefined {
  const ours = [idOf('cache', part), metric] as const
  const ratios = peers.map(({ file }) => results.ratio(ours, [idOf(file, part), metric]))
  const known = ratios.filter((value) => value !== undefined)
  return known.length === ratios.length ? Math.min(...known) : undefined
}
