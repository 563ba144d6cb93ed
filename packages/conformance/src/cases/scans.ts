import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn } from '../case-context.ts'
import {
  assertFilled,
  changeOne,
  clear,
  invalidateTags,
  keysNamed,
  put,
  putMany,
  scanSet,
} from '../store-steps.ts'

/** Keys whose order differs between UTF-8 and UTF-16, and which pattern matching may misread. */
const oddKeys = [
  '%',
  '_',
  '*',
  '?',
  '[a]',
  '\\',
  "'",
  '"',
  'a',
  'A',
  'a%b',
  'a_b',
  'a*b',
  'axb',
  '\uffee',
  '\u{1f600}',
  '\u{1f600}x',
  '\u00e9',
]

const cases: readonly BackendCase[] = [
  {
    name: 'an empty cache has one empty page',
    run: async (context) => {
      assert.deepEqual(await context.store().scan({ limit: 10 }), { keys: [] })
    },
  },
  {
    name: 'every live key is listed, stale ones too',
    run: async (context) => {
      const store = context.store()
      await put(store, 'a')
      await put(store, 'b', { freshForMs: 0 })
      assert.deepEqual(await scanSet(store), ['a', 'b'])
    },
  },
  {
    name: 'keys that are gone, deleted, void or of another version are not listed',
    run: async (context) => {
      const store = context.store()
      await put(store, 'cleared')
      await clear(store)
      await put(store, 'gone', { freshForMs: 0, keptForMs: context.shortMs })
      await put(store, 'void', { tags: ['t'] })
      await put(store, 'deleted')
      await put(store, 'live')
      await put(context.store({ version: 2 }), 'of another version')
      await invalidateTags(store, ['t'])
      await changeOne(store, { kind: 'delete', key: 'deleted' })
      await context.pass(context.shortMs)
      assert.deepEqual(await scanSet(store), ['live'])
    },
  },
  {
    name: 'a prefix is text, not a pattern',
    run: async (context) => {
      const store = context.store()
      await putMany(store, oddKeys)
      for (const prefix of ['', ...oddKeys]) {
        const expected = oddKeys.filter((key) => key.startsWith(prefix)).sort()
        assert.deepEqual(await scanSet(store, { prefix }), expected, `prefix ${JSON.stringify(prefix)}`)
      }
    },
  },
  {
    name: 'pages of any size list every key and come to an end',
    run: async (context) => {
      const store = context.store()
      const keys = [...keysNamed('k', 95), ...oddKeys].sort()
      await putMany(store, keys)
      for (const limit of [1, 2, 10, 95, 1000]) assert.deepEqual(await scanSet(store, { limit }), keys)
    },
  },
  {
    name: 'pages of a prefix and a tag list what has both',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('a', 25)
      await putMany(store, keys, { tags: ['t'] })
      await putMany(store, keysNamed('b', 25), { tags: ['t'] })
      await putMany(store, keysNamed('ac', 25), { tags: ['u'] })
      assert.deepEqual(await scanSet(store, { prefix: 'a', tag: 't', limit: 4 }), keys)
    },
  },
  {
    name: 'keys that live throughout a scan are listed whatever happens to others meanwhile',
    run: async (context) => {
      const store = context.store()
      const staying = keysNamed('stay', 60)
      const leaving = keysNamed('leave', 60)
      await putMany(store, [...staying, ...leaving])
      const found: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 1000; page++) {
        const reply = await store.scan({ limit: 7, cursor })
        found.push(...reply.keys)
        cursor = reply.cursor
        if (cursor === undefined) break
        await disturb(page)
      }
      assert.equal(cursor, undefined, 'the scan should end')
      for (const key of staying) assert.ok(found.includes(key), `${key} was not listed`)

      async function disturb(page: number): Promise<void> {
        const key = leaving[page]
        if (key !== undefined) await changeOne(store, { kind: 'delete', key })
        if (page % 3 === 0) await put(store, `new${page}`)
        await store.read([staying[(page * 13) % 60] ?? ''])
      }
    },
  },
  {
    name: 'the keys of leases are listed apart, while they are held and no longer',
    run: async (context) => {
      const store = context.store()
      await put(store, 'entry')
      await leaseOn(store, 'short', { leaseMs: context.shortMs })
      await context.pass(context.shortMs)
      const filled = await leaseOn(store, 'filled')
      await assertFilled(store, 'filled', filled)
      const skipped = await leaseOn(store, 'skipped')
      await store.release('skipped', skipped, { kind: 'unstored', forMs: 60_000, tags: [] })
      await leaseOn(store, 'deleted')
      await changeOne(store, { kind: 'delete', key: 'deleted' })
      await leaseOn(context.store({ version: 2 }), 'of another version')
      for (const key of ['held', 'held too', 'odd%']) await leaseOn(store, key)
      for (const limit of [1, 2, 10])
        assert.deepEqual(await scanSet(store, { of: 'leases', limit }), ['held', 'held too', 'odd%'])
      assert.deepEqual(await scanSet(store, { of: 'leases', prefix: 'held' }), ['held', 'held too'])
      assert.deepEqual(await scanSet(store), ['entry', 'filled'])
    },
  },
  {
    name: 'a lease that is held throughout a scan is listed, whatever else comes and goes',
    run: async (context) => {
      const store = context.store()
      const held = keysNamed('held', 30)
      for (const key of held) await leaseOn(store, key)
      const found: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 1000; page++) {
        const reply = await store.scan({ of: 'leases', limit: 4, cursor })
        found.push(...reply.keys)
        cursor = reply.cursor
        if (cursor === undefined) break
        const passing = await leaseOn(store, `held${page}`)
        if (page % 2 === 0) await assertFilled(store, `held${page}`, passing)
      }
      for (const key of held) assert.ok(found.includes(key), `${key} was not listed`)
    },
  },
  {
    name: 'two scans at a time do not disturb each other',
    run: async (context) => {
      const store = context.store()
      const keys = keysNamed('k', 40)
      await putMany(store, keys)
      await putMany(store, keysNamed('other', 40))
      const scans = [scanSet(store, { prefix: 'k', limit: 3 }), scanSet(store, { prefix: 'other', limit: 5 })]
      const [first, second] = await Promise.all(scans)
      assert.deepEqual(first, keys)
      assert.deepEqual(second, keysNamed('other', 40))
    },
  },
  {
    name: 'count is the number of live entries',
    run: async (context) => {
      const store = context.store()
      assert.equal(await store.count(), 0)
      await putMany(store, keysNamed('k', 20))
      assert.equal(await store.count(), 20)
      await put(store, 'k000000')
      assert.equal(await store.count(), 20)
      await changeOne(store, { kind: 'delete', key: 'k000000' })
      assert.equal(await store.count(), 19)
    },
  },
  {
    name: 'count after a clear is that of the new entries',
    run: async (context) => {
      const store = context.store()
      await putMany(store, keysNamed('k', 20))
      await clear(store)
      await put(store, 'k')
      await store.purge(1000)
      assert.deepEqual(await scanSet(store), ['k'])
    },
  },
]

export const scans: BackendConcern = { concern: 'scans', cases }
