import { isCacheError } from '@cache/core'
import { forwardingBackend, forwardingStore, newEntry, runBackendCases } from '@cache/conformance'
import type { BackendHarness } from '@cache/conformance'
import type { LocalTier } from '@cache/core'
import { describe, expect, it } from 'vitest'
import { memory } from '../src/index.ts'
import { keysNamed, started } from './support.ts'

const dayMs = 86_400_000

describe('a memory backend', () => {
  it('serves several caches of one prefix, and refuses a second prefix', async () => {
    const { backend, clock } = await started()
    const context = { clock, report: () => {} }
    await backend.start({ ...context, prefix: 'p' })
    await expect(backend.start({ ...context, prefix: 'q' })).rejects.toSatisfy((error) =>
      isCacheError(error, 'INVALID_OPTION'),
    )
  })

  it('says how much of its budget is used, and warns where there is none', async () => {
    const { backend, store } = await started({ maxBytes: '1mb' })
    await store().change([{ kind: 'set', key: 'k', entry: newEntry({ sizeBytes: 1000 }) }])
    const { healthy, details, warnings } = await backend.health()
    expect([healthy, details.maxBytes, details.caches, warnings]).toEqual([true, 1_048_576, 1, []])
    expect(details.usedBytes).toBeGreaterThan(1000)
    const unbounded = await started({ maxBytes: Number.POSITIVE_INFINITY })
    expect((await unbounded.backend.health()).warnings).toHaveLength(1)
  })

  it('shares its budget between stores and tiers', async () => {
    const { backend, store } = await started({ maxBytes: 100_000 })
    const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
    const tier = backend.createTier({ cache: 'l1', ...limits, onEvict: () => {} })
    for (const key of keysNamed('k', 1000)) {
      await store().change([{ kind: 'set', key, entry: newEntry({ sizeBytes: 100 }) }])
    }
    const { details } = await backend.health()
    expect(tier.size).toBe(0)
    expect(Number(details.usedBytes)).toBeLessThanOrEqual(100_000)
    expect(Number(details.usedBytes)).toBeGreaterThan(90_000)
  })

  it('gives its memory back when it closes', async () => {
    const { backend, store } = await started()
    const open = store()
    await open.change([{ kind: 'set', key: 'k', entry: newEntry() }])
    await backend.close()
    expect(open.local?.size).toBe(0)
    await expect(open.read(['k'])).rejects.toSatisfy((error) => isCacheError(error, 'CLOSED'))
    expect(() => store()).toThrow('closed')
  })

  it('keeps entries of 30 days for 30 days, purged in small steps', async () => {
    const { clock, store, evictions } = await started()
    const open = store()
    for (const key of keysNamed('k', 100)) {
      const entry = newEntry({ freshForMs: 30 * dayMs, keptForMs: 30 * dayMs })
      await open.change([{ kind: 'set', key, entry }])
    }
    clock.advance(30 * dayMs - 1)
    expect([await open.purge(1000), await open.count()]).toEqual([0, 100])
    clock.advance(1)
    expect([await open.purge(60), await open.purge(60), await open.purge(60)]).toEqual([60, 40, 0])
    expect(evictions).toEqual([
      { count: 60, reason: 'expired' },
      { count: 40, reason: 'expired' },
    ])
  })

  it('does not remember the former times of a key that is written again and again', async () => {
    const { store } = await started()
    const open = store()
    for (let round = 0; round < 20_000; round++) {
      const keptForMs = 1_000_000 + round
      await open.change([{ kind: 'set', key: 'k', entry: newEntry({ freshForMs: 1, keptForMs }) }])
    }
    expect(await open.purge(10)).toBe(0)
    expect(await open.count()).toBe(1)
  })

  it('gives no two instances the same epoch', async () => {
    const stamps = await Promise.all(
      [started(), started()].map(async (each) => (await each).store().changesSince(undefined)),
    )
    expect(stamps[0]?.stamp.epoch).not.toBe(stamps[1]?.stamp.epoch)
  })
})

/** A store whose local tier is not the one that its changes reach. */
const localMutants: Readonly<Record<string, (local: LocalTier) => LocalTier>> = {
  'forgets nothing': (local) => {
    const kept = new Map<string, ReturnType<LocalTier['get']>>()
    return {
      ...passing(local),
      get: (key) => {
        const entry = local.get(key) ?? kept.get(key)
        kept.set(key, entry)
        return entry
      },
    }
  },
  'is always empty': (local) => ({ ...passing(local), get: () => undefined, size: 0 }),
  'deletes nothing': (local) => ({ ...passing(local), delete: (key) => local.peek(key) !== undefined }),
  'keeps its own times': (local) => ({
    ...passing(local),
    get: (key) => {
      const entry = local.get(key)
      return entry && { ...entry, freshUntilMs: Number.POSITIVE_INFINITY }
    },
  }),
}

function passing(local: LocalTier): LocalTier {
  return {
    get: (key) => local.get(key),
    peek: (key) => local.peek(key),
    set: (key, entry) => local.set(key, entry),
    delete: (key) => local.delete(key),
    clear: () => local.clear(),
    entries: () => local.entries(),
    size: local.size,
    sizeBytes: local.sizeBytes,
  }
}

describe('the contract suite', () => {
  it.each(Object.entries(localMutants))('catches a local tier that %s', async (name, mutant) => {
    const harness: BackendHarness = {
      name,
      capabilities: memory().capabilities,
      payloads: 'live',
      time: 'injected',
      create: async () => ({
        backend: forwardingBackend(memory(), (store) => ({
          ...forwardingStore(store),
          local: store.local && mutant(store.local),
        })),
        cleanup: async () => {},
      }),
    }
    const { failures } = await runBackendCases(harness)
    expect(failures.map(({ concern }) => concern)).toContain('local tier')
  })
})
