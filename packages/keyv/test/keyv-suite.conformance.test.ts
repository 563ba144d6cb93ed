import { createCaches, type Cache, type Caches } from '@cache/core'
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite'
import { Keyv } from 'keyv'
import { Keyv as Keyv5 } from 'keyv-5'
import * as vitest from 'vitest'
import { KeyvStore } from '../src/index.ts'
import { backends } from './support.ts'

/** The suite is that of Keyv 5; where Keyv 6 itself answers otherwise, the case says nothing of a store. */
const answeredOtherwiseBy6 = new Set(['.deleteMany([keys]) with nonexistent keys resolves to false'])

const for6 = {
  ...vitest,
  it: (name: string, test: () => void) => {
    if (!answeredOtherwiseBy6.has(name)) vitest.it(name, test)
  },
}

const majors = [
  ['Keyv 6', Keyv, for6],
  ['Keyv 5', Keyv5, vitest],
] as const

for (const [major, KeyvOfMajor, runner] of majors) {
  for (const [name, open] of backends) {
    vitest.describe(`${major} over ${name}`, () => {
      let caches: Caches
      let cache: Cache<unknown>
      vitest.beforeAll(async () => {
        caches = await createCaches({ backend: open() })
        cache = caches.define('keyv', { ttl: Number.POSITIVE_INFINITY })
      })
      vitest.afterAll(() => caches.close())
      const store = (): KeyvStore => new KeyvStore(cache)
      keyvTestSuite(runner as never, KeyvOfMajor as never, store)
      keyvIteratorTests(runner as never, KeyvOfMajor as never, store)
    })
  }
}
