import assert from 'node:assert/strict'
import type { Change, Invalidation } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { newEntry } from '../new-entry.ts'
import { changeOne, keysNamed, put, stampOf, toldSince } from '../store-steps.ts'

function namesOf(invalidation: Invalidation): readonly string[] {
  if (invalidation.kind === 'clear') return ['clear']
  return invalidation.kind === 'tags' ? invalidation.tags : invalidation.keys
}

function nameOf(change: Change): string {
  if (change.kind === 'clear') return 'clear'
  return change.kind === 'tags' ? (change.tags[0] ?? '') : change.key
}

/** What was told, without the sequences; neighbouring changes of keys may be told together. */
function summary(told: readonly Invalidation[]): readonly string[] {
  return told.flatMap((invalidation) => {
    switch (invalidation.kind) {
      case 'keys':
        return invalidation.keys.map((key) => `key ${key}`)
      case 'tags':
        return invalidation.tags.map((tag) => `tag ${tag}`)
      default:
        return ['clear']
    }
  })
}

/** One of each kind. */
const batchOfAll: readonly Change[] = [
  { kind: 'set', key: 'a', entry: newEntry() },
  { kind: 'delete', key: 'b' },
  { kind: 'tags', tags: ['t', 'u'] },
  { kind: 'set', key: 'c', entry: newEntry() },
  { kind: 'expire', key: 'c', freshForMs: 0, keptForMs: 1000 },
  { kind: 'clear' },
  { kind: 'set', key: 'd', entry: newEntry() },
]

const positions: readonly BackendCase[] = [
  {
    name: 'without a stamp the answer is a reset, with the present one',
    run: async (context) => {
      const store = context.store()
      const { stamp } = await store.change([{ kind: 'set', key: 'k', entry: newEntry() }])
      assert.deepEqual(await store.changesSince(undefined), { kind: 'reset', stamp })
    },
  },
  {
    name: 'at the present stamp the log is empty',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      const stamp = await stampOf(store)
      assert.deepEqual(await store.changesSince(stamp), { kind: 'log', stamp, invalidations: [] })
    },
  },
  {
    name: 'a stamp of another epoch, or from a future that never was, is a reset',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      const stamp = await stampOf(store)
      const other = await store.changesSince({ ...stamp, epoch: `${stamp.epoch}x` })
      const future = await store.changesSince({ ...stamp, sequence: stamp.sequence + 1000 })
      assert.deepEqual([other.kind, future.kind], ['reset', 'reset'])
    },
  },
  {
    name: 'the stamp names the last change that is told',
    run: async (context) => {
      const store = context.store()
      const before = await stampOf(store)
      await put(store, 'a')
      await put(store, 'b')
      const reply = await store.changesSince(before)
      assert.equal(reply.kind, 'log')
      if (reply.kind === 'log') assert.equal(reply.invalidations.at(-1)?.sequence, reply.stamp.sequence)
    },
  },
  {
    name: 'a log that no longer reaches back says so, and is otherwise whole',
    run: async (context) => {
      const store = context.store()
      const before = await stampOf(store)
      const keys = keysNamed('k', 6000)
      for (let from = 0; from < keys.length; from += 500) {
        await store.change(keys.slice(from, from + 500).map((key) => ({ kind: 'delete', key })))
      }
      const reply = await store.changesSince(before)
      if (reply.kind === 'log') {
        assert.deepEqual(
          summary(reply.invalidations),
          keys.map((key) => `key ${key}`),
        )
      }
      const recent = await stampOf(store)
      await put(store, 'last')
      assert.deepEqual(summary(await toldSince(store, recent)), ['key last'])
    },
  },
]

