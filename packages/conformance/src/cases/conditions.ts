import assert from 'node:assert/strict'
import type { Condition } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import {
  assertAbsent,
  assertFilled,
  changeOne,
  clear,
  invalidateTags,
  present,
  put,
  stampOf,
  toldSince,
} from '../store-steps.ts'

const absent: Condition = { kind: 'absent' }

function revision(of: { readonly revision: string }): Condition {
  return { kind: 'revision', revision: of.revision }
}

const whenAbsent: readonly BackendCase[] = [
  {
    name: 'a set of an absent key applies once',
    run: async (context) => {
      const store = context.store()
      const first = newEntry({ payload: '1' })
      const set = (entry = newEntry()) => changeOne(store, { kind: 'set', key: 'k', entry, when: absent })
      assert.equal(await set(first), 'applied')
      assert.equal(await set(), 'conflict')
      assert.equal((await present(store, 'k')).revision, first.revision)
    },
  },
  {
    name: 'a stale entry is not absent',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 0 })
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'k', entry: newEntry(), when: absent }),
        'conflict',
      )
    },
  },
  {
    name: 'a key is absent when its entry is gone, deleted, void by tag or cleared',
    run: async (context) => {
      const store = context.store()
      await put(store, 'gone', { freshForMs: 0, keptForMs: context.shortMs })
      await put(store, 'cleared')
      await clear(store)
      await put(store, 'gone', { freshForMs: 0, keptForMs: context.shortMs })
      await put(store, 'deleted')
      await put(store, 'void', { tags: ['t'] })
      await changeOne(store, { kind: 'delete', key: 'deleted' })
      await invalidateTags(store, ['t'])
      await context.pass(context.shortMs)
      for (const key of ['gone', 'deleted', 'void', 'cleared']) {
        assert.equal(
          await changeOne(store, { kind: 'set', key, entry: newEntry(), when: absent }),
          'applied',
          key,
        )
      }
    },
  },
]

const whenRevision: readonly BackendCase[] = [
  {
    name: 'a set of the revision that is stored applies, of any other conflicts',
    run: async (context) => {
      const store = context.store()
      const first = await put(store, 'k', { payload: '1' })
      const second = newEntry({ payload: '2' })
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'k', entry: second, when: revision(first) }),
        'applied',
      )
      const late = newEntry({ payload: '3' })
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'k', entry: late, when: revision(first) }),
        'conflict',
      )
      assert.equal((await present(store, 'k')).payload, '2')
    },
  },
  {
    name: 'a set of a revision conflicts where nothing is stored, or what was is gone or void',
    run: async (context) => {
      const store = context.store()
      const entry = newEntry()
      const gone = await put(store, 'gone', { freshForMs: 0, keptForMs: context.shortMs })
      const dropped = await put(store, 'void', { tags: ['t'] })
      await invalidateTags(store, ['t'])
      await context.pass(context.shortMs)
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'never', entry, when: revision(gone) }),
        'conflict',
      )
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'gone', entry, when: revision(gone) }),
        'conflict',
      )
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'void', entry, when: revision(dropped) }),
        'conflict',
      )
      for (const key of ['never', 'gone', 'void']) await assertAbsent(store, key)
    },
  },
  {
    name: 'a delete of a revision applies only while it is the stored one',
    run: async (context) => {
      const store = context.store()
      const first = await put(store, 'k')
      const second = await put(store, 'k')
      assert.equal(await changeOne(store, { kind: 'delete', key: 'k', when: revision(first) }), 'conflict')
      await present(store, 'k')
      assert.equal(await changeOne(store, { kind: 'delete', key: 'k', when: revision(second) }), 'applied')
      await assertAbsent(store, 'k')
      assert.equal(await changeOne(store, { kind: 'delete', key: 'k', when: revision(second) }), 'absent')
    },
  },
  {
    name: 'an expire of a revision applies only while it is the stored one',
    run: async (context) => {
      const store = context.store()
      const first = await put(store, 'k')
      const second = await put(store, 'k')
      const times = { kind: 'expire', key: 'k', freshForMs: 0, keptForMs: 60_000 } as const
      assert.equal(await changeOne(store, { ...times, when: revision(first) }), 'conflict')
      assert.ok((await present(store, 'k')).freshForMs > 0)
      assert.equal(await changeOne(store, { ...times, when: revision(second) }), 'applied')
      assert.ok((await present(store, 'k')).freshForMs <= 0)
    },
  },
  {
    name: 'the revision of a filled entry can be tested',
    run: async (context) => {
      const store = context.store()
      const filled = await assertFilled(store, 'k', await leaseOn(store, 'k'))
      const entry = newEntry()
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'k', entry, when: revision(filled) }),
        'applied',
      )
    },
  },
  {
    name: 'an expire leaves the revision',
    run: async (context) => {
      const store = context.store()
      const first = await put(store, 'k')
      await changeOne(store, { kind: 'expire', key: 'k', freshForMs: 60_000, keptForMs: 60_000 })
      assert.equal((await present(store, 'k')).revision, first.revision)
    },
  },
]

