import assert from 'node:assert/strict'
import type { EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import type { CaseContext } from '../case-context.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { assertAbsent, changeOne, keysNamed, present, put, putMany, scanSet } from '../store-steps.ts'

/** Live entries and the bytes they count for. */
async function held(store: EntryStore): Promise<{ readonly count: number; readonly bytes: number }> {
  const keys = await scanSet(store)
  const { entries } = await store.read(keys)
  const bytes = entries.reduce((sum, entry) => sum + (entry?.sizeBytes ?? 0), 0)
  return { count: entries.filter((entry) => entry !== undefined).length, bytes }
}

function evicted({ evictions }: CaseContext, reason: string): number {
  return evictions.filter((event) => event.reason === reason).reduce((sum, event) => sum + event.count, 0)
}

const cases: readonly BackendCase[] = [
  {
    name: 'no more than maxEntries are kept, the latest among them, and what went is reported',
    run: async (context) => {
      const store = context.store({ maxEntries: 50 })
      const keys = keysNamed('k', 200)
      for (const key of keys) await put(store, key)
      await store.purge(1000)
      const { count } = await held(store)
      assert.ok(count <= 50, `${count} entries are kept`)
      assert.ok(count >= 25, `only ${count} entries are kept`)
      await present(store, keys.at(-1) ?? '')
      assert.equal(evicted(context, 'entries'), 200 - count)
    },
  },
  {
    name: 'no more than maxBytes are kept, and what went is reported',
    run: async (context) => {
      const store = context.store({ maxBytes: 100_000 })
      const payload = 'x'.repeat(5000)
      for (const key of keysNamed('k', 100)) await put(store, key, { payload })
      await store.purge(1000)
      const { count, bytes } = await held(store)
      assert.ok(bytes <= 100_000, `${bytes} bytes are kept`)
      assert.ok(count >= 10, `only ${count} entries are kept`)
      assert.equal(evicted(context, 'bytes'), 100 - count)
    },
  },
  {
    name: 'a batch larger than the limits leaves them kept',
    run: async (context) => {
      const store = context.store({ maxEntries: 20 })
      await putMany(store, keysNamed('k', 500))
      await store.purge(1000)
      assert.ok((await held(store)).count <= 20)
    },
  },
  {
    name: 'limits hold for fills as for sets',
    run: async (context) => {
      const store = context.store({ maxEntries: 20 })
      for (const key of keysNamed('k', 80)) await store.fill(key, await leaseOn(store, key), newEntry())
      await store.purge(1000)
      assert.ok((await held(store)).count <= 20)
    },
  },
  {
    name: 'an entry larger than maxBytes is not kept, and what was under its key goes',
    run: async (context) => {
      const store = context.store({ maxBytes: 10_000 })
      await put(store, 'k', { payload: '"old"' })
      await put(store, 'other')
      const entry = newEntry({ payload: 'x'.repeat(20_000) })
      await changeOne(store, { kind: 'set', key: 'k', entry })
      await assertAbsent(store, 'k')
      await present(store, 'other')
    },
  },
  {
    name: 'what is used again and again outlives what is not',
    run: async (context) => {
      const store = context.store({ maxEntries: 100 })
      await put(store, 'used')
      for (const key of keysNamed('k', 400)) {
        await put(store, key)
        await store.acquire('used', leaseRequest())
        if (key.endsWith('5')) await context.pass(1)
      }
      await present(store, 'used')
    },
  },
  {
    name: 'deleting, replacing and clearing are not evictions',
    run: async (context) => {
      const store = context.store({ maxEntries: 100, maxBytes: 100_000 })
      await putMany(store, keysNamed('k', 50), { tags: ['t'] })
      await putMany(store, keysNamed('k', 50), { tags: ['t'] })
      await changeOne(store, { kind: 'delete', key: 'k000000' })
      await changeOne(store, { kind: 'tags', tags: ['t'] })
      await put(store, 'k')
      await changeOne(store, { kind: 'clear' })
      await store.purge(1000)
      const forRoom = evicted(context, 'entries') + evicted(context, 'bytes') + evicted(context, 'budget')
      assert.equal(forRoom, 0)
    },
  },
  {
    name: 'abandoned leases do not add up',
    run: async (context) => {
      const store = context.store()
      for (const key of keysNamed('abandoned', 3000)) await store.acquire(key, leaseRequest({ leaseMs: 1 }))
      await context.pass(context.shortMs)
      await store.purge(10_000)
      const [first = ''] = keysNamed('abandoned', 1)
      await leaseOn(store, first)
      assert.equal(await store.count(), 0)
      assert.deepEqual(await scanSet(store), [])
    },
  },
]

export const bounds: BackendConcern = { concern: 'bounds', cases }
