import { describe, expect, it } from 'vitest'
import { simulate } from '../../src/index.ts'

/** Run in the tests; `pnpm sim` runs as many as it is told. */
const seedCount = 100
const variantSeeds = 12

describe('the engine in the simulator', () => {
  it(`keeps every guarantee in ${seedCount} seeds`, { timeout: 120_000 }, async () => {
    let reads = 0
    for (let seed = 1; seed <= seedCount; seed++) {
      const { violations, reads: checked } = await simulate(seed)
      reads += checked
      const [first] = violations
      expect(first, `seed ${seed}; replay it with: pnpm sim --seed ${seed}`).toBeUndefined()
    }
    expect(reads).toBeGreaterThan(seedCount * 2000)
  })

  it('takes the same steps whenever a seed is run again', async () => {
    const first = await simulate(77)
    const lines: string[] = []
    const again = await simulate(77, { trace: (line) => void lines.push(line) })
    expect(again).toEqual(first)
    expect(lines.length).toBeGreaterThan(1000)
    expect((await simulate(78)).fingerprint).not.toBe(first.fingerprint)
  })
})

describe('what most applications write themselves', () => {
  it.each(['cache-aside', 'mutex'] as const)(
    'is caught: %s serves stale reads',
    { timeout: 60_000 },
    async (variant) => {
      let reads = 0
      let staleReads = 0
      for (let seed = 1; seed <= variantSeeds; seed++) {
        const result = await simulate(seed, { variant })
        reads += result.reads
        staleReads += result.staleReads
      }
      expect(staleReads / reads).toBeGreaterThan(0.01)
    },
  )
})
