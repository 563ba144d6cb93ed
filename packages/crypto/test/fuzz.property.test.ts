import { seededRandom } from '@cache/conformance'
import { expect, it } from 'vitest'
import { place, sealing, times } from './support.ts'
import { mutated } from '../bench/mutations.ts'

// `pnpm bench crypto` does a million.
it.each(['encrypt', 'sign'] as const)('of 20,000 mutated envelopes of mode %s none opens', async (mode) => {
  const cache = await sealing(1, { mode })
  const envelope = Buffer.from(cache.seal('broker token 4711', place, times))
  const { below } = seededRandom(20_261_126)
  let accepted = 0
  for (let run = 0; run < 20_000; run++) if (cache.open(mutated(envelope, below), place).ok) accepted++
  expect(accepted).toBe(0)
  expect(cache.open(envelope, place)).toMatchObject({ ok: true })
})
