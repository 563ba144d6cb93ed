import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { newEntry } from '../new-entry.ts'
import { assertAbsent, changeOne, keysNamed, present, put, stampOf } from '../store-steps.ts'

const cases: readonly BackendCase[] = [
  {
    name: 'a set replaces what was there whole: payload, times, tags, version, revision',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { payload: '1', tags: ['old'], version: 1, keptForMs: Number.POSITIVE_INFINITY })
      const second = await put(store, 'k', { payload: '2', tags: ['new'], version: 2 })
      const read = await present(store, 'k')
      assert.equal(read.payload, '2')
      assert.deepEqual(read.tags, ['new'])
      assert.equal(read.version, 2)
      assert.equal(read.revision, second.revision)
      assert.ok(read.keptForMs <= second.keptForMs)
    },
  },
  {
    name: 'a delete removes the entry and says whether there was one',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      assert.equal(await changeOne(store, { kind: 'delete', key: 'k' }), 'applied')
      await assertAbsent(store, 'k')
      assert.equal(await changeOne(store, { kind: 'delete', key: 'k' }), 'absent')
    },
  },
  {
    name: 'a clear removes all entries and leaves other caches alone',
    run: async (context) => {
      const store = context.store()
      const other = context.store({ cache: 'other' })
      await put(store, 'a')
      await put(store, 'b')
      await put(other, 'a')
      assert.equal(await changeOne(store, { kind: 'clear' }), 'applied')
      await assertAbsent(store, 'a')
      await assertAbsent(store, 'b')
      await present(other, 'a')
      await put(store, 'a')
      await present(store, 'a')
    },
  },
  {
    name: 'a batch applies in order, and an outcome for each change follows',
    run: async (context) => {
      const store = context.store()
      const { outcomes } = await store.change([
        { kind: 'set', key: 'a', entry: newEntry({ payload: '1' }) },
        { kind: 'set', key: 'a', entry: newEntry({ payload: '2' }) },
        { kind: 'set', key: 'b', entry: newEntry({ tags: ['t'] }) },
        { kind: 'delete', key: 'c' },
        { kind: 'tags', tags: ['t'] },
        { kind: 'set', key: 'd', entry: newEntry({ tags: ['t'] }) },
      ])
      assert.deepEqual(outcomes, ['applied', 'applied', 'applied', 'absent', 'applied', 'applied'])
      assert.equal((await present(store, 'a')).payload, '2')
      await assertAbsent(store, 'b')
      await present(store, 'd')
    },
  },
  {
    name: 'a clear within a batch removes what came before it and nothing after',
    run: async (context) => {
      const store = context.store()
      await put(store, 'before')
      await store.change([
        { kind: 'set', key: 'within', entry: newEntry() },
        { kind: 'clear' },
        { kind: 'set', key: 'after', entry: newEntry() },
      ])
      await assertAbsent(store, 'before')
      await assertAbsent(store, 'within')
      await present(store, 'after')
    },
  },
  {
    name: 'no changes have no outcomes and leave the sequence alone',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      const before = await stampOf(store)
      const reply = await store.change([])
      assert.deepEqual(reply.outcomes, [])
      assert.deepEqual(reply.stamp, before)
    },
  },
  {
    name: 'the sequence grows by at least one for each change that applies',
    run: async (context) => {
      const store = context.store()
      let { sequence } = await stampOf(store)
      const changes = [
        { kind: 'set', key: 'k', entry: newEntry() },
        { kind: 'expire', key: 'k', freshForMs: 10_000, keptForMs: 10_000 },
        { kind: 'tags', tags: ['t'] },
        { kind: 'delete', key: 'k' },
        { kind: 'clear' },
      ] as const
      for (const change of changes) {
        const { stamp } = await store.change([change])
        assert.ok(stamp.sequence > sequence, `${change.kind} should advance the sequence`)
        ;({ sequence } = stamp)
      }
      const batch = await store.change(
        keysNamed('k', 10).map((key) => ({ kind: 'set', key, entry: newEntry() })),
      )
      assert.ok(batch.stamp.sequence >= sequence + 10)
    },
  },
  {
    name: 'a set entry carries the sequence of its own change',
    run: async (context) => {
      const store = context.store()
      const { stamp } = await store.change([{ kind: 'set', key: 'k', entry: newEntry() }])
      assert.equal((await present(store, 'k')).sequence, stamp.sequence)
    },
  },
  {
    name: 'a batch of thousands of changes applies',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('k', 5000)
      const { outcomes } = await store.change(keys.map((key) => ({ kind: 'set', key, entry: newEntry() })))
      assert.equal(outcomes.filter((outcome) => outcome === 'applied').length, 5000)
      assert.equal(await store.count(), 5000)
      await store.change(keys.map((key) => ({ kind: 'delete', key })))
      assert.equal(await store.count(), 0)
    },
  },
  {
    name: 'versions of one cache are invalidated together: by key, by tag, by clear',
    run: async (context) => {
      const first = context.store({ version: 1 })
      const second = context.store({ version: 2 })
      for (const key of ['deleted', 'set', 'tagged', 'kept']) await put(first, key, { tags: [key] })
      await put(second, 'other')
      await changeOne(second, { kind: 'delete', key: 'deleted' })
      await put(second, 'set')
      await changeOne(second, { kind: 'tags', tags: ['tagged'] })
      for (const key of ['deleted', 'set', 'tagged']) await assertAbsent(first, key)
      await present(first, 'kept')
      await changeOne(second, { kind: 'clear' })
      await assertAbsent(first, 'kept')
      await assertAbsent(second, 'other')
    },
  },
  {
    name: 'a key of another version can be deleted though this one has no entry',
    run: async (context) => {
      const first = context.store({ version: 1 })
      await put(first, 'k')
      assert.equal(await changeOne(context.store({ version: 2 }), { kind: 'delete', key: 'k' }), 'absent')
      await assertAbsent(first, 'k')
    },
  },
]

export const changes: BackendConcern = { concern: 'changes', cases }
