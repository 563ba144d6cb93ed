import { describe, expect, it } from 'vitest'
import {
  faultyBackend,
  forwardingBackend,
  forwardingStore,
  onlyFor,
  referenceBackend,
  type StoreOperation,
} from '../../../conformance/src/index.ts'
import type { CacheBackend, EntryStore } from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

/** A backend whose stores answer some calls otherwise. */
function answering(changes: (store: EntryStore) => Partial<EntryStore>): CacheBackend {
  return forwardingBackend(referenceBackend(), (store) => ({ ...forwardingStore(store), ...changes(store) }))
}

describe('the health of caches', () => {
  it('has what the backend tells of itself', async () => {
    const backend = Object.assign(referenceBackend(), {
      health: async () => ({ healthy: true, details: { server: 'own' }, warnings: ['slow'] }),
    })
    const caches = await openCaches({ backend })
    expect(await caches.health()).toEqual({
      healthy: true,
      backend: backend.name,
      operations: { set: true, get: true, delete: true },
      details: { server: 'own' },
      warnings: ['slow'],
    })
  })

  it('is bad when the backend says so, though every step succeeds', async () => {
    const backend = Object.assign(referenceBackend(), {
      health: async () => ({ healthy: false, details: {}, warnings: ['full soon'] }),
    })
    const caches = await openCaches({ backend })
    expect(await caches.health()).toMatchObject({
      healthy: false,
      operations: { set: true, get: true, delete: true },
    })
  })

  it.each<[unknown, string]>([
    [new RangeError('away'), 'away'],
    ['away', 'The backend failed'],
  ])('is bad when the backend cannot tell: %s', async (fault, warning) => {
    const backend = Object.assign(referenceBackend(), { health: () => Promise.reject(fault as Error) })
    const caches = await openCaches({ backend })
    expect(await caches.health()).toMatchObject({ healthy: false, details: {}, warnings: [warning] })
  })

  it.each<[StoreOperation, object]>([
    ['change', { set: false, get: false, delete: false }],
    ['read', { set: true, get: false, delete: true }],
  ])('says which step fails when the backend fails to %s', async (operation, operations) => {
    const backend = faultyBackend(
      referenceBackend(),
      onlyFor([operation], () => ({ kind: 'fail', code: 'BACKEND_UNREACHABLE' })),
    )
    const caches = await openCaches({ backend })
    expect(await caches.health()).toMatchObject({ healthy: false, operations })
  })

  it('is bad when a step is answered and not done', async () => {
    const refusing = answering((store) => ({
      change: async (changes) => ({ ...(await store.change(changes)), outcomes: ['conflict'] }),
    }))
    expect(await (await openCaches({ backend: refusing })).health()).toMatchObject({
      healthy: false,
      operations: { set: false, get: true, delete: false },
    })
    const forgetting = answering((store) => ({
      read: async (keys) => ({ ...(await store.read(keys)), entries: keys.map(() => undefined) }),
    }))
    expect(await (await openCaches({ backend: forgetting })).health()).toMatchObject({
      healthy: false,
      operations: { set: true, get: false, delete: true },
    })
  })
})
