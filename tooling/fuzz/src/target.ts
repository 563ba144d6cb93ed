import { seededRandom, type Random } from '@cache/conformance'
import { isCacheError } from '@cache/core'

/** Something that reads what others may have written. */
export interface Target {
  readonly name: string
  /** Gives it one input that the random numbers make. Throws, or rejects, when it does not do what it should. */
  readonly run: (random: Random) => Promise<void> | void
}

/** A target with its parts made. */
export type MakeTarget = () => Promise<Target> | Target

export class Finding extends Error {
  constructor(target: string, seed: number, cause: unknown) {
    super(`${target} fails with the seed ${seed}: pnpm fuzz --target '${target}' --seed ${seed} --rounds 1`, {
      cause,
    })
  }
}

/**
 * Runs one round, whose seed makes its input again.
 *
 * @throws Finding
 */
export async function fuzzOnce(target: Target, seed: number): Promise<void> {
  try {
    await target.run(seededRandom(seed))
  } catch (cause) {
    throw new Finding(target.name, seed, cause)
  }
}

/** Lets errors pass that say what is wrong with the input; everything else is a finding. */
export async function unlessRefused(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isCacheError(error) && !(error instanceof Error && error.name === 'SymbolIndexError')) throw error
  }
}

export function expectTrue(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}
