import assert from 'node:assert/strict'
import type { Change, EntryStore, LocalTier } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn } from '../case-context.ts'
import { assertFilled, changeOne, present, put } from '../store-steps.ts'

const needs = ['live'] as const

function localOf(store: EntryStore): LocalTier {
  return store.local ?? assert.fail('a live store shows its local tier')
}

const cases: readonly BackendCase[] = [
  {
    name: 'what is set or filled is in the local tier at once, with its times',
    needs,
    run: async (context) => {
      const store = context.store()
      await put(store, 'set', { tags: ['t'], freshForMs: 1000, keptForMs: 5000 })
      await assertFilled(store, 'filled', await leaseOn(store, 'filled'))
      const local = localOf(store)
      const entry = local.get('set') ?? assert.fail()
      assert.equal(entry.payload, (await present(store, 'set')).payload)
      assert.equal(entry.coherent, true)
      assert.deepEqual(entry.tags, ['t'])
      assert.equal(entry.goneAtMs - entry.freshUntilMs, 4000)
      assert.ok(local.get('filled'))
      assert.equal(local.size, 2)
    },
  },
  {
    name: 'what is invalidated has left the local tier when the change resolves',
    needs,
    run: async (context) => {
      const store = context.store()
      const changes: readonly Change[] = [
        { kind: 'delete', key: 'k' },
        { kind: 'tags', tags: ['t'] },
        { kind: 'clear' },
        { kind: 'expire', key: 'k', freshForMs: 0, keptForMs: 0 },
      ]
      for (const change of changes) {
        await put(store, 'k', { tags: ['s', 't'] })
        assert.ok(localOf(store).get('k'))
        await changeOne(store, change)
        assert.equal(localOf(store).get('k'), undefined, change.kind)
      }
    },
  },
  {
    name: 'what was made stale is stale in the local tier',
    needs,
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      await changeOne(store, { kind: 'expire', key: 'k', freshForMs: 0, keptForMs: 1000 })
      const entry = localOf(store).get('k') ?? assert.fail()
      assert.ok(entry.freshUntilMs <= context.clock.monotonicMs())
    },
  },
  {
    name: 'an entry is never fresh in the local tier for longer than it is kept',
    needs,
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 5000, keptForMs: 1000 })
      const entry = localOf(store).get('k') ?? assert.fail()
      assert.ok(entry.freshUntilMs <= entry.goneAtMs)
    },
  },
  {
    name: 'what is deleted from the local tier is gone from the store',
    needs,
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t'] })
      assert.equal(localOf(store).delete('k'), true)
      assert.deepEqual((await store.read(['k'])).entries, [undefined])
      assert.deepEqual((await store.scan({ tag: 't', limit: 10 })).keys, [])
    },
  },
]

export const localTier: BackendConcern = { concern: 'local tier', cases }
