import { ManualClock } from '@cache/conformance'
import { createCaches, type Cache } from '@cache/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sqlite } from '../src/index.ts'
import { makeDirectory, recordingDriver } from './fixture.ts'

/** A cache without L1, and what SQLite is asked for by a step. */
async function recorded(): Promise<{
  readonly cache: Cache<string>
  readonly statementsOf: (step: () => Promise<unknown>) => Promise<string[]>
}> {
  const { driver, statements } = recordingDriver()
  const backend = sqlite({ directory: await makeDirectory(), driver })
  // A transaction ends after a while: on a busy machine that would be a second one.
  const environment = { clock: new ManualClock() }
  const caches = await createCaches({ backend, upkeep: { onStart: false }, environment })
  onTestFinished(() => caches.close())
  const cache = caches.define<string>('values')
  await cache.set('warm', 'value')
  return {
    cache,
    statementsOf: async (step) => {
      statements.length = 0
      await step()
      return [...statements]
    },
  }
}

function writesIn(statements: readonly string[]): number {
  return statements.filter((sql) => sql === 'BEGIN IMMEDIATE').length
}

describe('what a call costs SQLite', () => {
  it('is one read for a hit', async () => {
    const { cache, statementsOf } = await recorded()
    for (const read of [
      () => cache.get('warm'),
      () => cache.getOrLoad('warm', () => 'never'),
      () => cache.has('warm'),
    ]) {
      const statements = await statementsOf(read)
      expect(statements).toHaveLength(1)
      expect(statements[0]).toMatch(/^SELECT .* FROM entries WHERE key = /s)
    }
  })

  it('is two write transactions for a miss with its fill, whatever the number of callers', async () => {
    const { cache, statementsOf } = await recorded()
    const load = (): string => 'loaded'
    const statements = await statementsOf(() =>
      Promise.all(Array.from({ length: 100 }, () => cache.getOrLoad('cold', load))),
    )
    expect(writesIn(statements)).toBe(2)
  })

  it('is one write transaction for writes of one tick, and for a batch', async () => {
    const { cache, statementsOf } = await recorded()
    const singles = Array.from({ length: 64 }, (_, index) => `k${index}`)
    const concurrent = (): Promise<unknown> => Promise.all(singles.map((key) => cache.set(key, key)))
    const batch = (): Promise<unknown> => cache.setMany(singles.map((key) => [key, key] as const))
    for (const write of [concurrent, batch]) expect(writesIn(await statementsOf(write))).toBe(1)
  })
})
