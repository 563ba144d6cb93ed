import assert from 'node:assert/strict'
import type { Change, EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { seededRandom, type Random } from '../seeded-random.ts'
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

const cases: readonly BackendCase[] = [
  {
    name: 'a fill does not advance the sequence and is not told to others',
    run: async (context) => {
      const store = context.store()
      const before = await stampOf(store)
      await assertFilled(store, 'k', await leaseOn(store, 'k'))
      assert.deepEqual(await stampOf(store), before)
      assert.deepEqual(await toldSince(store, before), [])
    },
  },
  {
    name: 'a fill of another epoch is refused',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await assertRefused(store, 'k', { ...lease, epoch: `${lease.epoch}x` }, { reasons: ['epoch', 'lease'] })
    },
  },
  {
    name: 'a fill is refused when one of its tags was invalidated after the lease',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await invalidateTags(store, ['b'])
      await assertRefused(store, 'k', lease, { reasons: ['invalidated'], entry: { tags: ['a', 'b'] } })
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'a fill is accepted when only other tags were invalidated after the lease',
    run: async (context) => {
      const store = context.store()
      await invalidateTags(store, ['a'])
      await put(store, 'known', { tags: ['a'] })
      const lease = await leaseOn(store, 'k')
      await invalidateTags(store, ['b'])
      await assertFilled(store, 'k', lease, { tags: ['a'] })
      await present(store, 'k')
    },
  },
  {
    name: 'a fill without tags is accepted whatever tags were invalidated',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await invalidateTags(store, ['a'])
      await assertFilled(store, 'k', lease)
      await present(store, 'k')
    },
  },
  {
    name: 'a fill is accepted when its tag was invalidated before the lease',
    run: async (context) => {
      const store = context.store()
      await invalidateTags(store, ['a'])
      await assertFilled(store, 'k', await leaseOn(store, 'k'), { tags: ['a'] })
      await present(store, 'k')
    },
  },
  {
    name: 'an invalidated tag is remembered, or counts as invalidated, however many others follow',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await invalidateTags(store, ['a'])
      for (const batch of [0, 1, 2, 3]) await invalidateTags(store, keysNamed(`flood${batch}-`, 5000))
      await assertRefused(store, 'k', lease, { entry: { tags: ['a'] } })
    },
  },
  {
    name: 'a fill is refused after a clear, though the cache is filled anew since',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await clear(store)
      await put(store, 'other')
      await assertRefused(store, 'k', lease)
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'a fill with a lower version than the stored entry is refused and ends its lease',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { payload: '"newer"', version: 2, freshForMs: 0 })
      await assertRefused(store, 'k', await leaseOn(store, 'k'), {
        reasons: ['version'],
        entry: { version: 1 },
      })
      assert.equal((await present(store, 'k')).payload, '"newer"')
      await assertFilled(store, 'k', await leaseOn(store, 'k'), { version: 2, freshForMs: 0 })
      await assertFilled(store, 'k', await leaseOn(store, 'k'), { version: 3, freshForMs: 0 })
      await assertFilled(store, 'k', await leaseOn(store, 'k'))
    },
  },
  {
    name: 'a fill replaces a stale entry',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 0, tags: ['old'] })
      const written = await assertFilled(store, 'k', await leaseOn(store, 'k'), {
        payload: '2',
        tags: ['new'],
      })
      const reply = await store.acquire('k', leaseRequest())
      assert.equal(reply.kind, 'hit')
      if (reply.kind === 'hit') assert.equal(reply.entry.revision, written.revision)
    },
  },
  {
    name: 'a fill that is kept for no time is accepted and not readable',
    run: async (context) => {
      const store = context.store()
      await assertFilled(store, 'k', await leaseOn(store, 'k'), { freshForMs: 0, keptForMs: 0 })
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'a filled entry is void after its tag, its key or the cache is invalidated',
    run: async (context) => {
      const store = context.store()
      const invalidations: readonly Change[] = [
        { kind: 'tags', tags: ['t'] },
        { kind: 'delete', key: 'k' },
        { kind: 'clear' },
      ]
      for (const change of invalidations) {
        await assertFilled(store, 'k', await leaseOn(store, 'k'), { tags: ['s', 't'] })
        await present(store, 'k')
        await changeOne(store, change)
        await assertAbsent(store, 'k')
      }
    },
  },
  {
    name: 'a fill that races an invalidation always loses, in any order of steps',
    run: async (context) => {
      for (let seed = 1; seed <= 150; seed++) await raceFills(context.store({ cache: `race:s${seed}` }), seed)
    },
  },
]

/** Random steps on a few keys; a fill may be accepted only if nothing touched it since its lease. */
async function raceFills(store: EntryStore, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const loads: Loads = new Map()
  for (let step = 0; step < 30; step++) {
    const key = `k${random.below(3)}`
    const load = loads.get(key)
    if (random.below(2) === 0) await invalidateSomething(store, random, loads)
    else if (load) {
      loads.delete(key)
      await load.fill(!load.touched)
    } else await beginLoad(store, key, loads)
  }
}

type Loads = Map<string, { readonly fill: (expected: boolean) => Promise<void>; touched: boolean }>

/** Every key `kN` carries the tag `tN`. */
function tagOf(key: string): string {
  return key.replace('k', 't')
}

async function beginLoad(store: EntryStore, key: string, loads: Loads): Promise<void> {
  await changeOne(store, { kind: 'delete', key })
  const lease = await leaseOn(store, key)
  const fill = async (expected: boolean): Promise<void> => {
    const entry = newEntry({ tags: [tagOf(key)], payload: `"${lease.token}"` })
    const reply = await store.fill(key, lease, entry)
    if (!expected) assert.equal(reply.accepted, false, 'a fill won against an invalidation')
    const [found] = (await store.read([key])).entries
    assert.equal(found?.payload === entry.payload, reply.accepted, 'what is readable is what was accepted')
  }
  loads.set(key, { fill, touched: false })
}

async function invalidateSomething(store: EntryStore, random: Random, loads: Loads): Promise<void> {
  const key = `k${random.below(3)}`
  const changes: readonly Change[] = [
    { kind: 'delete', key },
    { kind: 'tags', tags: [tagOf(key)] },
    { kind: 'set', key, entry: newEntry() },
    { kind: 'clear' },
  ]
  const change = changes[random.below(changes.length)] ?? assert.fail()
  await changeOne(store, change)
  for (const [loading, load] of loads) if (change.kind === 'clear' || loading === key) load.touched = true
}

export const fills: BackendConcern = { concern: 'fills', cases }
