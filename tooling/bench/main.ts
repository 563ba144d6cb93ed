import { parseArgs } from 'node:util'
import { machine } from './machine.ts'
import type { Suite, SuiteOptions } from './suite.ts'
import { appSuite } from './suites/app.ts'
import { codecSuite } from './suites/codec.ts'
import { cryptoSuite } from './suites/crypto.ts'
import { memorySuite } from './suites/memory.ts'
import { metricsSuite } from './suites/metrics.ts'
import { migrationSuite } from './suites/migration.ts'
import { rateLimitSuite } from './suites/rate-limit.ts'
import { propagationSuite } from './suites/propagation.ts'
import { serverSuites } from './suites/servers.ts'
import { sqliteSuite } from './suites/sqlite.ts'
import { stampedeSuite } from './suites/stampede.ts'
import { symbolsSuite } from './suites/symbols.ts'
import { tieredLocalSuite } from './suites/tiered-local.ts'
import { tieredSuite } from './suites/tiered.ts'

const suites: readonly Suite[] = [
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
]

interface Request {
  readonly suite: Suite
  readonly options: SuiteOptions
  readonly json: boolean
}

const request = requestOf(process.argv.slice(2))
if (request) await run(request)
else process.exitCode = 2

/** What the command line asks for; `undefined` after a message if that is nothing we have. */
function requestOf(commandLine: string[]): Request | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: commandLine,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, data: { type: 'string' } },
    })
    const suite = suites.find(({ name }) => name === positionals[0])
    if (!suite || positionals.length > 1) return refuse(`There is no suite '${positionals.join(' ')}'`)
    const options = { quick: values.quick ?? false, data: values.data }
    return { suite, options, json: values.json ?? false }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(reason: string): undefined {
  const width = Math.max(...suites.map(({ name }) => name.length))
  const list = suites.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  console.error(`${reason}.\n`)
  console.error(`Usage: pnpm bench SUITE [--json] [--quick] [--data FILE]\n\nSuites:\n${list.join('\n')}`)
}

async function run({ suite, options, json }: Request): Promise<void> {
  const startedMs = performance.now()
  const { blocks, figures, failures } = await suite.run(options)
  const tookS = ((performance.now() - startedMs) / 1000).toFixed(0)
  for (const block of blocks) console.log(`${block}\n`)
  for (const { row, error } of failures) console.log(`FAILED ${row}: ${error}`)
  console.log(`${machine()}; ${tookS} s`)
  if (json) console.log(JSON.stringify({ suite: suite.name, figures }))
  const incomplete = failures.length > 0 || Object.values(figures).includes(null)
  process.exitCode = incomplete ? 1 : 0
}
