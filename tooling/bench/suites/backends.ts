import { TestServer } from '@cache/tooling-servers'
import { roundsOf, runRounds, type Results } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, table, type Column } from '../table.ts'

interface Place {
  readonly backend: 'memory' | 'sqlite' | 'redis' | 'valkey'
  readonly label: string
  /** Calls a second of get, set and delete that OpenAlgo's design of pluggable caches reckons with. */
  readonly reckoned: readonly [get: string, set: string, delete_: string]
}

const places: readonly Place[] = [
  { backend: 'memory', label: 'memory', reckoned: ['1M', '1M', '1M'] },
  { backend: 'sqlite', label: 'SQLite', reckoned: ['50k', '10k', '10k'] },
  { backend: 'redis', label: 'Redis on loopback', reckoned: ['100k', '100k', '100k'] },
  { backend: 'valkey', label: 'Valkey on loopback', reckoned: ['–', '–', '–'] },
]

const operations = ['get', 'set', 'delete'] as const

export const backendsSuite: Suite = {
  name: 'backends',
  summary:
    '64 calls in flight on each backend, and the latency of 2,000 reads a second from their intended arrival (2 minutes)',
  async run({ quick }) {
    await using redis = await TestServer.start({ kind: 'redis' })
    await using valkey = await TestServer.start({ kind: 'valkey' })
    const urls = { memory: '', sqlite: '', redis: redis.url, valkey: valkey.url }
    const rows = places.map(({ backend }) => ({
      id: backend,
      workload: 'backends',
      contender: 'cache',
      parameters: { backend, url: urls[backend], quick: Number(quick) },
      headline: false,
    }))
    const results = await runRounds(rows, roundsOf(quick))
    return {
      blocks: [table(columnsOf(results), places)],
      figures: figuresOf(results),
      failures: results.failures,
    }
  },
}

function columnsOf(results: Results): Column<Place>[] {
  const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(3)} ms`)
  const columns: Column<Place>[] = [{ title: '10,000 entries', cell: ({ label }) => label }]
  for (const [index, operation] of operations.entries()) {
    columns.push({
      title: `${operation} 64-way/s`,
      cell: ({ backend }) => rate(results.median(backend, operation)),
    })
    columns.push({ title: 'reckoned', cell: ({ reckoned }) => reckoned[index] ?? '–' })
  }
  columns.push({ title: 'p50', cell: ({ backend }) => ms(results.median(backend, 'openP50Ms')) })
  columns.push({ title: 'p99', cell: ({ backend }) => ms(results.median(backend, 'openP99Ms')) })
  return columns
}

function figuresOf(results: Results): Figures {
  const figures: Record<string, number | null> = {}
  for (const { backend } of places) {
    for (const operation of operations)
      figures[`${backend}_${operation}64_per_s`] = rounded(results.median(backend, operation))
    figures[`${backend}_open_p50_ms`] = rounded(results.median(backend, 'openP50Ms'))
    figures[`${backend}_open_p99_ms`] = rounded(results.median(backend, 'openP99Ms'))
  }
  return figures
}
