import assert from 'node:assert/strict'
import type { EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, type CaseContext } from '../case-context.ts'
import { allBytes, newEntry } from '../new-entry.ts'
import {
  assertAbsent,
  changeOne,
  clear,
  invalidateTags,
  present,
  put,
  scanSet,
  stampOf,
} from '../store-steps.ts'

const needs = ['persistent'] as const

async function reopened(context: CaseContext): Promise<EntryStore> {
  return context.store({}, await context.reopen())
}

const cases: readonly BackendCase[] = [
  {
    name: 'what was set and filled before a restart is read after it, field by field',
    needs,
    run: async (context) => {
      const store = context.store()
      const set = await put(store, 'set', {
        payload: allBytes(1000),
        tags: ['t'],
        version: 3,
        loadMs: 7,
        format: 4,
      })
      const filled = newEntry({ payload: '"\u{1f600}"' })
      await store.fill('filled', await leaseOn(store, 'filled'), filled)
      const after = await reopened(context)
      const entry = await present(after, 'set')
      assert.deepEqual(Buffer.from(entry.payload as Uint8Array), Buffer.from(set.payload as Uint8Array))
      const { revision, version, loadMs, format, tags } = entry
      assert.deepEqual([revision, version, loadMs, format, tags], [set.revision, 3, 7, 4, ['t']])
      assert.equal((await present(after, 'filled')).payload, filled.payload)
      assert.deepEqual(await scanSet(after, { tag: 't' }), ['set'])
      assert.equal(await after.count(), 2)
    },
  },
  {
    name: 'a time to live goes on across a restart',
    needs,
    run: async (context) => {
      const store = context.store()
      await put(store, 'short', { freshForMs: context.shortMs, keptForMs: context.shortMs })
      await put(store, 'long')
      const before = await present(store, 'long')
      await context.pass(context.shortMs)
      const after = await reopened(context)
      await assertAbsent(after, 'short')
      const entry = await present(after, 'long')
      assert.ok(entry.freshForMs <= before.freshForMs - context.shortMs)
      assert.ok(entry.ageMs >= before.ageMs + context.shortMs)
    },
  },
  {
    name: 'what was void before a restart stays void',
    needs,
    run: async (context) => {
      const store = context.store()
      await put(store, 'cleared')
      await clear(store)
      await put(store, 'tagged', { tags: ['t'] })
      await put(store, 'deleted')
      await put(store, 'kept', { tags: ['u'] })
      await invalidateTags(store, ['t'])
      await changeOne(store, { kind: 'delete', key: 'deleted' })
      const after = await reopened(context)
      for (const key of ['cleared', 'tagged', 'deleted']) await assertAbsent(after, key)
      assert.deepEqual(await scanSet(after), ['kept'])
      await invalidateTags(after, ['u'])
      await assertAbsent(after, 'kept')
    },
  },
  {
    name: 'a stamp from before a restart leads to what came since, or to a reset',
    needs,
    run: async (context) => {
      const store = context.store()
      await put(store, 'a')
      const before = await stampOf(store)
      await put(store, 'b')
      const after = await reopened(context)
      const { stamp } = await after.change([{ kind: 'delete', key: 'c' }])
      if (stamp.epoch === before.epoch) assert.ok(stamp.sequence > before.sequence + 1)
      const reply = await after.changesSince(before)
      if (reply.kind === 'log') {
        assert.deepEqual(
          reply.invalidations.flatMap((each) => (each.kind === 'keys' ? each.keys : [])),
          ['b', 'c'],
        )
      }
    },
  },
  {
    name: 'a load that began before a restart loses against an invalidation after it',
    needs,
    run: async (context) => {
      const store = context.store()
      const keyed = await leaseOn(store, 'keyed')
      const tagged = await leaseOn(store, 'tagged')
      const after = await reopened(context)
      await changeOne(after, { kind: 'delete', key: 'keyed' })
      await invalidateTags(after, ['t'])
      assert.equal((await after.fill('keyed', keyed, newEntry())).accepted, false)
      assert.equal((await after.fill('tagged', tagged, newEntry({ tags: ['t'] }))).accepted, false)
      await clear(after)
      await assertAbsent(after, 'keyed')
    },
  },
  {
    name: 'a revision from before a restart can be tested after it',
    needs,
    run: async (context) => {
      const { revision } = await put(context.store(), 'k')
      const after = await reopened(context)
      const when = { kind: 'revision', revision } as const
      const entry = newEntry()
      assert.equal(await changeOne(after, { kind: 'set', key: 'k', entry, when }), 'applied')
      assert.equal(await changeOne(after, { kind: 'set', key: 'k', entry: newEntry(), when }), 'conflict')
    },
  },
  {
    name: 'the names of caches outlive a restart',
    needs,
    run: async (context) => {
      await put(context.store({ cache: 'a' }), 'k')
      await put(context.store({ cache: 'b:c' }), 'k')
      const names = await (await context.reopen()).cacheNames()
      assert.ok(names.includes('a') && names.includes('b:c'))
    },
  },
]

export const persistence: BackendConcern = { concern: 'persistence', cases }
