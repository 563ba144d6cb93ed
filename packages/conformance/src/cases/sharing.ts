import assert from 'node:assert/strict'
import type { EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest, type CaseContext } from '../case-context.ts'
import {
  assertAbsent,
  assertFilled,
  assertRefused,
  changeOne,
  clear,
  invalidateTags,
  keysNamed,
  present,
  put,
  stampOf,
  toldSince,
} from '../store-steps.ts'
import { update } from './concurrency.ts'

const needs = ['shared'] as const

async function twoStores(context: CaseContext): Promise<readonly [EntryStore, EntryStore]> {
  return [context.store(), context.store({}, await context.second())]
}

const cases: readonly BackendCase[] = [
  {
    name: 'what one process writes the other reads at once',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      const set = await put(ours, 'set')
      const filled = await assertFilled(ours, 'filled', await leaseOn(ours, 'filled'))
      assert.equal((await present(theirs, 'set')).revision, set.revision)
      assert.equal((await present(theirs, 'filled')).revision, filled.revision)
      const replaced = await put(theirs, 'set')
      assert.equal((await present(ours, 'set')).revision, replaced.revision)
      await changeOne(ours, { kind: 'delete', key: 'set' })
      await assertAbsent(theirs, 'set')
    },
  },
  {
    name: 'both stand in one epoch and one sequence',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      const { stamp } = await ours.change([{ kind: 'delete', key: 'a' }])
      assert.deepEqual(await stampOf(theirs), stamp)
      const next = (await theirs.change([{ kind: 'delete', key: 'b' }])).stamp
      assert.equal(next.epoch, stamp.epoch)
      assert.ok(next.sequence > stamp.sequence)
    },
  },
  {
    name: 'each is told of the changes of both, in one order',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      const before = await stampOf(ours)
      await put(ours, 'a')
      await put(theirs, 'b')
      await invalidateTags(ours, ['t'])
      await clear(theirs)
      const told = await toldSince(ours, before)
      assert.deepEqual(
        told.map(({ kind }) => kind),
        ['keys', 'keys', 'tags', 'clear'],
      )
      assert.deepEqual(await toldSince(theirs, before), told)
    },
  },
  {
    name: 'a lease held by one process makes the other wait',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      const lease = await leaseOn(ours, 'k')
      assert.equal((await theirs.acquire('k', leaseRequest())).kind, 'wait')
      await assertFilled(ours, 'k', lease)
      assert.equal((await theirs.acquire('k', leaseRequest())).kind, 'hit')
    },
  },
  {
    name: 'a fill loses against an invalidation by the other process',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      const leases = await Promise.all(
        ['deleted', 'set', 'tagged', 'cleared'].map((key) => leaseOn(ours, key)),
      )
      const [deleted, set, tagged, cleared] = leases
      await changeOne(theirs, { kind: 'delete', key: 'deleted' })
      await put(theirs, 'set')
      await invalidateTags(theirs, ['t'])
      await assertRefused(ours, 'deleted', deleted ?? assert.fail())
      await assertRefused(ours, 'set', set ?? assert.fail())
      await assertRefused(ours, 'tagged', tagged ?? assert.fail(), { entry: { tags: ['t'] } })
      await clear(theirs)
      await assertRefused(ours, 'cleared', cleared ?? assert.fail())
    },
  },
  {
    name: 'a tag that one process invalidates voids what the other wrote',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      await put(ours, 'k', { tags: ['t'] })
      await invalidateTags(theirs, ['t'])
      await assertAbsent(ours, 'k')
      await assertAbsent(theirs, 'k')
    },
  },
  {
    name: 'a lease of a process that died is taken over when it ends',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      await leaseOn(ours, 'k', { leaseMs: context.shortMs })
      await context.backend.close()
      await context.pass(context.shortMs)
      await assertFilled(theirs, 'k', await leaseOn(theirs, 'k'))
    },
  },
  {
    name: 'updates by both lose none',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      await put(ours, 'k', { payload: '0' })
      const writers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ours : theirs))
      await Promise.all(writers.map((store) => update(store, 'k', (text) => String(Number(text) + 1))))
      assert.equal((await present(ours, 'k')).payload, '20')
    },
  },
  {
    name: 'a cold key has one lease among the callers of both',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      for (const key of keysNamed('k', 10)) {
        const stores = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ours : theirs))
        const replies = await Promise.all(stores.map((store) => store.acquire(key, leaseRequest())))
        assert.equal(replies.filter(({ kind }) => kind === 'lease').length, 1)
      }
    },
  },
  {
    name: 'the purge of one process never removes what the other has just written',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      const keys = keysNamed('k', 40)
      for (const key of keys) await put(ours, key, { freshForMs: 0, keptForMs: context.shortMs })
      await context.pass(context.shortMs)
      await Promise.all(keys.flatMap((key) => [put(theirs, key), ours.read([key]), ours.purge(3)]))
      await ours.purge(1000)
      for (const key of keys) await present(ours, key)
    },
  },
  {
    name: 'one process can close while the other goes on',
    needs,
    run: async (context) => {
      const [ours, theirs] = await twoStores(context)
      await put(ours, 'k')
      await context.backend.close()
      await present(theirs, 'k')
      await put(theirs, 'k')
    },
  },
]

export const sharing: BackendConcern = { concern: 'sharing', cases }
