import { TestServer } from '@cache/tooling-servers'
import { roundsOf, runRounds } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Suite } from '../suite.ts'
import { rate, ratio, table, type Column } from '../table.ts'

const contenders = [
  { file: 'raw', label: 'ioredis, SET with PX in pipelines of 500, from memory (floor)' },
  { file: 'cache', label: 'SQLite to Redis with tags, times and versions' },
] as const
type Contender = (typeof contenders)[number]

export const migrationSuite: Suite = {
  name: 'migration',
  summary: 'entries moved from SQLite to Redis on loopback (1 minute)',
  async run({ quick }) {
    await using server = await TestServer.start({ kind: 'redis' })
    const parameters = { url: server.url, entries: quick ? 5000 : 50_000 }
    const rows = contenders.map(({ file }) => {
      return { id: file, workload: 'migration', contender: file, parameters, headline: true }
    })
    const results = await runRounds(rows, roundsOf(quick))
    const ratioOf = (file: string): number | undefined =>
      results.ratio([file, 'perSecond'], ['raw', 'perSecond'])
    const columns: Column<Contender>[] = [
      { title: 'entries of 200 bytes', cell: ({ label }) => label },
      { title: 'entries/s', cell: ({ file }) => rate(results.median(file, 'perSecond')) },
      { title: '×raw', cell: ({ file }) => ratio(ratioOf(file)) },
      {
        title: 'entries per CPU second',
        cell: ({ file }) => rate(results.median(file, 'perProcessorSecond')),
      },
    ]
    return {
      blocks: [table(columns, contenders)],
      figures: {
        entries_per_s: rounded(results.median('cache', 'perSecond')),
        entries_per_processor_s: rounded(results.median('cache', 'perProcessorSecond')),
        migration_vs_raw_set: rounded(ratioOf('cache')),
      },
      failures: results.failures,
    }
  },
}
