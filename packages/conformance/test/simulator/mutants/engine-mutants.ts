import type { Mutant } from '../../../src/index.ts'
import { loadingMutants } from './loading-mutants.ts'
import { localMutants } from './local-mutants.ts'
import { timeMutants } from './time-mutants.ts'

/** The engine, or a port of it, with one rule of the protocol removed from each. */
export const engineMutants: readonly Mutant[] = [...loadingMutants, ...localMutants, ...timeMutants]
