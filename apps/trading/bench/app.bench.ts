/**
 * Measures the app over HTTP, in processes of its own:
 *
 *     node apps/trading/bench/app.bench.ts [--data FILE] [--quick] [--json]
 *
 * Without a file the master is invented, with as many rows. Figures are medians over the rounds; with and without
 * caching take turns. The last line is JSON when `--json` is given.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { syntheticMaster } from '@cache/symbol-index'

import { AppProcess, startBroker } from './app-process.ts'
import { postRequest } from './http-connection.ts'
import { closedLoop, type Measured, openLoop, type Requests } from './load.ts'

const rows = 130_473
const connections = 200
const searchesPerSecond = 200
const symbolsInUse = 200
/** Besides the queries below. */
const namesTyped = 480
/** Where this machine may keep a real one. */
const realMaster = join(import.meta.dirname, '../../../../shared/data/angel-scrip-master-2025-09-17.json.gz')

const queries = [
  'NIFTY 25000 CE',
  'reliance',
  'BANKNIFTY FUT',
  'SBIN',
  'tata motors',
  'CRUDEOIL',
  'INFY',
  'NIFTY 24',
]

const { values } = parseArgs({
  options: { data: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
})
const quick = values.quick ?? false
const rounds = quick ? 1 : 3
const seconds = quick ? 1 : 5

type Samples = Map<string, number[]>

const directory = await mkdtemp(join(tmpdir(), 'app-bench-'))
try {
  const figures = await measured(await masterFile())
  process.stdout.write(table(figures))
  if (values.json === true) process.stdout.write(`${JSON.stringify({ suite: 'app', figures })}\n`)
} finally {
  await rm(directory, { recursive: true })
}

async function masterFile(): Promise<string> {
  if (values.data !== undefined) return values.data
  if (existsSync(realMaster)) return realMaster
  const path = join(directory, 'master.json')
  await writeFile(path, await Array.fromAsync(syntheticMaster({ rows })))
  return path
}

async function measured(master: string): Promise<Record<string, number>> {
  const samples: Samples = new Map()
  const broker = await startBroker(join(directory, 'broker'), master)
  try {
    for (const bypass of [false, true]) {
      const place = { directory: join(directory, `app-${bypass}`), master, brokerUrl: broker.url, bypass }
      const app = await AppProcess.launch(place)
      const apikey = await app.prepare()
      const name = bypass ? '_bypassed' : ''
      for (let round = 0; round < rounds; round++) {
        await measureQuotes(app, { apikey, name }, samples)
        await measureSearch(app, { apikey, name }, samples)
      }
      await app.stop()
      if (!bypass) await measureStart(place, apikey, samples)
    }
  } finally {
    await broker.stop()
  }
  return figuresOf(samples)
}

interface Run {
  readonly apikey: string
  /** What figures of this run end with. */
  readonly name: string
}

async function measureQuotes(app: AppProcess, { apikey, name }: Run, samples: Samples): Promise<void> {
  const symbols = await symbolsOf(app, apikey, symbolsInUse)
  const requests = symbols.map((symbol) => postRequest('/api/v1/quotes', { apikey, symbol, exchange: 'NSE' }))
  const next = skewed(requests)
  // The broker reads its master when it is first asked for a price.
  await app.firstAnswer('/api/v1/quotes', { apikey, symbol: symbols[0], exchange: 'NSE' })
  await closedLoop(app.port, { connections, seconds: 2, next })
  const before = await countsOf(app)
  const load = await closedLoop(app.port, { connections, seconds, next })
  const after = await countsOf(app)
  add(samples, `quotes${name}`, load)
  const calls = (after.calls - before.calls) / load.requests
  push(samples, `quote_broker_calls_per_read${name}`, calls)
  if (name !== '') return
  push(samples, 'l1_share', (after.l1Hits - before.l1Hits) / load.requests)
  push(samples, 'broker_calls_saved', 1 - calls)
}

async function measureSearch(app: AppProcess, { apikey, name }: Run, samples: Samples): Promise<void> {
  const names = [...queries, ...(await symbolsOf(app, apikey, namesTyped))]
  const next = skewed(names.flatMap(asTyped).map((query) => postRequest('/api/v1/search', { apikey, query })))
  await closedLoop(app.port, { connections: 10, seconds: 1, next })
  add(samples, `search${name}`, await closedLoop(app.port, { connections, seconds, next }))
  const loads = (): Promise<number> => app.metric('cache_loads_total', { cache: 'symbol-searches' })
  const before = await loads()
  const { p50, p99, requests } = await openLoop(app.port, { perSecond: searchesPerSecond, seconds, next })
  if (name === '') push(samples, 'search_200rps_miss_share', ((await loads()) - before) / requests)
  push(samples, `search_200rps_p50_ms${name}`, p50)
  push(samples, `search_200rps_p99_ms${name}`, p99)
}

/** From the start of the process to the answer of a search in a master that an earlier run kept. */
async function measureStart(
  place: Parameters<typeof AppProcess.launch>[0],
  apikey: string,
  samples: Samples,
): Promise<void> {
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    const startedMs = performance.now()
    const app = await AppProcess.launch(place)
    const answeredMs = await app.firstAnswer('/api/v1/search', { apikey, query: 'NIFTY 25000 CE' })
    push(samples, 'start_ms', answeredMs - startedMs)
    await app.stop()
  }
}

async function countsOf(app: AppProcess): Promise<{ readonly l1Hits: number; readonly calls: number }> {
  return {
    l1Hits: await app.metric('cache_hits_total', { cache: 'quotes', tier: 'l1' }),
    calls: await app.metric('trading_broker_calls_total', { call: 'quotes' }),
  }
}

async function symbolsOf(app: AppProcess, apikey: string, count: number): Promise<string[]> {
  const body = JSON.stringify({ apikey, query: 'A', exchange: 'NSE' })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${app.address}/api/v1/search`, { method: 'POST', body, headers })
  const { data } = (await answer.json()) as { readonly data: readonly { readonly symbol: string }[] }
  return data.slice(0, count).map(({ symbol }) => symbol)
}

/** A search box asks at each letter from the second. */
function asTyped(name: string): string[] {
  return Array.from({ length: name.length - 1 }, (_letter, at) => name.slice(0, at + 2))
}

/** A few are asked for often, as in practice (Zipf 1); the same order in every run. */
function skewed(requests: readonly Buffer[]): Requests {
  const weights = requests.map((_request, at) => 1 / (at + 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    let left = (state / 2 ** 32) * total
    const at = weights.findIndex((weight) => (left -= weight) < 0)
    return requests[Math.max(0, at)] ?? Buffer.alloc(0)
  }
}

function add(samples: Samples, name: string, { p50, p99, perSecond }: Measured): void {
  push(samples, `${name}_p50_ms`, p50)
  push(samples, `${name}_p99_ms`, p99)
  push(samples, `${name}_per_s`, perSecond)
}

function push(samples: Samples, name: string, value: number): void {
  samples.set(name, [...(samples.get(name) ?? []), value])
}

function figuresOf(samples: Samples): Record<string, number> {
  return Object.fromEntries(
    [...samples].map(([name, found]) => {
      const sorted = found.toSorted((left, right) => left - right)
      return [name, Number((sorted[Math.floor(sorted.length / 2)] ?? 0).toPrecision(4))]
    }),
  )
}

function table(figures: Readonly<Record<string, number>>): string {
  const width = Math.max(...Object.keys(figures).map((name) => name.length))
  return Object.entries(figures)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}\n`)
    .join('')
}
