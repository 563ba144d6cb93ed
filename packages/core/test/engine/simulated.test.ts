import { expect, it } from 'vitest'
import { simulate } from '../../../conformance/src/index.ts'

/** The contract suite's tests run a hundred, and `pnpm sim` as many as it is told; these are here to fail soon. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]

it.each(seeds)(
  'keeps every guarantee in a simulated fleet whose order of events comes from seed %i',
  async (seed) => {
    const { violations, reads } = await simulate(seed)
    expect(violations).toEqual([])
    expect(reads).toBeGreaterThan(300)
  },
)
