import assert from 'node:assert/strict'
import { isCacheError } from '@cache/core'
import type { EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { assertAbsent, assertFilled, changeOne, present, put, readOne, scanSet } from '../store-steps.ts'

/** Keys that a careless store merges, truncates, rejects or runs. */
const hostileKeys: readonly string[] = [
  'a',
  'A',
  'b',
  ' a',
  'a ',
  '1',
  '01',
  '1.0',
  'true',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'a:b',
  'a::b',
  ':a',
  'a%3Ab',
  'a%',
  'a/b',
  '../a',
  'a|b',
  'a{b}',
  '{a}',
  'a\\b',
  'a\nb',
  'a\r\nb',
  'a\tb',
  'a\u0000b',
  'a\u0000',
  "a'b",
  "'; DROP TABLE entries; --",
  '"a"',
  '`a`',
  '$a',
  '*',
  'a*',
  'a?',
  'a[b]',
  'stra\u00dfe',
  'STRASSE',
  '\u00e9',
  'e\u0301',
  '\u0130',
  'i\u0307',
  '\u212a',
  'k',
  'K',
  '\u202ea',
  '\ufeffa',
  '\u{1f600}',
  '\u{10ffff}',
  '\uffff',
  '\u65e5\u672c\u8a9e',
  `${'x'.repeat(10_000)}1`,
  `${'x'.repeat(10_000)}2`,
  '\u65e5'.repeat(3000),
]

async function storeAll(store: EntryStore): Promise<void> {
  for (const [index, key] of hostileKeys.entries()) await put(store, key, { payload: `${index}` })
}

const keyCases: readonly BackendCase[] = [
  {
    name: 'odd keys are told apart when they are set and read',
    run: async (context) => {
      const store = context.store()
      await storeAll(store)
      const { entries } = await store.read(hostileKeys)
      assert.deepEqual(
        entries.map((entry) => entry?.payload),
        hostileKeys.map((_, index) => `${index}`),
      )
    },
  },
  {
    name: 'odd keys are told apart when they are deleted',
    run: async (context) => {
      const store = context.store()
      await storeAll(store)
      for (const [index, key] of hostileKeys.entries()) {
        assert.equal(await changeOne(store, { kind: 'delete', key }), 'applied', `key ${index}`)
        assert.equal(await store.count(), hostileKeys.length - index - 1)
      }
    },
  },
  {
    name: 'odd keys are told apart by leases, fills and conditions',
    run: async (context) => {
      const store = context.store()
      const leases = []
      for (const key of hostileKeys) leases.push(await leaseOn(store, key))
      for (const [index, key] of hostileKeys.entries()) {
        assert.equal((await store.acquire(key, leaseRequest())).kind, 'wait')
        await assertFilled(store, key, leases[index] ?? assert.fail(), { payload: `${index}` })
      }
      for (const [index, key] of hostileKeys.entries()) {
        assert.equal((await present(store, key)).payload, `${index}`)
        const change = { kind: 'set', key, entry: newEntry(), when: { kind: 'absent' } } as const
        assert.equal(await changeOne(store, change), 'conflict')
      }
    },
  },
  {
    name: 'odd keys are listed as they were given, page by page',
    run: async (context) => {
      const store = context.store()
      await storeAll(store)
      const expected = [...hostileKeys].sort()
      assert.deepEqual(await scanSet(store), expected)
      assert.deepEqual(await scanSet(store, { limit: 1 }), expected)
    },
  },
  {
    name: 'odd keys are told to others as they were given',
    run: async (context) => {
      const store = context.store()
      const { stamp } = await store.changesSince(undefined)
      for (const key of hostileKeys) await changeOne(store, { kind: 'delete', key })
      const reply = await store.changesSince(stamp)
      assert.equal(reply.kind, 'log')
      if (reply.kind !== 'log') return
      const told = reply.invalidations.flatMap((each) => (each.kind === 'keys' ? each.keys : []))
      assert.deepEqual(told, hostileKeys)
    },
  },
  {
    name: 'names of objects are not entries',
    run: async (context) => {
      const store = context.store()
      for (const key of ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
        await assertAbsent(store, key)
        assert.equal(await changeOne(store, { kind: 'delete', key }), 'absent')
      }
    },
  },
  {
    name: 'an empty key is a key like any other, or is refused as invalid',
    run: async (context) => {
      const store = context.store()
      await put(store, 'other')
      try {
        await put(store, '', { payload: '"empty"' })
        assert.equal((await present(store, '')).payload, '"empty"')
        assert.deepEqual(await scanSet(store), ['', 'other'])
      } catch (error) {
        assert.ok(isCacheError(error, 'INVALID_KEY'), String(error))
      }
      await present(store, 'other')
    },
  },
  {
    name: 'odd names of caches are told apart',
    run: async (context) => {
      const caches = ['a', 'A', 'a:b', 'a:b:c', 'ab', '__proto__', 'constructor', 'a-b', 'a_b', 'a.b']
      for (const cache of caches) await put(context.store({ cache }), 'k', { payload: `"${cache}"` })
      for (const cache of caches) {
        assert.equal((await present(context.store({ cache }), 'k')).payload, `"${cache}"`)
      }
      await changeOne(context.store({ cache: 'a' }), { kind: 'clear' })
      for (const cache of caches.slice(1)) await present(context.store({ cache }), 'k')
    },
  },
]

const oddNumbers = [Number.NaN, -1, Number.NEGATIVE_INFINITY]

const valueCases: readonly BackendCase[] = [
  {
    name: 'times that are no times are refused, or store nothing readable',
    run: async (context) => {
      const store = context.store()
      for (const [index, ms] of oddNumbers.entries()) {
        const entry = newEntry({ freshForMs: ms, keptForMs: ms })
        await tolerant(() => store.change([{ kind: 'set', key: `set${index}`, entry }]))
        assert.equal(await readOne(store, `set${index}`), undefined)
        const lease = await leaseOn(store, `filled${index}`)
        await tolerant(() => store.fill(`filled${index}`, lease, entry))
        assert.equal(await readOne(store, `filled${index}`), undefined)
      }
      await put(store, 'k')
      await present(store, 'k')
    },
  },
  {
    name: 'odd revisions, tokens and epochs are compared as they are',
    run: async (context) => {
      const store = context.store()
      for (const text of ["' OR 1=1 --", '', 'a|b', '*', '__proto__', '\u{1f600}']) {
        await put(store, 'k', { revision: `${text}1`, freshForMs: 0 })
        const when = { kind: 'revision', revision: text } as const
        assert.equal(await changeOne(store, { kind: 'delete', key: 'k', when }), 'conflict')
        const lease = await leaseOn(store, 'k', { token: `${text}1` })
        assert.equal(await store.renew('k', { ...lease, token: text }, 1000), false)
        assert.equal(await store.renew('k', { ...lease, epoch: text }, 1000), false)
        assert.equal(await store.renew('k', lease, 1000), true)
        assert.equal(await store.release('k', lease, { kind: 'free' }), true)
      }
    },
  },
  {
    name: 'a payload that no encoded store can take is refused, and the store goes on',
    needs: ['encoded'],
    run: async (context) => {
      const store = context.store()
      for (const payload of [undefined, null, 5, {}, Symbol('s')]) {
        const entry = { ...newEntry(), payload }
        await tolerant(() => store.change([{ kind: 'set', key: 'k', entry }]))
      }
      await put(store, 'k')
      await present(store, 'k')
    },
  },
]

/** The call succeeds, or is refused with a `CacheError`; nothing else. */
async function tolerant(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    assert.ok(isCacheError(error), `expected a CacheError, got ${String(error)}`)
  }
}

export const hostileInput: BackendConcern = { concern: 'hostile input', cases: [...keyCases, ...valueCases] }
