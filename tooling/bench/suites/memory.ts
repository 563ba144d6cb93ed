import { versionOf } from '../machine.ts'
import { roundsOf, runRounds, type Results } from '../rounds.ts'
import type { Row } from '../row.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, ratio, table, whole, type Column } from '../table.ts'

interface Contender {
  /** Its file in `contenders/memory`. */
  readonly file: string
  readonly label: string
  /** The separator of the parts of its keys, where it is not the usual `-`. */
  readonly separator?: string
  /** A floor, or ours. */
  readonly headline?: boolean
}

const contenders: readonly Contender[] = [
  { file: 'awaited-map', label: 'await async () => map.get() (floor)', headline: true },
  { file: 'cache', label: '@cache/memory', headline: true },
  {
    file: 'lru-cache-ttl',
    label: `lru-cache ${versionOf('lru-cache')}, ttl (sync, floor of peek)`,
    headline: true,
  },
  { file: 'cache-tiered', label: '@cache/memory as L1 of @cache/sqlite', headline: true },
  { file: 'cache', label: "@cache/memory, keys with ':'", separator: ':', headline: true },
  { file: 'raw-map', label: 'Map (sync)' },
  { file: 'lru-cache', label: `lru-cache ${versionOf('lru-cache')} (sync)` },
  { file: 'lru-cache-fetch', label: `lru-cache ${versionOf('lru-cache')}, fetch` },
  { file: 'ttlcache', label: `@isaacs/ttlcache ${versionOf('@isaacs/ttlcache')} (sync)` },
  { file: 'quick-lru', label: `quick-lru ${versionOf('quick-lru')}, maxAge (sync)` },
  { file: 'bentocache', label: `bentocache ${versionOf('bentocache')}` },
  { file: 'bentocache-unserialized', label: `bentocache ${versionOf('bentocache')}, serialize: false` },
  { file: 'layered-loader', label: `layered-loader ${versionOf('layered-loader')}` },
  { file: 'async-cache-dedupe', label: `async-cache-dedupe ${versionOf('async-cache-dedupe')}` },
  { file: 'cachified', label: `@epic-web/cachified ${versionOf('@epic-web/cachified')}` },
  { file: 'cache-manager', label: `cache-manager ${versionOf('cache-manager')}` },
  { file: 'unstorage', label: `unstorage ${versionOf('unstorage')}` },
  { file: 'keyv-5', label: `keyv ${versionOf('keyv-5')}` },
  { file: 'keyv-6', label: `keyv ${versionOf('keyv')}` },
  { file: 'cacheable', label: `cacheable ${versionOf('cacheable')}` },
]

const sizes = [1024, 100_000] as const
type Size = (typeof sizes)[number]

export const memorySuite: Suite = {
  name: 'memory',
  summary: 'hits in this process, 1,024 and 100,000 entries (6 minutes)',
  async run({ quick }) {
    const rows = sizes.flatMap((size) => contenders.map((contender) => rowOf(contender, size, quick)))
    const results = await runRounds(rows, roundsOf(quick))
    const blocks = sizes.map((size) => tableOf(results, size))
    return { blocks, figures: figuresOf(results), failures: results.failures }
  },
}

function rowOf({ file, separator = '-', headline = false }: Contender, size: Size, quick: boolean): Row {
  const orders = size === 1024 ? 'uniform' : 'uniform,zipf'
  const parameters = { entries: size, orders, separator, quick: Number(quick) }
  return { id: idOf({ file, separator }, size), workload: 'memory', contender: file, parameters, headline }
}

function idOf({ file, separator = '-' }: Pick<Contender, 'file' | 'separator'>, size: Size): string {
  return separator === '-' ? `${file} ${size}` : `${file} ${separator} ${size}`
}

function tableOf(results: Results, size: Size): string {
  const floor = idOf({ file: 'awaited-map' }, size)
  const columns: Column<Contender>[] = [
    { title: `${size.toLocaleString('en')} entries`, cell: ({ label }) => label },
  ]
  for (const order of size === 1024 ? ['uniform'] : ['uniform', 'zipf']) {
    for (const operation of ['get', 'getOrLoad', 'peek']) {
      const metric = `${operation}_${order}`
      const short = order === 'zipf' ? `${operation} zipf` : operation
      columns.push({
        title: `${short}/s`,
        cell: (row) => rate(results.median(idOf(row, size), metric)),
      })
      columns.push({
        title: '×floor',
        cell: (row) => ratio(results.ratio([idOf(row, size), metric], [floor, `get_${order}`])),
      })
    }
  }
  columns.push({ title: 'fill/s', cell: (row) => rate(results.median(idOf(row, size), 'fill')) })
  if (size === 100_000) {
    columns.push({
      title: 'B/entry',
      cell: (row) => whole(results.median(idOf(row, size), 'bytesPerEntry')),
    })
  }
  return table(columns, contenders)
}

function figuresOf(results: Results): Figures {
  return {
    ...ratiosOf(results, 1024, ''),
    ...ratiosOf(results, 100_000, '_100k'),
    ...zipfRatiosOf(results),
    heap_bytes_per_entry: rounded(results.median(idOf({ file: 'cache' }, 100_000), 'bytesPerEntry')),
    heap_bytes_per_entry_lru_ttl: rounded(
      results.median(idOf({ file: 'lru-cache-ttl' }, 100_000), 'bytesPerEntry'),
    ),
  }
}

function ratiosOf(results: Results, size: Size, suffix: string): Figures {
  const ours = idOf({ file: 'cache' }, size)
  const tiered = idOf({ file: 'cache-tiered' }, size)
  const colon = idOf({ file: 'cache', separator: ':' }, size)
  const bento = idOf({ file: 'bentocache' }, size)
  const get = 'get_uniform'
  const floor = [idOf({ file: 'awaited-map' }, size), get] as const
  const lru = [idOf({ file: 'lru-cache-ttl' }, size), 'peek_uniform'] as const
  const load = 'getOrLoad_uniform'
  const figures = {
    get_vs_awaited_map: results.ratio([ours, get], floor),
    getOrLoad_vs_awaited_map: results.ratio([ours, load], floor),
    peek_vs_lru: results.ratio([ours, 'peek_uniform'], lru),
    get_vs_bentocache: results.ratio([ours, get], [bento, get]),
    getOrLoad_vs_bentocache: results.ratio([ours, load], [bento, load]),
    tiered_get_vs_awaited_map: results.ratio([tiered, get], floor),
    colon_key_get_vs_awaited_map: results.ratio([colon, get], floor),
    get_Mps: millions(results.median(ours, get)),
    getOrLoad_Mps: millions(results.median(ours, load)),
    peek_Mps: millions(results.median(ours, 'peek_uniform')),
  }
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name + suffix, rounded(value)]))
}

function zipfRatiosOf(results: Results): Figures {
  const ours = idOf({ file: 'cache' }, 100_000)
  const floor = [idOf({ file: 'awaited-map' }, 100_000), 'get_zipf'] as const
  const lru = [idOf({ file: 'lru-cache-ttl' }, 100_000), 'peek_zipf'] as const
  return {
    get_vs_awaited_map_100k_zipf: rounded(results.ratio([ours, 'get_zipf'], floor)),
    peek_vs_lru_100k_zipf: rounded(results.ratio([ours, 'peek_zipf'], lru)),
  }
}

function millions(perSecond: number | undefined): number | undefined {
  return perSecond === undefined ? undefined : perSecond / 1e6
}
