import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Metrics, Row } from './row.ts'
import { median, pairedRatios } from './statistics.ts'
import type { Failure } from './suite.ts'

const execute = promisify(execFile)
const rowTimeoutMs = 120_000

/** The metrics of each row, by round; a row has none of rounds that it did not run in. */
export class Results {
  readonly failures: Failure[] = []
  readonly #metrics = new Map<string, (Metrics | undefined)[]>()

  add(row: Row, round: number, metrics: Metrics): void {
    const rounds = this.#metrics.get(row.id) ?? []
    rounds[round] = metrics
    this.#metrics.set(row.id, rounds)
  }

  /** The median over the rounds. */
  median(rowId: string, metric: string): number | undefined {
    return median(this.#rounds(rowId, metric).filter((value) => value !== undefined))
  }

  /** The median over the rounds of one metric over another of the same round. */
  ratio(
    [rowId, metric]: readonly [rowId: string, metric: string],
    [floorId, floorMetric]: readonly [rowId: string, metric: string],
  ): number | undefined {
    return median(pairedRatios(this.#rounds(rowId, metric), this.#rounds(floorId, floorMetric)))
  }

  #rounds(rowId: string, metric: string): (number | undefined)[] {
    return Array.from(this.#metrics.get(rowId) ?? [], (metrics) => metrics?.[metric])
  }
}

/** How often the rows run. */
interface Rounds {
  /** Of every row. */
  readonly all: number
  /** Of those in the headline alone, afterwards. */
  readonly headline: number
}

export function roundsOf(quick: boolean): Rounds {
  return quick ? { all: 1, headline: 0 } : { all: 3, headline: 2 }
}

/**
 * Measures every row once a round, in turn and each in a process of its own. A row that fails is noted and not run
 * again.
 */
export async function runRounds(rows: readonly Row[], { all, headline }: Rounds): Promise<Results> {
  const results = new Results()
  const failed = new Set<string>()
  for (let round = 1; round <= all + headline; round++) {
    const due = rows.filter((row) => !failed.has(row.id) && (round <= all || row.headline))
    for (const [index, row] of due.entries()) {
      showProgress(`round ${round} of ${all + headline}, row ${index + 1} of ${due.length}: ${row.id}`)
      const outcome = await runRow(row)
      if (outcome instanceof Error) {
        failed.add(row.id)
        results.failures.push({ row: row.id, error: outcome.message })
      } else results.add(row, round, outcome)
    }
  }
  showProgress('')
  return results
}

async function runRow(row: Row): Promise<Metrics | Error> {
  const script = join(import.meta.dirname, 'run-row.ts')
  const nodeArguments = ['--expose-gc', '--no-warnings', script, JSON.stringify(row)]
  try {
    const { stdout } = await execute(process.execPath, nodeArguments, { timeout: rowTimeoutMs })
    return JSON.parse(stdout) as Metrics
  } catch (error) {
    return new Error(reasonOf(error))
  }
}

/** The line of a child's error output that names the error. */
function reasonOf(error: unknown): string {
  const { stderr, killed, message } = error as { stderr?: string; killed?: boolean; message: string }
  if (killed) return `not finished after ${rowTimeoutMs / 1000} s`
  const lines = (stderr ?? '').split('\n')
  return (lines.find((line) => /^(?:\w*Error|Uncaught)\b/.test(line)) ?? message.split('\n')[0] ?? '').trim()
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
}
