import assert from 'node:assert/strict'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { assertFilled, assertRefused, changeOne, clear, present, put, stampOf } from '../store-steps.ts'

const granting: readonly BackendCase[] = [
  {
    name: 'a cold key gives the lease that was asked for, with the present stamp',
    run: async (context) => {
      const store = context.store()
      await put(store, 'other')
      const stamp = await stampOf(store)
      const lease = await leaseOn(store, 'k', { token: 'token-1' })
      assert.deepEqual(lease, { token: 'token-1', ...stamp })
    },
  },
  {
    name: 'while a lease is held others wait, and are told for how long',
    run: async (context) => {
      const store = context.store()
      await leaseOn(store, 'k', { leaseMs: 5000 })
      const reply = await store.acquire('k', leaseRequest())
      assert.equal(reply.kind, 'wait')
      if (reply.kind === 'wait') assert.ok(reply.remainingMs > 0 && reply.remainingMs <= 5000)
    },
  },
  {
    name: 'leases of different keys, caches and versions are independent',
    run: async (context) => {
      await leaseOn(context.store(), 'a')
      await leaseOn(context.store(), 'b')
      await leaseOn(context.store({ cache: 'other' }), 'a')
      await leaseOn(context.store({ version: 2 }), 'a')
    },
  },
  {
    name: 'a fresh entry is a hit and gives no lease',
    run: async (context) => {
      const store = context.store()
      const written = await put(store, 'k')
      const reply = await store.acquire('k', leaseRequest())
      assert.equal(reply.kind, 'hit')
      if (reply.kind === 'hit') assert.equal(reply.entry.revision, written.revision)
    },
  },
  {
    name: 'a stale entry comes with the lease for the first who asks, and without it for the others',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 0 })
      const first = await store.acquire('k', leaseRequest())
      const second = await store.acquire('k', leaseRequest())
      assert.ok(first.kind === 'stale' && first.lease)
      assert.ok(second.kind === 'stale' && !second.lease)
    },
  },
  {
    name: 'refresh treats a fresh entry as stale; others go on hitting it',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { payload: '1' })
      const first = await store.acquire('k', leaseRequest({ refresh: true }))
      assert.ok(first.kind === 'stale' && first.lease)
      const second = await store.acquire('k', leaseRequest({ refresh: true }))
      assert.ok(second.kind === 'stale' && !second.lease)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'hit')
      await assertFilled(store, 'k', first.lease, { payload: '2' })
      assert.equal((await present(store, 'k')).payload, '2')
    },
  },
]

const ending: readonly BackendCase[] = [
  {
    name: 'a lease ends by itself: another takes over, and the first can no longer fill',
    run: async (context) => {
      const store = context.store()
      const first = await leaseOn(store, 'k', { leaseMs: context.shortMs })
      await context.pass(context.shortMs)
      const second = await leaseOn(store, 'k')
      await assertRefused(store, 'k', first, { reasons: ['lease'] })
      await assertFilled(store, 'k', second)
    },
  },
  {
    name: 'a lease that ended cannot fill even if nobody took it over',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k', { leaseMs: context.shortMs })
      await context.pass(context.shortMs)
      await assertRefused(store, 'k', lease, { reasons: ['lease'] })
      await leaseOn(store, 'k')
    },
  },
  {
    name: 'an accepted fill ends the lease, so it fills once',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await assertFilled(store, 'k', lease, { freshForMs: 0 })
      await assertRefused(store, 'k', lease, { reasons: ['lease'] })
      await leaseOn(store, 'k')
    },
  },
  {
    name: 'a refused fill ends the lease',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await changeOne(store, { kind: 'tags', tags: ['t'] })
      await assertRefused(store, 'k', lease, { entry: { tags: ['t'] } })
      await leaseOn(store, 'k')
    },
  },
  {
    name: 'a set ends the lease: what is loading is older',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await put(store, 'k', { freshForMs: 0 })
      await leaseOn(store, 'k')
      await assertRefused(store, 'k', lease, { reasons: ['lease'] })
    },
  },
  {
    name: 'a delete ends the lease, also where there is no entry',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      assert.equal(await changeOne(store, { kind: 'delete', key: 'k' }), 'absent')
      const next = await leaseOn(store, 'k')
      await assertRefused(store, 'k', lease, { reasons: ['lease'] })
      await assertFilled(store, 'k', next)
    },
  },
  {
    name: 'an expire ends the lease',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 0 })
      const lease = await leaseOn(store, 'k')
      await changeOne(store, { kind: 'expire', key: 'k', freshForMs: 0, keptForMs: 60_000 })
      await leaseOn(store, 'k')
      await assertRefused(store, 'k', lease, { reasons: ['lease'] })
    },
  },
  {
    name: 'a clear ends all leases, so that nobody waits for a void one',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await clear(store)
      await leaseOn(store, 'k')
      await assertRefused(store, 'k', lease)
    },
  },
  {
    name: 'a delete of one key leaves the leases of others',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await changeOne(store, { kind: 'delete', key: 'k2' })
      await put(store, 'k3')
      await assertFilled(store, 'k', lease)
    },
  },
  {
    name: 'a change in one version of the cache ends the leases of the others',
    run: async (context) => {
      const first = context.store({ version: 1 })
      const second = context.store({ version: 2 })
      const leases = [await leaseOn(first, 'deleted'), await leaseOn(first, 'cleared')] as const
      await changeOne(second, { kind: 'delete', key: 'deleted' })
      await assertRefused(first, 'deleted', leases[0])
      await clear(second)
      await assertRefused(first, 'cleared', leases[1])
    },
  },
]

