import { roundsOf, runRounds } from '../rounds.ts'
import type { Row } from '../row.ts'
import { rounded } from '../statistics.ts'
import type { Suite } from '../suite.ts'
import { rate, table } from '../table.ts'

interface Setting {
  readonly id: string
  readonly label: string
  readonly withinMs: number
  readonly l1TtlMs: number
}

const settings: readonly Setting[] = [
  { id: 'bound', label: 'kept until invalidated, bound of 1 s', withinMs: 1000, l1TtlMs: 0 },
  { id: 'strict', label: 'kept until invalidated, bound of 0: the file is asked', withinMs: 0, l1TtlMs: 0 },
  { id: 'ttl', label: 'kept for 100 ms, as without invalidation', withinMs: 1000, l1TtlMs: 100 },
]

/** Reads in Zipf order over 10,000 keys, one write in another process for every hundred. */
export const tieredLocalSuite: Suite = {
  name: 'tiered-local',
  summary: 'the share of reads that L1 serves over SQLite while another process writes (1 minute)',
  async run({ quick }) {
    const rows: Row[] = settings.map(({ id, withinMs, l1TtlMs }) => ({
      id,
      workload: 'tiered-local',
      contender: 'cache',
      parameters: { withinMs, l1TtlMs, quick: Number(quick) },
      headline: false,
    }))
    const results = await runRounds(rows, roundsOf(quick))
    const share = (id: string): string => ((results.median(id, 'l1Share') ?? 0) * 100).toFixed(2)
    const block = table<Setting>(
      [
        { title: 'L1 over SQLite', cell: ({ label }) => label },
        { title: 'served by L1, %', cell: ({ id }) => share(id) },
        { title: 'stale beyond the bound', cell: ({ id }) => String(results.median(id, 'stale') ?? '–') },
        { title: 'reads/s', cell: ({ id }) => rate(results.median(id, 'readsPerS')) },
        { title: 'writes/s', cell: ({ id }) => rate(results.median(id, 'writesPerS')) },
      ],
      settings,
    )
    const figures = {
      l1_share: rounded(results.median('bound', 'l1Share')),
      stale_beyond_bound: results.median('bound', 'stale') ?? null,
      l1_share_strict: rounded(results.median('strict', 'l1Share')),
      stale_strict: results.median('strict', 'stale') ?? null,
      l1_share_ttl_100ms: rounded(results.median('ttl', 'l1Share')),
    }
    return { blocks: [block], figures, failures: results.failures }
  },
}
