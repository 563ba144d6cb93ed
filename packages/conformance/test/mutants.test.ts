import type { CacheBackend } from '@cache/core'
import { describe, expect, it } from 'vitest'
import {
  forwardingBackend,
  referenceBackend,
  referenceRules,
  referenceStorage,
  runBackendCases,
  type BackendHarness,
  type ReferenceStorage,
} from '../src/index.ts'
import type { ReferenceCache, ReferenceRow } from '../src/reference/reference-storage.ts'
import { backendMutants } from './mutants/backend-mutants.ts'
import { ruleMutants } from './mutants/rule-mutants.ts'
import { mutated } from './mutants/store-mutant.ts'
import { storeMutants } from './mutants/store-mutants.ts'
import { referenceHarness } from './reference-harness.ts'

/** The reference harness, each of whose backends is spoilt. */
function spoilt(name: string, spoil: (backend: CacheBackend) => CacheBackend): BackendHarness {
  const harness = referenceHarness(name)
  return {
    ...harness,
    create: async () => {
      const fixture = await harness.create()
      return {
        backend: spoil(fixture.backend),
        second: async () => spoil((await fixture.second?.()) ?? fixture.backend),
        reopen: async () => spoil((await fixture.reopen?.()) ?? fixture.backend),
        cleanup: () => fixture.cleanup(),
      }
    },
  }
}

interface Opening {
  readonly second?: ((storage: ReferenceStorage) => ReferenceStorage) | undefined
  readonly reopen?: ((storage: ReferenceStorage) => ReferenceStorage) | undefined
}

/** The reference harness, whose second process or next start finds something other than it should. */
function finding(name: string, { second, reopen }: Opening): BackendHarness {
  return {
    ...referenceHarness(name),
    create: async () => {
      const storage = referenceStorage()
      const open = (change?: (storage: ReferenceStorage) => ReferenceStorage) =>
        referenceBackend({ storage: change ? change(storage) : storage })
      return {
        backend: open(),
        second: async () => open(second),
        reopen: async () => open(reopen),
        cleanup: async () => {},
      }
    },
  }
}

/** A copy of a storage, each of whose caches is changed. */
function restored(change: (cache: ReferenceCache) => void): (storage: ReferenceStorage) => ReferenceStorage {
  return (storage) => {
    const copy = structuredClone(storage)
    for (const cache of copy.caches.values()) change(cache)
    return copy
  }
}

function rowsOf(
  cache: ReferenceCache,
): readonly (readonly [Map<string, ReferenceRow>, string, ReferenceRow])[] {
  return [...cache.versions.values()].flatMap(({ rows }) =>
    [...rows].map(([key, row]) => [rows, key, row] as const),
  )
}

const openings: readonly BackendHarness[] = [
  finding('two processes share nothing', { second: () => referenceStorage() }),
  finding('a second process sees the state of its start', { second: restored(() => {}) }),
  finding('a second process has an epoch of its own', {
    second: (storage) => ({ caches: storage.caches, epoch: 'its-own' }),
  }),
  finding('a restart forgets everything', { reopen: () => referenceStorage() }),
  finding('a restart forgets clears', { reopen: restored((cache) => (cache.clearedAt = 0)) }),
  finding('a restart forgets tags', {
    reopen: restored((cache) => {
      cache.tags.clear()
    }),
  }),
  finding('a restart begins the sequence anew in the same epoch', {
    reopen: restored((cache) => (cache.sequence = 0)),
  }),
  finding('a restart begins times to live anew', {
    reopen: restored((cache) => {
      for (const [rows, key, row] of rowsOf(cache)) {
        rows.set(key, {
          ...row,
          goneAtMs: row.goneAtMs + 3_600_000,
          freshUntilMs: row.freshUntilMs + 3_600_000,
        })
      }
    }),
  }),
  finding('a restart forgets revisions', {
    reopen: restored((cache) => {
      for (const [rows, key, row] of rowsOf(cache))
        rows.set(key, { ...row, entry: { ...row.entry, revision: '' } })
    }),
  }),
]

const mutants: readonly BackendHarness[] = [
  ...Object.entries(ruleMutants).map(([name, rule]) =>
    referenceHarness(name, { ...referenceRules, ...rule }),
  ),
  ...Object.entries(storeMutants).map(([name, mutant]) =>
    spoilt(name, (backend) => forwardingBackend(backend, mutated(mutant))),
  ),
  ...Object.entries(backendMutants).map(([name, mutant]) => spoilt(name, mutant)),
  ...openings,
]

describe('the contract suite', () => {
  it.each(mutants)('catches the mutant: $name', async (mutant) => {
    const { failures } = await runBackendCases(mutant, { bail: true, timeoutMs: 5000 })
    expect(failures).not.toEqual([])
  })
})
