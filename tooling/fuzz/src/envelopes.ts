import { systemClock } from '@cache/core'
import { encryption } from '@cache/crypto'
import { mutatedBytes, randomBytesOf } from './inputs.ts'
import { expectTrue, type Target } from './target.ts'

/** Envelopes that were changed or made up do not open, and opening never throws. */
export async function envelopes(): Promise<Target> {
  const protection = encryption({ keys: () => Buffer.alloc(32, 3) })
  await protection.start({
    clock: systemClock,
    report: () => undefined,
    readInstallation: async () => undefined,
    writeInstallation: async () => undefined,
  })
  const place = { key: 'k', format: 2, revision: 'r.1', version: undefined, tags: ['a'] }
  const times = { wallMs: 1_800_000_000_000, freshForMs: 1000, keptForMs: 2000 }
  const caches = (['encrypt', 'sign'] as const).map((mode) => {
    const cache = protection.forCache({ prefix: 'cache', cache: 'auth', version: 1, mode })
    return { cache, envelope: Buffer.from(cache.seal('a secret', place, times)) }
  })
  return {
    name: 'envelopes',
    run: (random) => {
      for (const { cache, envelope } of caches) {
        const changed = mutatedBytes(envelope, random)
        const made = [changed, randomBytesOf(random, 300)][random.below(2)] ?? changed
        expectTrue(made.equals(envelope) || !cache.open(made, place).ok, 'a changed envelope opened')
        expectTrue(typeof cache.isCurrent(made) === 'boolean', 'an envelope has no key')
      }
    },
  }
}