const conflicts: readonly BackendCase[] = [
  {
    name: 'a conflict changes nothing: not the entry, the sequence, the log or the lease',
    run: async (context) => {
      const store = context.store()
      const stale = await put(store, 'k', { freshForMs: 0, tags: ['t'] })
      const lease = await leaseOn(store, 'k')
      const before = await stampOf(store)
      const { outcomes } = await store.change([
        { kind: 'set', key: 'k', entry: newEntry(), when: absent },
        { kind: 'delete', key: 'k', when: { kind: 'revision', revision: 'another' } },
        {
          kind: 'expire',
          key: 'k',
          freshForMs: 1,
          keptForMs: 1,
          when: { kind: 'revision', revision: 'another' },
        },
      ])
      assert.deepEqual(outcomes, ['conflict', 'conflict', 'conflict'])
      assert.equal((await present(store, 'k')).revision, stale.revision)
      assert.deepEqual(await stampOf(store), before)
      assert.deepEqual(await toldSince(store, before), [])
      await assertFilled(store, 'k', lease)
    },
  },
  {
    name: 'in a batch each condition is tested for itself, against what came before it',
    run: async (context) => {
      const store = context.store()
      const first = newEntry()
      const { outcomes } = await store.change([
        { kind: 'set', key: 'a', entry: first, when: absent },
        { kind: 'set', key: 'a', entry: newEntry(), when: absent },
        { kind: 'set', key: 'a', entry: newEntry({ payload: '"last"' }), when: revision(first) },
        { kind: 'set', key: 'b', entry: newEntry() },
      ])
      assert.deepEqual(outcomes, ['applied', 'conflict', 'applied', 'applied'])
      assert.equal((await present(store, 'a')).payload, '"last"')
      await present(store, 'b')
    },
  },
]

const versions: readonly BackendCase[] = [
  {
    name: 'a set with a lower version than the stored one is refused, an equal or higher one applies',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { version: 2, payload: '"2"' })
      const before = await stampOf(store)
      const lower = newEntry({ version: 1 })
      assert.equal(await changeOne(store, { kind: 'set', key: 'k', entry: lower }), 'older')
      assert.equal((await present(store, 'k')).payload, '"2"')
      assert.deepEqual(await stampOf(store), before)
      await put(store, 'k', { version: 2 })
      await put(store, 'k', { version: 3 })
      assert.equal((await present(store, 'k')).version, 3)
    },
  },
  {
    name: 'an entry without a version is replaced by any, and replaces any',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { version: 5 })
      await put(store, 'k')
      await put(store, 'k', { version: 1 })
      assert.equal((await present(store, 'k')).version, 1)
    },
  },
  {
    name: 'a version is forgotten with its entry',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { version: 5, tags: ['t'] })
      await changeOne(store, { kind: 'delete', key: 'k' })
      await put(store, 'k', { version: 1, tags: ['t'] })
      await invalidateTags(store, ['t'])
      await put(store, 'k', { version: 0 })
    },
  },
  {
    name: 'a stale entry still holds its version',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { version: 5, freshForMs: 0 })
      assert.equal(
        await changeOne(store, { kind: 'set', key: 'k', entry: newEntry({ version: 4 }) }),
        'older',
      )
    },
  },
]

export const conditions: BackendConcern = {
  concern: 'conditions',
  cases: [...whenAbsent, ...whenRevision, ...conflicts, ...versions],
}
