import { roundsOf, runRounds } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Suite } from '../suite.ts'
import { rate, ratio, table, type Column } from '../table.ts'

const contenders = [
  { file: 'cache', label: '@cache/memory' },
  { file: 'cache-metrics', label: 'the same with @cache/metrics, scraped each second' },
] as const
type Contender = (typeof contenders)[number]

const operations = ['get', 'getOrLoad', 'peek'] as const

export const metricsSuite: Suite = {
  name: 'metrics',
  summary: 'what metrics take off hits in this process (1 minute)',
  async run({ quick }) {
    const parameters = { entries: 1024, orders: 'uniform', quick: Number(quick) }
    const rows = contenders.map(({ file }) => {
      return { id: file, workload: 'memory', contender: file, parameters, headline: true }
    })
    const results = await runRounds(rows, roundsOf(quick))
    const ratioOf = (file: string, operation: string): number | undefined =>
      results.ratio([file, `${operation}_uniform`], ['cache', `${operation}_uniform`])
    const columns: Column<Contender>[] = [{ title: '1,024 entries', cell: ({ label }) => label }]
    for (const operation of operations) {
      columns.push({
        title: `${operation}/s`,
        cell: ({ file }) => rate(results.median(file, `${operation}_uniform`)),
      })
      columns.push({ title: '×off', cell: ({ file }) => ratio(ratioOf(file, operation)) })
    }
    const figures = operations.map((operation) => [
      `${operation}_on_vs_off`,
      rounded(ratioOf('cache-metrics', operation)),
    ])
    return {
      blocks: [table(columns, contenders)],
      figures: Object.fromEntries(figures),
      failures: results.failures,
    }
  },
}
