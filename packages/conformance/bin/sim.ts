/**
 * The simulator from the command line:
 *
 *     pnpm sim --seeds 10000 [--from 1] [--workers 2] [--json]   many seeds, the variants that must fail, all mutants
 *     pnpm sim --seed 42                                          one seed again, with what led to its violation
 *
 * Exits with 1 when a guarantee was broken or a mutant went unnoticed.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { replay } from '../src/simulator/replay.ts'
import { mutants, type Failure, type Job, type JobResult } from './sim-jobs.ts'

const seedsPerJob = 25
const variantSeeds = 50
const progressEveryMs = 2000
const shownFailures = 5
/** Nearly everything that a run makes is dropped at its end: with room for it, little is looked at twice. */
const youngMb = 64

/** What all jobs together found. */
interface Tally {
  seeds: number
  reads: number
  readonly failures: Failure[]
  /** Reads of plain cache-aside and how many of them were stale, and with a mutex. */
  readonly variants: Record<string, { reads: number; staleReads: number }>
  readonly caught: string[]
  readonly missed: string[]
}

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    json: { type: 'boolean', default: false },
  },
})

process.exitCode = values.seed === undefined ? await runMany() : await runOne(whole(values.seed, 'seed'))

async function runOne(seed: number): Promise<number> {
  const { result, history } = await replay(seed)
  const [first] = result.violations
  say(`seed ${seed}: ${result.reads} reads, ${result.violations.length} violations, ${result.steps} steps`)
  say(`plan: ${JSON.stringify(result.plan)}`)
  if (first) say(`${first.guarantee} at ${first.atMs.toFixed(3)} ms, key ${first.key}: ${first.detail}`)
  for (const line of history) say(line)
  return first ? 1 : 0
}

async function runMany(): Promise<number> {
  const seeds = whole(values.seeds, 'seeds')
  const tally: Tally = { seeds: 0, reads: 0, failures: [], variants: {}, caught: [], missed: [] }
  const startMs = performance.now()
  await runJobs(jobs(whole(values.from, 'from'), seeds), progress(seeds, tally, startMs))
  report(tally, (performance.now() - startMs) / 1000)
  return tally.failures.length > 0 || tally.missed.length > 0 ? 1 : 0
}

function jobs(from: number, seeds: number): Job[] {
  const list: Job[] = mutants.map((_mutant, index) => ({ kind: 'mutant', index }))
  for (const variant of ['cache-aside', 'mutex'] as const)
    list.push({ kind: 'variant', variant, from, count: variantSeeds })
  for (let next = from; next < from + seeds; next += seedsPerJob)
    list.push({ kind: 'seeds', from: next, count: Math.min(seedsPerJob, from + seeds - next) })
  return list.reverse()
}

/** Gives each worker the next job as soon as it is free; the last of the list goes first. */
async function runJobs(waiting: Job[], onResult: (result: JobResult) => void): Promise<void> {
  const count = Math.max(1, whole(values.workers, 'workers'))
  await Promise.all(
    Array.from({ length: count }, () => {
      const worker = new Worker(new URL('sim-worker.ts', import.meta.url), {
        resourceLimits: { maxYoungGenerationSizeMb: youngMb },
      })
      return new Promise<void>((resolve, reject) => {
        const next = (): void => {
          const job = waiting.pop()
          if (job) worker.postMessage(job, [])
          else void worker.terminate().then(() => resolve())
        }
        worker.on('message', (result: JobResult) => {
          onResult(result)
          next()
        })
        worker.on('error', reject)
        next()
      })
    }),
  )
}

function progress(seeds: number, tally: Tally, startMs: number): (result: JobResult) => void {
  let shownMs = startMs
  return (result) => {
    add(tally, result)
    const nowMs = performance.now()
    if (nowMs - shownMs < progressEveryMs) return
    shownMs = nowMs
    const millions = (tally.reads / 1e6).toFixed(2)
    const checked = tally.caught.length + tally.missed.length
    process.stderr.write(
      `${((nowMs - startMs) / 1000).toFixed(0)} s: ${tally.seeds}/${seeds} seeds, ${millions} M reads, ` +
        `${tally.failures.length} failing, ${checked}/${mutants.length} mutants\n`,
    )
  }
}

function add(tally: Tally, result: JobResult): void {
  if (result.kind === 'seeds') {
    tally.seeds += result.seeds
    tally.reads += result.reads
    tally.failures.push(...result.failures)
  } else if (result.kind === 'variant') tally.variants[result.variant] = result
  else (result.caughtBy === undefined ? tally.missed : tally.caught).push(result.name)
}

function report(tally: Tally, tookS: number): void {
  for (const { seed, violations } of tally.failures.slice(0, shownFailures)) {
    for (const { guarantee, key, detail } of violations)
      say(`seed ${seed}: ${guarantee} of ${key}: ${detail}`)
    say(`  replay it with: pnpm sim --seed ${seed}`)
  }
  for (const name of tally.missed) say(`not caught: ${name}`)
  const figures = {
    seeds: tally.seeds,
    reads: tally.reads,
    violations: tally.failures.reduce((sum, { violations }) => sum + violations.length, 0),
    naive_stale_ratio: staleRatio(tally.variants['cache-aside']),
    mutex_stale_ratio: staleRatio(tally.variants['mutex']),
    mutants_caught: `${tally.caught.length}/${mutants.length}`,
    seconds: Math.round(tookS),
  }
  if (values.json) say(JSON.stringify({ suite: 'sim', figures }))
  else for (const [name, value] of Object.entries(figures)) say(`${name.padEnd(18)} ${value}`)
}

function staleRatio(counts: { readonly reads: number; readonly staleReads: number } | undefined): number {
  return counts && counts.reads > 0 ? Number((counts.staleReads / counts.reads).toFixed(4)) : 0
}

function whole(text: string | undefined, option: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`--${option} must be a whole number`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
