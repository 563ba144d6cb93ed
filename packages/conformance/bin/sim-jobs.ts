import { simulate, type Variant, type Violation } from '../src/index.ts'
import { engineMutants } from '../test/simulator/mutants/engine-mutants.ts'
import { storeMutants } from '../test/simulator/mutants/store-mutants.ts'

/** All rules of the protocol, each removed once. */
export const mutants = [...storeMutants, ...engineMutants]

/** Seeds that a mutant has to be caught within. */
export const seedsPerMutant = 100

export type Job =
  | { readonly kind: 'seeds'; readonly from: number; readonly count: number }
  | { readonly kind: 'variant'; readonly variant: Variant; readonly from: number; readonly count: number }
  | { readonly kind: 'mutant'; readonly index: number }

/** A seed that broke a guarantee. */
export interface Failure {
  readonly seed: number
  readonly violations: readonly Violation[]
}

export type JobResult =
  | {
      readonly kind: 'seeds'
      readonly seeds: number
      readonly reads: number
      readonly failures: readonly Failure[]
    }
  | {
      readonly kind: 'variant'
      readonly variant: Variant
      readonly reads: number
      readonly staleReads: number
    }
  | { readonly kind: 'mutant'; readonly name: string; readonly caughtBy: number | undefined }

/** Does one job; what it returns depends on the job alone. */
export async function run(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'seeds':
      return runSeeds(job.from, job.count)
    case 'variant':
      return runVariant(job.variant, job.from, job.count)
    default:
      return runMutant(job.index)
  }
}

async function runSeeds(from: number, count: number): Promise<JobResult> {
  let reads = 0
  const failures: Failure[] = []
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(seed)
    reads += result.reads
    if (result.violations.length > 0) failures.push({ seed, violations: result.violations.slice(0, 3) })
  }
  return { kind: 'seeds', seeds: count, reads, failures }
}

async function runVariant(variant: Variant, from: number, count: number): Promise<JobResult> {
  let reads = 0
  let staleReads = 0
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(seed, { variant })
    reads += result.reads
    staleReads += result.staleReads
  }
  return { kind: 'variant', variant, reads, staleReads }
}

async function runMutant(index: number): Promise<JobResult> {
  const mutant = mutants[index]
  if (!mutant) throw new RangeError(`there is no mutant ${index}`)
  for (let seed = 1; seed <= seedsPerMutant; seed++) {
    const { violations } = await simulate(seed, { mutation: mutant.mutation })
    if (violations.length > 0) return { kind: 'mutant', name: mutant.name, caughtBy: seed }
  }
  return { kind: 'mutant', name: mutant.name, caughtBy: undefined }
}
