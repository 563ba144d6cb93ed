import { barChart, type Bar } from './bar-chart.ts'
import { numberOf, readTable, type ReadTable } from './markdown-table.ts'
import type { SuiteResult } from './result.ts'

interface ChartPlan {
  /** The title of a column that a suite prints. */
  readonly column: string
  readonly title: string
}

/** Which columns of a suite are drawn; the others are in its tables. */
const plans: Readonly<Record<string, readonly ChartPlan[]>> = {
  memory: [
    { column: 'get/s', title: 'Awaited hits a second' },
    { column: 'peek/s', title: 'Synchronous hits a second' },
  ],
  sqlite: [
    { column: 'get/s', title: 'SQLite: reads a second' },
    { column: 'getMany100 keys/s', title: 'SQLite: keys a second, read 100 at a time' },
    { column: 'set 64-way/s', title: 'SQLite: writes a second, 64 in flight' },
  ],
  redis: [
    { column: 'get 64-way/s', title: 'Redis: reads a second, 64 in flight' },
    { column: 'getMany100 keys/s', title: 'Redis: keys a second, read 100 at a time' },
  ],
  valkey: [{ column: 'get 64-way/s', title: 'Valkey: reads a second, 64 in flight' }],
  'rate-limit': [{ column: 'consume/s', title: 'Limits: calls a second' }],
  codec: [{ column: 'decode/s', title: 'Codecs: values decoded a second' }],
  tiered: [{ column: 'stale', title: 'Share of reads that were stale' }],
}

export interface Chart {
  /** Its file beside the page. */
  readonly file: string
  readonly title: string
  readonly svg: string
}

/** The charts of a suite's tables. */
export function chartsOf({ suite, blocks }: SuiteResult): Chart[] {
  const tables = blocks.flatMap((block) => readTable(block) ?? [])
  return (plans[suite] ?? []).flatMap((plan, at) =>
    tables.flatMap((table, number) =>
      chartOf(table, plan, `${suite}-${at + 1}${String.fromCodePoint(97 + number)}.svg`),
    ),
  )
}

function chartOf(table: ReadTable, { column, title }: ChartPlan, file: string): Chart[] {
  const at = table.titles.indexOf(column)
  if (at === -1) return []
  const bars = table.rows.flatMap((row): Bar[] => {
    const [label = '', text = ''] = [row[0], row[at]]
    const value = numberOf(text)
    return value === undefined ? [] : [{ label, value, text, kind: kindOf(label) }]
  })
  const heading = `${title} · ${table.titles[0] ?? ''}`
  return bars.length < 2 ? [] : [{ file, title: heading, svg: barChart(heading, bars) }]
}

function kindOf(label: string): Bar['kind'] {
  if (label.startsWith('@cache/') || label.startsWith('ours')) return 'ours'
  return label.includes('floor') ? 'floor' : 'peer'
}
