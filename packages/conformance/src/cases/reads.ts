import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { assertAbsent, assertFilled, keysNamed, present, put, putMany, readOne } from '../store-steps.ts'

const cases: readonly BackendCase[] = [
  {
    name: 'a missing key is undefined, not an error',
    run: async (context) => {
      await assertAbsent(context.store(), 'nothing')
    },
  },
  {
    name: 'entries follow the keys in order and number, repeated and missing ones too',
    run: async (context) => {
      const store = context.store()
      const a = await put(store, 'a', { payload: '1' })
      const b = await put(store, 'b', { payload: '2' })
      const { entries } = await store.read(['b', 'x', 'a', 'b'])
      assert.deepEqual(
        entries.map((entry) => entry?.revision),
        [b.revision, undefined, a.revision, b.revision],
      )
    },
  },
  {
    name: 'no keys give no entries',
    run: async (context) => {
      const { entries } = await context.store().read([])
      assert.deepEqual(entries, [])
    },
  },
  {
    name: 'what is read is what was written, field by field',
    run: async (context) => {
      const store = context.store()
      const written = newEntry({ format: 200, sizeBytes: 77, loadMs: 12.5, version: 7, tags: ['x', 'y'] })
      assert.deepEqual((await store.change([{ kind: 'set', key: 'k', entry: written }])).outcomes, [
        'applied',
      ])
      const read = await present(store, 'k')
      assert.equal(read.payload, written.payload)
      assert.equal(read.format, 200)
      assert.equal(read.sizeBytes, 77)
      assert.equal(read.loadMs, 12.5)
      assert.equal(read.revision, written.revision)
      assert.equal(read.version, 7)
      assert.deepEqual([...read.tags].sort(), ['x', 'y'])
    },
  },
  {
    name: 'a filled entry reads like a set one, version and tags included',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      const written = await assertFilled(store, 'k', lease, {
        version: 3,
        tags: ['x'],
        loadMs: 40,
        ageMs: 40,
      })
      const read = await present(store, 'k')
      assert.equal(read.revision, written.revision)
      assert.equal(read.version, 3)
      assert.deepEqual(read.tags, ['x'])
      assert.equal(read.loadMs, 40)
      assert.ok(read.ageMs >= 40)
      assert.equal(read.sequence, lease.sequence)
    },
  },
  {
    name: 'an entry without a version has none',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      assert.equal((await present(store, 'k')).version, undefined)
    },
  },
  {
    name: 'versions are exact up to the largest safe integer, and may be negative or fractions',
    run: async (context) => {
      const store = context.store()
      for (const version of [0, -1, 0.5, Date.UTC(2026, 0, 1), Number.MAX_SAFE_INTEGER]) {
        const key = `v${version}`
        await put(store, key, { version })
        assert.equal((await present(store, key)).version, version)
      }
    },
  },
  {
    name: 'every format from 0 to 255 is kept',
    run: async (context) => {
      const store = context.store()
      const formats = Array.from({ length: 256 }, (_, format) => format)
      await store.change(
        formats.map((format) => ({ kind: 'set', key: `f${format}`, entry: newEntry({ format }) })),
      )
      const { entries } = await store.read(formats.map((format) => `f${format}`))
      assert.deepEqual(
        entries.map((entry) => entry?.format),
        formats,
      )
    },
  },
  {
    name: 'thousands of keys are read in one call',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('k', 1000)
      await putMany(store, keys)
      const many = keysNamed('k', 40_000)
      const { entries } = await store.read(many)
      assert.equal(entries.length, 40_000)
      assert.equal(entries.filter((entry) => entry !== undefined).length, 1000)
      assert.ok(entries[999] && !entries[1000])
    },
  },
  {
    name: 'the caches of one backend do not see each other',
    run: async (context) => {
      const pairs = [
        ['a', 'b:c'],
        ['a:b', 'c'],
        ['ab', 'c'],
      ] as const
      for (const [cache, key] of pairs) await put(context.store({ cache }), key, { payload: `"${cache}"` })
      for (const [cache, key] of pairs) {
        assert.equal((await present(context.store({ cache }), key)).payload, `"${cache}"`)
      }
      await assertAbsent(context.store({ cache: 'a' }), 'c')
    },
  },
  {
    name: 'entries of another version of the cache are not read, though their keys are the same',
    run: async (context) => {
      const first = context.store({ version: 1 })
      const second = context.store({ version: 2 })
      await put(first, 'k')
      assert.equal(await readOne(second, 'k'), undefined)
      const reply = await second.acquire('k', { token: 'a-token-of-its-own', leaseMs: 1000 })
      assert.equal(reply.kind, 'lease')
    },
  },
]

export const reads: BackendConcern = { concern: 'reads', cases }
