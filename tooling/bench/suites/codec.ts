import { versionOf } from '../machine.ts'
import { roundsOf, runRounds, type Results } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, ratio, table, whole, type Column } from '../table.ts'
import { valueNames } from '../workloads/codec.ts'

interface Contender {
  /** Its file in `contenders/codec`. */
  readonly file: string
  readonly label: string
}

const contenders: readonly Contender[] = [
  { file: 'json', label: 'JSON (floor)' },
  { file: 'cache', label: '@cache/core' },
  { file: 'cache-faithful', label: '@cache/core, faithful form' },
  { file: 'json-bytes', label: 'JSON + Buffer' },
  { file: 'msgpackr', label: `msgpackr ${versionOf('msgpackr')}` },
  { file: 'msgpackr-records', label: `msgpackr ${versionOf('msgpackr')}, shared structures` },
  { file: 'cbor-x', label: `cbor-x ${versionOf('cbor-x')}` },
  { file: 'v8', label: 'v8.serialize' },
  { file: 'superjson', label: `superjson ${versionOf('superjson')}` },
  { file: 'devalue', label: `devalue ${versionOf('devalue')}` },
  { file: 'keyv-serialize', label: `@keyv/serialize ${versionOf('@keyv/serialize')}` },
]

export const codecSuite: Suite = {
  name: 'codec',
  summary: 'encoding and decoding of a token, a quote and 100 orders (2 minutes)',
  async run({ quick }) {
    const rows = valueNames.flatMap((value) =>
      contenders.map(({ file }) => ({
        id: idOf(file, value),
        workload: 'codec',
        contender: file,
        parameters: { value, quick: Number(quick) },
        headline: file === 'json' || file === 'cache',
      })),
    )
    const results = await runRounds(rows, roundsOf(quick))
    const blocks = valueNames.map((value) => table(columnsOf(results, value), contenders))
    return { blocks, figures: figuresOf(results), failures: results.failures }
  },
}

function idOf(file: string, value: string): string {
  return `${file} ${value}`
}

function columnsOf(results: Results, value: string): Column<Contender>[] {
  const columns: Column<Contender>[] = [{ title: value, cell: ({ label }) => label }]
  for (const metric of ['encode', 'decode']) {
    columns.push({
      title: `${metric}/s`,
      cell: ({ file }) => rate(results.median(idOf(file, value), metric)),
    })
    columns.push({
      title: '×JSON',
      cell: ({ file }) => ratio(results.ratio([idOf(file, value), metric], [idOf('json', value), metric])),
    })
  }
  columns.push({ title: 'bytes', cell: ({ file }) => whole(results.median(idOf(file, value), 'bytes')) })
  return columns
}

function figuresOf(results: Results): Figures {
  const figures = valueNames.flatMap((value) =>
    ['encode', 'decode'].map((metric) => {
      const ours = results.ratio([idOf('cache', value), metric], [idOf('json', value), metric])
      return [`${metric}_vs_json_${value}`, rounded(ours)] as const
    }),
  )
  return Object.fromEntries(figures)
}
