import { TestServer } from '@cache/tooling-servers'
import { versionOf } from '../machine.ts'
import { roundsOf, runRounds, type Results } from '../rounds.ts'
import type { Row } from '../row.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, ratio, table, type Column } from '../table.ts'

interface Contender {
  /** Its file in `contenders/rate-limit`. */
  readonly file: 'cache' | 'rlf'
  readonly label: string
  readonly algorithm: 'window' | 'gcra'
  readonly place: 'memory' | 'redis'
  /** Admits everything, or ten a second of a key, which is next to nothing here. */
  readonly admits: 'all' | 'ten'
}

const rlf = `rate-limiter-flexible ${versionOf('rate-limiter-flexible')}`

const contenders: readonly Contender[] = (['memory', 'redis'] as const).flatMap((place) =>
  (['all', 'ten'] as const).flatMap((admits): Contender[] => [
    { file: 'rlf', label: `${rlf}, ${place}, ${admits}`, algorithm: 'window', place, admits },
    {
      file: 'cache',
      label: `@cache/rate-limit, window, ${place}, ${admits}`,
      algorithm: 'window',
      place,
      admits,
    },
    {
      file: 'cache',
      label: `@cache/rate-limit, gcra, ${place}, ${admits}`,
      algorithm: 'gcra',
      place,
      admits,
    },
  ]),
)

const limits = { all: { limit: 1_000_000, perMs: 1000 }, ten: { limit: 10, perMs: 1000 } } as const

export const rateLimitSuite: Suite = {
  name: 'rate-limit',
  summary: 'limits in memory and on redis beside rate-limiter-flexible, commands of a lock (5 minutes)',
  async run({ quick }) {
    await using server = await TestServer.start({ kind: 'redis' })
    const results = await runRounds(
      contenders.map((contender) => rowOf(contender, server.url, quick)),
      roundsOf(quick),
    )
    return { blocks: [tableOf(results)], figures: figuresOf(results), failures: results.failures }
  },
}

function rowOf(contender: Contender, serverUrl: string, quick: boolean): Row {
  const { file, algorithm, place, admits } = contender
  const url = place === 'redis' ? serverUrl : ''
  const parameters = { url, algorithm, ...limits[admits], quick: Number(quick) }
  return {
    id: idOf(contender),
    workload: 'rate-limit',
    contender: file,
    parameters,
    headline: admits === 'all',
  }
}

function idOf({ file, algorithm, place, admits }: Omit<Contender, 'label'>): string {
  return `${file} ${algorithm} ${place} ${admits}`
}

function floorOf({ place, admits }: Omit<Contender, 'label' | 'file' | 'algorithm'>): string {
  return idOf({ file: 'rlf', algorithm: 'window', place, admits })
}

function tableOf(results: Results): string {
  const columns: Column<Contender>[] = [{ title: '1,000 keys', cell: ({ label }) => label }]
  for (const metric of ['consume', 'consume64']) {
    columns.push({ title: `${metric}/s`, cell: (row) => rate(results.median(idOf(row), metric)) })
    columns.push({
      title: '×rlf',
      cell: (row) => ratio(results.ratio([idOf(row), metric], [floorOf(row), metric])),
    })
  }
  return table(columns, contenders)
}

function figuresOf(results: Results): Figures {
  const figures: Record<string, number | undefined> = {}
  for (const place of ['memory', 'redis'] as const) {
    for (const algorithm of ['window', 'gcra'] as const) {
      const ours = idOf({ file: 'cache', algorithm, place, admits: 'all' })
      const floor = floorOf({ place, admits: 'all' })
      const suffix = algorithm === 'gcra' ? '_gcra' : ''
      figures[`${place}_vs_rlf${suffix}`] = results.ratio([ours, 'consume'], [floor, 'consume'])
      figures[`${place}64_vs_rlf${suffix}`] = results.ratio([ours, 'consume64'], [floor, 'consume64'])
    }
  }
  const onServer = idOf({ file: 'cache', algorithm: 'window', place: 'redis', admits: 'all' })
  figures['commands_per_lock'] = results.median(onServer, 'commandsPerLock')
  figures['commands_per_consume'] = results.median(onServer, 'commandsPerConsume')
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]))
}