const telling: readonly BackendCase[] = [
  {
    name: 'each kind of change is told, in order, with growing sequences',
    run: async (context) => {
      const store = context.store()
      await put(store, 'expired')
      const before = await stampOf(store)
      const applied: readonly Change[] = [
        { kind: 'set', key: 'set', entry: newEntry() },
        { kind: 'tags', tags: ['t', 'u'] },
        { kind: 'expire', key: 'expired', freshForMs: 0, keptForMs: 60_000 },
        { kind: 'clear' },
        { kind: 'delete', key: 'deleted' },
        { kind: 'set', key: 'set', entry: newEntry() },
      ]
      for (const change of applied) await changeOne(store, change)
      const told = await toldSince(store, before)
      assert.deepEqual(summary(told), [
        'key set',
        'tag t',
        'tag u',
        'key expired',
        'clear',
        'key deleted',
        'key set',
      ])
      const sequences = [before.sequence, ...told.map(({ sequence }) => sequence)]
      for (const [index, sequence] of sequences.slice(1).entries()) {
        assert.ok(sequence > (sequences[index] ?? 0), 'sequences should grow')
      }
    },
  },
  {
    name: 'the changes of a batch are told like single ones',
    run: async (context) => {
      const store = context.store()
      const before = await stampOf(store)
      await store.change([
        { kind: 'set', key: 'a', entry: newEntry() },
        { kind: 'delete', key: 'b' },
        { kind: 'tags', tags: ['t'] },
        { kind: 'set', key: 'c', entry: newEntry() },
      ])
      assert.deepEqual(summary(await toldSince(store, before)), ['key a', 'key b', 'tag t', 'key c'])
    },
  },
  {
    name: 'sequences have no gaps: each belongs to one invalidation',
    run: async (context) => {
      const store = context.store()
      const before = await stampOf(store)
      await store.change([
        ...batchOfAll,
        { kind: 'set', key: 'b', entry: newEntry(), when: { kind: 'absent' } },
      ])
      await put(store, 'last')
      let next = before.sequence + 1
      for (const { first, sequence } of await toldSince(store, before)) {
        assert.equal(first ?? sequence, next)
        next = sequence + 1
      }
      assert.equal((await stampOf(store)).sequence, next - 1)
    },
  },
  {
    name: 'a reply that names the sequences of its changes names those of the log',
    run: async (context) => {
      const store = context.store()
      await put(store, 'taken')
      const before = await stampOf(store)
      const refused: Change = { kind: 'set', key: 'taken', entry: newEntry(), when: { kind: 'absent' } }
      const changes = [refused, ...batchOfAll, refused]
      const { sequences, outcomes } = await store.change(changes)
      if (!sequences) return
      assert.deepEqual([outcomes.length, outcomes[0], sequences[0]], [changes.length, 'conflict', undefined])
      const told = await toldSince(store, before)
      for (const [index, change] of changes.entries()) {
        const sequence = sequences[index]
        if (sequence === undefined) continue
        const record = told.find(
          (each) => sequence >= (each.first ?? each.sequence) && sequence <= each.sequence,
        )
        assert.ok(
          record && namesOf(record).includes(nameOf(change)),
          `${change.kind} is told under its sequence`,
        )
      }
      const taken = sequences.filter((sequence) => sequence !== undefined)
      assert.equal(taken.length, (told.at(-1)?.sequence ?? 0) - before.sequence, 'every sequence is named')
    },
  },
  {
    name: 'from each stamp on the way, what is told is what came after it',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('k', 12)
      const stamps = [await stampOf(store)]
      for (const key of keys) stamps.push((await store.change([{ kind: 'delete', key }])).stamp)
      for (const [index, stamp] of stamps.entries()) {
        const expected = keys.slice(index).map((key) => `key ${key}`)
        assert.deepEqual(summary(await toldSince(store, stamp)), expected)
      }
    },
  },
  {
    name: 'a delete of nothing is told: another process may hold what was evicted here',
    run: async (context) => {
      const store = context.store()
      const before = await stampOf(store)
      assert.equal(await changeOne(store, { kind: 'delete', key: 'k' }), 'absent')
      assert.deepEqual(summary(await toldSince(store, before)), ['key k'])
    },
  },
  {
    name: 'the changes of other caches are not told',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      const before = await stampOf(store)
      const other = context.store({ cache: 'other' })
      await put(other, 'k')
      await changeOne(other, { kind: 'clear' })
      assert.deepEqual(await toldSince(store, before), [])
    },
  },
  {
    name: 'the changes of other versions of the cache are told',
    run: async (context) => {
      const store = context.store({ version: 1 })
      const before = await stampOf(store)
      await put(context.store({ version: 2 }), 'k')
      assert.deepEqual(summary(await toldSince(store, before)), ['key k'])
    },
  },
  {
    name: 'thousands of tags in one change are all told',
    run: async (context) => {
      const store = context.store()
      const before = await stampOf(store)
      const tags = keysNamed('tag', 10_000)
      await changeOne(store, { kind: 'tags', tags })
      const told = summary(await toldSince(store, before))
      assert.deepEqual(
        told,
        tags.map((tag) => `tag ${tag}`),
      )
    },
  },
]

export const changesSince: BackendConcern = { concern: 'changesSince', cases: [...positions, ...telling] }
