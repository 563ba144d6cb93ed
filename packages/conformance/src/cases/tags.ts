import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import {
  assertAbsent,
  assertFilled,
  changeOne,
  invalidateTags,
  keysNamed,
  present,
  put,
  readOne,
  scanSet,
} from '../store-steps.ts'

/** Tags that a careless store mixes up or chokes on. */
const hostileTags = [
  '',
  ' ',
  'a',
  'A',
  'ab',
  'a:b',
  'a|b',
  'a,b',
  'a%',
  '*',
  '__proto__',
  'constructor',
  'toString',
  "'; DROP TABLE entries; --",
  '"quoted"',
  '\u00e9',
  'e\u0301',
  '😀',
  'line\nbreak',
  'x'.repeat(1000),
]

const voiding: readonly BackendCase[] = [
  {
    name: 'an invalidated tag voids every entry that carries it and no other',
    run: async (context) => {
      const store = context.store()
      await put(store, 'one', { tags: ['t'] })
      await put(store, 'two', { tags: ['s', 't', 'u'] })
      await put(store, 'other', { tags: ['s', 'u'] })
      await put(store, 'none')
      await invalidateTags(store, ['t'])
      await assertAbsent(store, 'one')
      await assertAbsent(store, 'two')
      await present(store, 'other')
      await present(store, 'none')
    },
  },
  {
    name: 'several tags are invalidated in one change',
    run: async (context) => {
      const store = context.store()
      for (const tag of ['a', 'b', 'c']) await put(store, tag, { tags: [tag] })
      await invalidateTags(store, ['a', 'c', 'unknown'])
      await assertAbsent(store, 'a')
      await present(store, 'b')
      await assertAbsent(store, 'c')
    },
  },
  {
    name: 'stale entries are voided too: invalidated data is never served',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t'], freshForMs: 0 })
      await invalidateTags(store, ['t'])
      await assertAbsent(store, 'k')
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'lease')
    },
  },
  {
    name: 'a void entry is a cold key to acquire',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t'] })
      await invalidateTags(store, ['t'])
      const lease = await leaseOn(store, 'k')
      await assertFilled(store, 'k', lease, { tags: ['t'] })
      await present(store, 'k')
    },
  },
  {
    name: 'what is written after the invalidation holds, until the next one',
    run: async (context) => {
      const store = context.store()
      for (let round = 0; round < 3; round++) {
        await put(store, 'k', { tags: ['t'] })
        await present(store, 'k')
        await invalidateTags(store, ['t'])
        await assertAbsent(store, 'k')
      }
    },
  },
  {
    name: 'a tag of another cache is another tag',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t'] })
      await invalidateTags(context.store({ cache: 'other' }), ['t'])
      await present(store, 'k')
    },
  },
  {
    name: 'an entry that was rewritten without a tag no longer depends on it',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['old'] })
      await put(store, 'k', { tags: ['new'] })
      await invalidateTags(store, ['old'])
      await present(store, 'k')
    },
  },
  {
    name: 'an entry with other times still depends on its tags',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t'] })
      await changeOne(store, { kind: 'expire', key: 'k', freshForMs: 60_000, keptForMs: 60_000 })
      await invalidateTags(store, ['t'])
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'a void entry stays void when its tags are forgotten among many others',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t'] })
      await put(store, 'unrecorded', { tags: ['never-invalidated-before'] })
      await invalidateTags(store, ['t', 'never-invalidated-before'])
      for (const batch of [0, 1, 2, 3]) await invalidateTags(store, keysNamed(`flood${batch}-`, 5000))
      await assertAbsent(store, 'k')
      await assertAbsent(store, 'unrecorded')
      await put(store, 'k', { tags: ['t'] })
      await present(store, 'k')
    },
  },
]

const odd: readonly BackendCase[] = [
  {
    name: 'odd tags are told apart',
    run: async (context) => {
      const store = context.store()
      for (const [index, tag] of hostileTags.entries()) await put(store, `k${index}`, { tags: [tag] })
      for (const [index, tag] of hostileTags.entries()) {
        await present(store, `k${index}`)
        assert.deepEqual(await scanSet(store, { tag }), [`k${index}`])
        await invalidateTags(store, [tag])
        assert.equal(await readOne(store, `k${index}`), undefined, `tag ${index} should be void`)
      }
    },
  },
  {
    name: 'tags are read back as they were written',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: hostileTags })
      assert.deepEqual([...(await present(store, 'k')).tags].sort(), [...hostileTags].sort())
    },
  },
  {
    name: 'a tag given twice counts once',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t', 't'] })
      await present(store, 'k')
      assert.deepEqual(await scanSet(store, { tag: 't' }), ['k'])
      await invalidateTags(store, ['t', 't'])
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'an entry may carry a thousand tags, and any of them voids it',
    run: async (context) => {
      const store = context.store()
      const tags = keysNamed('tag', 1000)
      for (const tag of ['tag000000', 'tag000500', 'tag000999']) {
        await put(store, 'k', { tags })
        assert.equal((await present(store, 'k')).tags.length, 1000)
        await invalidateTags(store, [tag])
        await assertAbsent(store, 'k')
      }
    },
  },
  {
    name: 'a thousand entries with one tag go at once',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('k', 1000)
      await store.change(keys.map((key) => ({ kind: 'set', key, entry: newEntry({ tags: ['t'] }) })))
      await invalidateTags(store, ['t'])
      const { entries } = await store.read(keys)
      assert.ok(entries.every((entry) => entry === undefined))
    },
  },
]

const members: readonly BackendCase[] = [
  {
    name: 'the members of a tag are its live entries: no void, gone, deleted or rewritten one is listed',
    run: async (context) => {
      const store = context.store()
      for (const key of ['kept', 'deleted', 'rewritten', 'void']) await put(store, key, { tags: ['t', key] })
      await put(store, 'gone', { tags: ['t'], freshForMs: context.shortMs, keptForMs: context.shortMs })
      await put(store, 'stale', { tags: ['t'], freshForMs: 0 })
      await put(store, 'untagged')
      await changeOne(store, { kind: 'delete', key: 'deleted' })
      await put(store, 'rewritten', { tags: ['other'] })
      await invalidateTags(store, ['void'])
      await context.pass(context.shortMs)
      assert.deepEqual(await scanSet(store, { tag: 't' }), ['kept', 'stale'])
      await invalidateTags(store, ['t'])
      assert.deepEqual(await scanSet(store, { tag: 't' }), [])
    },
  },
  {
    name: 'the members of a tag that nothing carries are none',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { tags: ['t'] })
      assert.deepEqual(await scanSet(store, { tag: 'u' }), [])
    },
  },
]

export const tags: BackendConcern = { concern: 'tags', cases: [...voiding, ...odd, ...members] }
