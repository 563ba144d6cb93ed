import { describe, expect, it } from 'vitest'
import { simulate, type Mutant } from '../../src/index.ts'
import { engineMutants } from './mutants/engine-mutants.ts'
import { storeMutants } from './mutants/store-mutants.ts'

const seedsPerMutant = 60

/** The first seed that shows the mutant, after the intact engine has passed it under the same troubles. */
async function caughtBy({ mutation }: Mutant): Promise<number | undefined> {
  for (let seed = 1; seed <= seedsPerMutant; seed++) {
    const { violations } = await simulate(seed, { mutation })
    if (violations.length === 0) continue
    const intact = await simulate(seed, { overrides: mutation.overrides })
    expect(intact.violations, `seed ${seed} without the mutation`).toEqual([])
    return seed
  }
  return undefined
}

describe.each([
  ['store', storeMutants],
  ['engine', engineMutants],
] as const)('rules of the %s', (_where, mutants) => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    'are needed: %s',
    { timeout: 60_000 },
    async (_name, mutant) => {
      expect(await caughtBy(mutant), `"${mutant.rule}" was removed and nothing noticed`).toBeDefined()
    },
  )
})

it('has a name of its own for each mutant', () => {
  const names = [...storeMutants, ...engineMutants].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
