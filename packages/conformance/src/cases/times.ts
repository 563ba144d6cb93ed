import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { assertAbsent, assertFilled, changeOne, present, put, readOne } from '../store-steps.ts'

const dayMs = 86_400_000

const living: readonly BackendCase[] = [
  {
    name: 'an entry is fresh, then stale, then gone',
    run: async (context) => {
      const store = context.store()
      const freshForMs = context.shortMs
      await put(store, 'k', { freshForMs, keptForMs: 3_600_000 })
      await put(store, 'short', { freshForMs, keptForMs: freshForMs * 2 })
      await put(store, 'long')
      assert.equal((await store.acquire('long', leaseRequest())).kind, 'hit')
      await context.pass(freshForMs)
      assert.ok((await present(store, 'k')).freshForMs <= 0)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'stale')
      await context.pass(freshForMs)
      await assertAbsent(store, 'short')
      assert.equal((await store.acquire('short', leaseRequest())).kind, 'lease')
    },
  },
  {
    name: 'times are exact to the millisecond, and an end belongs to what comes after it',
    needs: ['injected-time'],
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 1000, keptForMs: 5000, ageMs: 250 })
      await context.pass(999)
      assert.deepEqual(timesOf(await readOne(store, 'k')), [1, 4001, 1249])
      await context.pass(1)
      assert.deepEqual(timesOf(await readOne(store, 'k')), [0, 4000, 1250])
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'stale')
      await context.pass(3999)
      assert.deepEqual(timesOf(await readOne(store, 'k')), [-3999, 1, 5249])
      await context.pass(1)
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'a millisecond is a time to live',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 1, keptForMs: 1 })
      await assertFilled(store, 'filled', await leaseOn(store, 'filled'), { freshForMs: 1, keptForMs: 1 })
      await context.pass(1)
      await assertAbsent(store, 'k')
      await assertAbsent(store, 'filled')
    },
  },
  {
    name: 'a fraction of a millisecond ends',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 0.5, keptForMs: 0.5 })
      await context.pass(1)
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'an entry of 30 days is read with the time that remains',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 30 * dayMs, keptForMs: 60 * dayMs })
      const { freshForMs, keptForMs } = await present(store, 'k')
      assert.ok(freshForMs > 29 * dayMs && freshForMs <= 30 * dayMs)
      assert.ok(keptForMs > 59 * dayMs && keptForMs <= 60 * dayMs)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'hit')
    },
  },
  {
    name: 'an entry of 30 days lives for 30 days and no longer',
    needs: ['injected-time'],
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 30 * dayMs, keptForMs: 30 * dayMs })
      await context.pass(30 * dayMs - 1)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'hit')
      await context.pass(1)
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'Infinity is for ever, and is read as such',
    run: async (context) => {
      const store = context.store()
      const forever = { freshForMs: Number.POSITIVE_INFINITY, keptForMs: Number.POSITIVE_INFINITY }
      await put(store, 'k', forever)
      await assertFilled(store, 'filled', await leaseOn(store, 'filled'), forever)
      for (const key of ['k', 'filled']) {
        const entry = await present(store, key)
        assert.equal(entry.freshForMs, Number.POSITIVE_INFINITY)
        assert.equal(entry.keptForMs, Number.POSITIVE_INFINITY)
      }
    },
  },
  {
    name: 'an entry for ever outlives years, one that is fresh for a day is stale by then',
    needs: ['injected-time'],
    run: async (context) => {
      const store = context.store()
      await put(store, 'ever', { freshForMs: Number.POSITIVE_INFINITY, keptForMs: Number.POSITIVE_INFINITY })
      await put(store, 'day', { freshForMs: dayMs, keptForMs: Number.POSITIVE_INFINITY })
      await context.pass(2000 * dayMs)
      await store.purge(100)
      assert.equal((await store.acquire('ever', leaseRequest())).kind, 'hit')
      assert.equal((await present(store, 'day')).freshForMs, -1999 * dayMs)
    },
  },
  {
    name: 'a time too long to add up is as good as for ever',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: Number.MAX_SAFE_INTEGER, keptForMs: Number.MAX_VALUE })
      assert.ok((await present(store, 'k')).freshForMs > 1000 * dayMs)
    },
  },
  {
    name: 'an entry that is kept for no time is not readable, and replaces what was there',
    run: async (context) => {
      const store = context.store()
      for (const keptForMs of [0, -1, Number.NEGATIVE_INFINITY]) {
        await put(store, 'k')
        await changeOne(store, {
          kind: 'set',
          key: 'k',
          entry: newEntry({ freshForMs: keptForMs, keptForMs }),
        })
        await assertAbsent(store, 'k')
      }
    },
  },
  {
    name: 'age counts from the start of the load and grows',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { ageMs: 500 })
      const first = (await present(store, 'k')).ageMs
      await context.pass(context.shortMs)
      const second = (await present(store, 'k')).ageMs
      assert.ok(first >= 500)
      assert.ok(second >= first + context.shortMs)
    },
  },
  {
    name: 'a wall clock that is set back does not prolong an entry or a lease',
    needs: ['injected-time'],
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 1000, keptForMs: 1000 })
      const lease = await leaseOn(store, 'leased', { leaseMs: 1000 })
      context.stepWall(-dayMs)
      await context.pass(1000)
      await assertAbsent(store, 'k')
      assert.equal((await store.fill('leased', lease, newEntry())).accepted, false)
    },
  },
  {
    name: 'a wall clock that is set forward does not end what is still to live',
    needs: ['injected-time', 'volatile'],
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 10_000, keptForMs: 10_000 })
      context.stepWall(dayMs)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'hit')
    },
  },
  {
    name: 'a wall clock that is set prolongs nothing stored, and what is written afterwards lives for its time',
    needs: ['injected-time', 'persistent'],
    run: async (context) => {
      const store = context.store()
      for (const stepMs of [dayMs, -dayMs, -dayMs]) {
        await put(store, 'before', { freshForMs: 1000, keptForMs: 1000 })
        context.stepWall(stepMs)
        await put(store, 'after', { freshForMs: 1000, keptForMs: 1000 })
        await context.pass(999)
        assert.equal((await present(store, 'after')).freshForMs, 1)
        await context.pass(1)
        await assertAbsent(store, 'before')
        await assertAbsent(store, 'after')
      }
    },
  },
]

