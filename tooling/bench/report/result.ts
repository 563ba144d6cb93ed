import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What one run of a suite gave, as it rests in `docs/benchmarks/results`. */
export interface SuiteResult {
  readonly suite: string
  readonly summary: string
  /** The day, in UTC. */
  readonly day: string
  readonly machine: string
  readonly tookSeconds: number
  /** What was measured on, where that is a file. */
  readonly data?: string | undefined
  /** Text for people: tables in Markdown. */
  readonly blocks: readonly string[]
  /** `null` where a contender that the figure needs has failed. */
  readonly figures: Readonly<Record<string, number | null>>
  readonly failures: readonly { readonly row: string; readonly error: string }[]
}

const root = join(import.meta.dirname, '../../..')
export const reportDirectory: string = join(root, 'docs/benchmarks')
const resultDirectory = join(reportDirectory, 'results')

export function writeResult(result: SuiteResult): void {
  mkdirSync(resultDirectory, { recursive: true })
  writeFileSync(join(resultDirectory, `${result.suite}.json`), `${JSON.stringify(result, undefined, 2)}\n`)
}

/** By the names of the suites. */
export function readResults(): ReadonlyMap<string, SuiteResult> {
  if (!existsSync(resultDirectory)) return new Map()
  const files = readdirSync(resultDirectory).filter((name) => name.endsWith('.json'))
  const results = files.map(
    (name) => JSON.parse(readFileSync(join(resultDirectory, name), 'utf8')) as SuiteResult,
  )
  return new Map(results.map((result) => [result.suite, result]))
}