const holding: readonly BackendCase[] = [
  {
    name: 'a fill with a token of nobody is refused and leaves the lease to its holder',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await assertRefused(store, 'k', { ...lease, token: 'somebody-else' }, { reasons: ['lease'] })
      await assertFilled(store, 'k', lease)
    },
  },
  {
    name: 'a fill without any lease is refused',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'other')
      await assertRefused(store, 'k', lease, { reasons: ['lease'] })
    },
  },
  {
    name: 'a fill with another sequence than the lease was granted at is refused',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await assertRefused(store, 'k', { ...lease, sequence: lease.sequence + 1 }, { reasons: ['lease'] })
    },
  },
  {
    name: 'renewing prolongs a lease past its first end',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k', { leaseMs: context.shortMs * 4 })
      await context.pass(context.shortMs)
      assert.equal(await store.renew('k', lease, 60_000), true)
      await context.pass(context.shortMs * 4)
      assert.equal((await store.acquire('k', leaseRequest())).kind, 'wait')
      await assertFilled(store, 'k', lease)
    },
  },
  {
    name: 'renewing fails for a lease that ended, was taken over, or belongs to another',
    run: async (context) => {
      const store = context.store()
      const ended = await leaseOn(store, 'k', { leaseMs: context.shortMs })
      await context.pass(context.shortMs)
      assert.equal(await store.renew('k', ended, 60_000), false)
      const lease = await leaseOn(store, 'k')
      assert.equal(await store.renew('k', ended, 60_000), false)
      assert.equal(await store.renew('k', { ...lease, token: 'somebody-else' }, 60_000), false)
      await changeOne(store, { kind: 'delete', key: 'k' })
      assert.equal(await store.renew('k', lease, 60_000), false)
      await leaseOn(store, 'k')
    },
  },
  {
    name: 'renewing fails after a clear',
    run: async (context) => {
      const store = context.store()
      const lease = await leaseOn(store, 'k')
      await clear(store)
      assert.equal(await store.renew('k', lease, 60_000), false)
    },
  },
  {
    name: 'many leases are held at once',
    run: async (context) => {
      const store = context.store()
      const keys = Array.from({ length: 2000 }, (_, index) => `k${index}`)
      const leases = await Promise.all(keys.map((key) => leaseOn(store, key)))
      const replies = await Promise.all(
        keys.map((key, index) => store.fill(key, leases[index] ?? assert.fail(), newEntry())),
      )
      assert.ok(replies.every((reply) => reply.accepted))
    },
  },
]

export const leases: BackendConcern = { concern: 'leases', cases: [...granting, ...ending, ...holding] }
