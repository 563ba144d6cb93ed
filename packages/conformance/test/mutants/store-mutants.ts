import { changeMutants } from './change-mutants.ts'
import { entryMutants } from './entry-mutants.ts'
import { logMutants } from './log-mutants.ts'
import { probeMutants } from './probe-mutants.ts'
import type { StoreMutant } from './store-mutant.ts'

/** Correct stores with one fault each. */
export const storeMutants: Readonly<Record<string, StoreMutant>> = {
  ...entryMutants,
  ...changeMutants,
  ...logMutants,
  ...probeMutants,
}
