import assert from 'node:assert/strict'
import { isCacheError } from '@cache/core'
import type { EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { assertRejects, put } from '../store-steps.ts'

const lease = { token: 'token', epoch: 'epoch', sequence: 1 }

const calls: Readonly<Record<string, (store: EntryStore) => Promise<unknown>>> = {
  read: (store) => store.read(['k']),
  acquire: (store) => store.acquire('k', leaseRequest()),
  renew: (store) => store.renew('k', lease, 1000),
  fill: (store) => store.fill('k', lease, newEntry()),
  release: (store) => store.release('k', lease, { kind: 'free' }),
  change: (store) => store.change([{ kind: 'delete', key: 'k' }]),
  scan: (store) => store.scan({ limit: 10 }),
  count: (store) => store.count(),
  changesSince: (store) => store.changesSince(undefined),
  purge: (store) => store.purge(10),
}

const cases: readonly BackendCase[] = [
  ...Object.entries(calls).map(
    ([method, call]) =>
      ({
        name: `${method} rejects with CLOSED after close`,
        run: async (context) => {
          const store = context.store()
          await put(store, 'k')
          await leaseOn(store, 'leased')
          await context.backend.close()
          await assertRejects(() => call(store), 'CLOSED')
        },
      }) satisfies BackendCase,
  ),
  {
    name: 'cacheNames rejects with CLOSED after close',
    run: async (context) => {
      await context.backend.close()
      await assertRejects(() => context.backend.cacheNames(), 'CLOSED')
    },
  },
  {
    name: 'health rejects with CLOSED after close, or says that it is not well',
    run: async (context) => {
      await context.backend.close()
      try {
        assert.equal((await context.backend.health()).healthy, false)
      } catch (error) {
        assert.ok(isCacheError(error, 'CLOSED'), String(error))
      }
    },
  },
  {
    name: 'a store that is asked for after close is of no use',
    run: async (context) => {
      await context.backend.close()
      await assertRejects(async () => context.store({ cache: 'late' }).read(['k']), 'CLOSED')
    },
  },
  {
    name: 'close may be called again, and at the same time',
    run: async (context) => {
      await Promise.all([context.backend.close(), context.backend.close()])
      await context.backend.close()
    },
  },
  {
    name: 'calls in flight while it closes end: with their reply or with CLOSED',
    run: async (context) => {
      const store = context.store()
      const pending = Object.values(calls).map((call) => call(store))
      const writes = Array.from({ length: 50 }, (_, index) =>
        store.change([{ kind: 'set', key: `k${index}`, entry: newEntry() }]),
      )
      const closing = context.backend.close()
      for (const result of await Promise.allSettled([...pending, ...writes])) {
        if (result.status === 'rejected')
          assert.ok(isCacheError(result.reason, 'CLOSED'), String(result.reason))
      }
      await closing
    },
  },
]

export const closing: BackendConcern = { concern: 'closing', cases }
