import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import type { CaseContext } from '../case-context.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { assertAbsent, assertFilled, keysNamed, present, put, putMany } from '../store-steps.ts'

/** Times after which an entry is gone once `shortMs` have passed. */
function brief(context: CaseContext): { readonly freshForMs: number; readonly keptForMs: number } {
  return { freshForMs: context.shortMs / 2, keptForMs: context.shortMs }
}

const cases: readonly BackendCase[] = [
  {
    name: 'a purge of nothing removes nothing',
    run: async (context) => {
      const store = context.store()
      assert.equal(await store.purge(100), 0)
      await put(store, 'k')
      assert.equal(await store.purge(100), 0)
      await present(store, 'k')
    },
  },
  {
    name: 'what is gone is removed, fresh and stale entries stay',
    run: async (context) => {
      const store = context.store()
      await putMany(store, keysNamed('gone', 30), brief(context))
      await put(store, 'fresh')
      await put(store, 'stale', { freshForMs: 0 })
      await put(store, 'ever', { freshForMs: Number.POSITIVE_INFINITY, keptForMs: Number.POSITIVE_INFINITY })
      await context.pass(context.shortMs)
      await store.purge(1000)
      assert.equal(await store.count(), 3)
      for (const key of ['fresh', 'stale', 'ever']) await present(store, key)
    },
  },
  {
    name: 'a purge removes no more than it is told to, says how many, and goes on where it stopped',
    run: async (context) => {
      const store = context.store()
      await putMany(store, keysNamed('gone', 25), brief(context))
      await context.pass(context.shortMs)
      const removed = [
        await store.purge(10),
        await store.purge(10),
        await store.purge(10),
        await store.purge(10),
      ]
      assert.deepEqual(removed, [10, 10, 5, 0])
    },
  },
  {
    name: 'what expired is reported as such',
    run: async (context) => {
      const store = context.store()
      await putMany(store, keysNamed('gone', 25), brief(context))
      await context.pass(context.shortMs)
      await store.purge(1000)
      const expired = context.evictions.filter(({ reason }) => reason === 'expired')
      assert.equal(
        expired.reduce((sum, { count }) => sum + count, 0),
        25,
      )
    },
  },
  {
    name: 'a fresh entry under a key whose former one is gone is never removed',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('k', 60)
      await putMany(store, keys, brief(context))
      await context.pass(context.shortMs)
      await putMany(store, keys.slice(0, 20))
      for (const key of keys.slice(20, 40)) await assertFilled(store, key, await leaseOn(store, key))
      const writing = keys
        .slice(40)
        .map((key) => Promise.all([store.read([key]), put(store, key), store.purge(5)]))
      await Promise.all(writing)
      await store.purge(1000)
      for (const key of keys) await present(store, key)
    },
  },
  {
    name: 'an entry that was given a longer life is not removed at its former end',
    run: async (context) => {
      const store = context.store()
      const formerMs = context.shortMs * 4
      await put(store, 'k', { freshForMs: formerMs, keptForMs: formerMs })
      await store.change([{ kind: 'expire', key: 'k', freshForMs: 3_600_000, keptForMs: 3_600_000 }])
      await context.pass(formerMs)
      assert.equal(await store.purge(100), 0)
      await present(store, 'k')
    },
  },
  {
    name: 'an entry is gone at its time whether purged or not',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', brief(context))
      await context.pass(context.shortMs)
      await assertAbsent(store, 'k')
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'lease')
    },
  },
  {
    name: 'a lease on a key outlives the purge of what was under it',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', brief(context))
      await context.pass(context.shortMs)
      const lease = await leaseOn(store, 'k')
      await store.purge(100)
      await assertFilled(store, 'k', lease)
      await present(store, 'k')
    },
  },
]

export const purging: BackendConcern = { concern: 'purging', cases }