const expiring: readonly BackendCase[] = [
  {
    name: 'expire gives new times and leaves payload, tags, version and age',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { payload: '"p"', tags: ['t'], version: 4, ageMs: 1000, loadMs: 9, format: 3 })
      const change = { kind: 'expire', key: 'k', freshForMs: 10 * dayMs, keptForMs: 20 * dayMs } as const
      assert.equal(await changeOne(store, change), 'applied')
      const entry = await present(store, 'k')
      assert.ok(entry.freshForMs > 9 * dayMs && entry.keptForMs > 19 * dayMs)
      assert.ok(entry.ageMs >= 1000)
      assert.deepEqual([entry.payload, entry.format, entry.version, entry.loadMs], ['"p"', 3, 4, 9])
      assert.deepEqual(entry.tags, ['t'])
    },
  },
  {
    name: 'expire with no fresh time makes an entry stale at once',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      await changeOne(store, { kind: 'expire', key: 'k', freshForMs: 0, keptForMs: 60_000 })
      assert.ok((await present(store, 'k')).freshForMs <= 0)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'stale')
    },
  },
  {
    name: 'expire with no time at all removes the entry',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      await changeOne(store, { kind: 'expire', key: 'k', freshForMs: 0, keptForMs: 0 })
      await assertAbsent(store, 'k')
    },
  },
  {
    name: 'expire can make an entry last for ever, or end it sooner',
    run: async (context) => {
      const store = context.store()
      await put(store, 'shorter', {
        freshForMs: Number.POSITIVE_INFINITY,
        keptForMs: Number.POSITIVE_INFINITY,
      })
      const ever = Number.POSITIVE_INFINITY
      const shortMs = context.shortMs * 4
      await put(store, 'longer', { freshForMs: shortMs, keptForMs: shortMs })
      await changeOne(store, { kind: 'expire', key: 'longer', freshForMs: ever, keptForMs: ever })
      await changeOne(store, { kind: 'expire', key: 'shorter', freshForMs: shortMs, keptForMs: shortMs })
      await context.pass(shortMs)
      await store.purge(100)
      assert.equal((await present(store, 'longer')).freshForMs, ever)
      await assertAbsent(store, 'shorter')
    },
  },
  {
    name: 'expire of nothing live is absent, and brings nothing back',
    run: async (context) => {
      const store = context.store()
      await put(store, 'gone', { freshForMs: 0, keptForMs: context.shortMs })
      await put(store, 'void', { tags: ['t'] })
      await changeOne(store, { kind: 'tags', tags: ['t'] })
      await context.pass(context.shortMs)
      for (const key of ['never', 'gone', 'void']) {
        const outcome = await changeOne(store, { kind: 'expire', key, freshForMs: 60_000, keptForMs: 60_000 })
        assert.equal(outcome, 'absent')
        await assertAbsent(store, key)
      }
    },
  },
]

function timesOf(entry: Awaited<ReturnType<typeof readOne>>): readonly (number | undefined)[] {
  return [entry?.freshForMs, entry?.keptForMs, entry?.ageMs]
}

export const times: BackendConcern = { concern: 'times', cases: [...living, ...expiring] }
