import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { machine } from './machine.ts'
import { writeResult, type SuiteResult } from './report/result.ts'
import type { Suite, SuiteOptions } from './suite.ts'
import { appSuite } from './suites/app.ts'
import { backendsSuite } from './suites/backends.ts'
import { codecSuite } from './suites/codec.ts'
import { cryptoSuite } from './suites/crypto.ts'
import { memorySuite } from './suites/memory.ts'
import { metricsSuite } from './suites/metrics.ts'
import { migrationSuite } from './suites/migration.ts'
import { rateLimitSuite } from './suites/rate-limit.ts'
import { peersSuite } from './suites/peers.ts'
import { propagationSuite } from './suites/propagation.ts'
import { serverSuites } from './suites/servers.ts'
import { sqliteSuite } from './suites/sqlite.ts'
import { stampedeSuite } from './suites/stampede.ts'
import { symbolsSuite } from './suites/symbols.ts'
import { tieredLocalSuite } from './suites/tiered-local.ts'
import { tieredSuite } from './suites/tiered.ts'

const suites: readonly Suite[] = [
  backendsSuite,
  memorySuite,
  metricsSuite,
  sqliteSuite,
  ...serverSuites,
  rateLimitSuite,
  tieredSuite,
  propagationSuite,
  migrationSuite,
  codecSuite,
  cryptoSuite,
  symbolsSuite,
  tieredLocalSuite,
  stampedeSuite,
  appSuite,
  peersSuite,
]

interface Request {
  readonly suites: readonly Suite[]
  readonly options: SuiteOptions
  readonly json: boolean
  /** Results are kept in `docs/benchmarks`; what is made of them is generated like the rest of the documentation. */
  readonly report: boolean
}

const request = requestOf(process.argv.slice(2))
if (request) await runAll(request)
else process.exitCode = 2

/** What the command line asks for; `undefined` after a message if that is nothing we have. */
function requestOf(commandLine: string[]): Request | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: commandLine,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        report: { type: 'boolean', default: false },
        data: { type: 'string' },
      },
    })
    const { json, quick, report, data } = values
    const named = suites.filter(({ name }) => positionals.includes(name))
    const wanted = report && positionals.length === 0 ? suites : named
    const isKnown = wanted === suites || named.length === positionals.length
    if (wanted.length === 0 || !isKnown || (!report && wanted.length > 1))
      return refuse(`There is no suite '${positionals.join(' ')}'`)
    return { suites: wanted, options: { quick, data }, json, report }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(reason: string): undefined {
  const width = Math.max(...suites.map(({ name }) => name.length))
  const list = suites.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  console.error(`${reason}.\n`)
  console.error(
    `Usage: pnpm bench SUITE [--json] [--quick] [--data FILE]\n       pnpm bench --report [SUITE…] [--data FILE]\n\nSuites:\n${list.join('\n')}`,
  )
}

async function runAll({ suites: wanted, options, json, report }: Request): Promise<void> {
  for (const suite of wanted) {
    const result = await run(suite, options)
    show(result, json)
    if (report) writeResult(result)
    const isIncomplete = result.failures.length > 0 || Object.values(result.figures).includes(null)
    if (isIncomplete) process.exitCode = 1
  }
}

async function run(suite: Suite, options: SuiteOptions): Promise<SuiteResult> {
  const startedMs = performance.now()
  const { blocks, figures, failures } = await suite.run(options)
  const tookSeconds = Math.round((performance.now() - startedMs) / 1000)
  const { name, summary } = suite
  const day = new Date().toISOString().slice(0, 10)
  const data = name === 'symbols' && options.data !== undefined ? basename(options.data) : undefined
  return { suite: name, summary, day, machine: machine(), tookSeconds, data, blocks, figures, failures }
}

function show({ suite, blocks, failures, figures, tookSeconds }: SuiteResult, json: boolean): void {
  for (const block of blocks) console.log(`${block}\n`)
  for (const { row, error } of failures) console.log(`FAILED ${row}: ${error}`)
  console.log(`${machine()}; ${tookSeconds} s`)
  if (json) console.log(JSON.stringify({ suite, figures }))
}
