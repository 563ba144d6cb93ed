import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { assertFilled, changeOne, clear, invalidateTags, put } from '../store-steps.ts'

const cases: readonly BackendCase[] = [
  {
    name: 'a free release lets the next caller load at once',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      assert.equal(await store.release('k', lease, { kind: 'free' }), true)
      await assertFilled(store, 'k', await leaseOn(store, 'k'))
    },
  },
  {
    name: 'a release by another than the holder does nothing and says so',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      assert.equal(await store.release('k', { ...lease, token: 'somebody-else' }, { kind: 'free' }), false)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'wait')
      await assertFilled(store, 'k', lease)
      assert.equal(await store.release('k', lease, { kind: 'free' }), false)
    },
  },
  {
    name: 'a release after the key was deleted does nothing, and leaves no marker',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await changeOne(store, { kind: 'delete', key: 'k' })
      assert.equal(await store.release('k', lease, { kind: 'unstored', forMs: 60_000, tags: [] }), false)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'lease')
    },
  },
  {
    name: 'an unstored result lets all callers load in parallel for a while, then one again',
    run: async (context) => {
      const store = context.store()
      for (const [key, forMs] of [
        ['k', 60_000],
        ['short', context.shortMs],
      ] as const) {
        const lease = await leaseOn(store, key)
        assert.equal(await store.release(key, lease, { kind: 'unstored', forMs, tags: ['t'] }), true)
      }
      const first = await store.acquire('k', leaseRequest())
      const second = await store.acquire('k', leaseRequest())
      assert.deepEqual([first.kind, second.kind], ['unstored', 'unstored'])
      await context.pass(context.shortMs)
      await leaseOn(store, 'short')
    },
  },
  {
    name: 'an unstored result whose tag was invalidated meanwhile is refused, and the lease is free',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await invalidateTags(store, ['t'])
      const end = { kind: 'unstored', forMs: 60_000, tags: ['t', 'u'] } as const
      assert.equal(await store.release('k', lease, end), false)
      await leaseOn(store, 'k')
    },
  },
  {
    name: 'a delete, a set and a clear end the marker of an unstored result',
    run: async (context) => {
      const store = context.store()
      const changes = [{ kind: 'delete', key: 'k' }, { kind: 'clear' }] as const
      for (const change of changes) {
        await store.release('k', await leaseOn(store, 'k'), { kind: 'unstored', forMs: 60_000, tags: [] })
        await changeOne(store, change)
        assert.equal((await store.acquire('k', leaseRequest())).kind, 'lease')
        await clear(store)
      }
      await store.release('k', await leaseOn(store, 'k'), { kind: 'unstored', forMs: 60_000, tags: [] })
      await put(store, 'k')
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'hit')
    },
  },
  {
    name: 'a throttled refresh gives the stale entry to all and the lease to none, until its time is over',
    run: async (context) => {
      const store = context.store()
      for (const [key, forMs] of [
        ['k', 60_000],
        ['short', context.shortMs],
      ] as const) {
        await put(store, key, { freshForMs: 0 })
        assert.equal(await store.release(key, await leaseOn(store, key), { kind: 'throttle', forMs }), true)
      }
      const throttled = await store.acquire('k', leaseRequest())
      assert.ok(throttled.kind === 'stale' && !throttled.lease)
      await context.pass(context.shortMs)
      await leaseOn(store, 'short')
    },
  },
  {
    name: 'a throttle does not keep a cold key from being loaded',
    run: async (context) => {
      const store = context.store()
      await store.release('k', await leaseOn(store, 'k'), { kind: 'throttle', forMs: 60_000 })
      await assertFilled(store, 'k', await leaseOn(store, 'k'))
    },
  },
]

export const releases: BackendConcern = { concern: 'releases', cases }
