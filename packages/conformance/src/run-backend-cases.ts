import { allBackendCases } from './cases/all-backend-cases.ts'
import { applies, type BackendCase, type BackendConcern } from './backend-case.ts'
import type { BackendHarness } from './backend-harness.ts'
import { CaseContext } from './case-context.ts'

/** A case that a backend does not pass. */
export interface CaseFailure {
  readonly concern: string
  readonly name: string
  readonly error: unknown
}

export interface RunOptions {
  /** Default: all of them. */
  readonly concerns?: readonly BackendConcern[] | undefined
  /** A case that takes longer has failed. Default 30 s. */
  readonly timeoutMs?: number | undefined
  /** Stop at the first failure. Default `false`. */
  readonly bail?: boolean | undefined
}

export interface RunResult {
  /** Cases that were run. */
  readonly count: number
  readonly failures: readonly CaseFailure[]
}

const defaultTimeoutMs = 30_000

/** Runs every case that applies, one after another, each on a backend of its own. Never rejects. */
export async function runBackendCases(harness: BackendHarness, options: RunOptions = {}): Promise<RunResult> {
  const failures: CaseFailure[] = []
  let count = 0
  for (const { concern, cases } of options.concerns ?? allBackendCases) {
    for (const item of cases.filter((each) => applies(each, harness))) {
      count++
      const error = await failureOf(item, harness, options.timeoutMs ?? defaultTimeoutMs)
      if (error === undefined) continue
      failures.push({ concern, name: item.name, error })
      if (options.bail) return { count, failures }
    }
  }
  return { count, failures }
}

/** Runs one case on a backend of its own, and rejects as it does. */
export async function runBackendCase(item: BackendCase, harness: BackendHarness): Promise<void> {
  const context = await CaseContext.open(harness)
  try {
    await item.run(context)
  } finally {
    await context.close()
  }
}

async function failureOf(item: BackendCase, harness: BackendHarness, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    await Promise.race([runBackendCase(item, harness), late])
    return undefined
  } catch (error) {
    return error ?? new Error('failed without an error')
  } finally {
    clearTimeout(timer)
  }
}
