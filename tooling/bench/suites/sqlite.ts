import { versionOf } from '../machine.ts'
import { runRounds, type Results } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, ratio, table, type Column } from '../table.ts'

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

/** Each operation, its title, and the one of the floor that it is compared to. */
const operations = [
  { metric: 'get', title: 'get/s', floor: 'get' },
  { metric: 'getOrLoad', title: 'getOrLoad/s', floor: 'get' },
  { metric: 'set', title: 'set/s', floor: 'set' },
  { metric: 'concurrentSet', title: 'set 64-way/s', floor: 'set' },
  { metric: 'setMany', title: 'setMany100 keys/s', floor: 'setMany' },
  { metric: 'getMany', title: 'getMany100 keys/s', floor: 'getMany' },
  { metric: 'delete', title: 'delete/s', floor: 'delete' },
] as const

const rounds = 3

export const sqliteSuite: Suite = {
  name: 'sqlite',
  summary: 'every operation on a SQLite file, without a tier in memory (3 minutes)',
  async run({ quick }) {
    const contenders = [...floors, ...peers]
    const rows = contenders.map(({ file }) => ({
      id: file,
      workload: 'sqlite',
      contender: file,
      parameters: { quick: Number(quick) },
    }))
    const results = await runRounds(rows, quick ? 1 : rounds)
    const block = table(columnsOf(results), contenders)
    return { blocks: [block], figures: figuresOf(results), failures: results.failures }
  },
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
  const figures = {
    get_vs_raw: results.ratio(['cache', 'get'], ['raw', 'get']),
    getOrLoad_vs_raw: results.ratio(['cache', 'getOrLoad'], ['raw', 'get']),
    set_vs_raw: results.ratio(['cache', 'set'], ['raw', 'set']),
    concurrent_set_vs_raw_autocommit: results.ratio(['cache', 'concurrentSet'], ['raw', 'set']),
    setMany_vs_raw_transaction: results.ratio(['cache', 'setMany'], ['raw', 'setMany']),
    getMany_vs_raw: results.ratio(['cache', 'getMany'], ['raw', 'getMany']),
    delete_vs_raw: results.ratio(['cache', 'delete'], ['raw', 'delete']),
    get_vs_best_peer: versusBestPeer(results, 'get'),
    set_vs_best_peer: versusBestPeer(results, 'set'),
    get_per_s: results.median('cache', 'get'),
    set_per_s: results.median('cache', 'set'),
  }
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]))
}

/** The least ratio to any peer; missing when one of them is. */
function versusBestPeer(results: Results, metric: string): number | undefined {
  const ratios = peers.map(({ file }) => results.ratio(['cache', metric], [file, metric]))
  const known = ratios.filter((value) => value !== undefined)
  return known.length === ratios.length ? Math.min(...known) : undefined
}
