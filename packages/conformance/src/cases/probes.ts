import assert from 'node:assert/strict'
import type { Change, EntryStore } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest, type CaseContext } from '../case-context.ts'
import { newEntry } from '../new-entry.ts'
import { assertFilled, changeOne, put, stampOf } from '../store-steps.ts'

/** How much later than it could a store may tell that a lease has ended. */
const patienceMs = 100
const longMs = 3_600_000

const changesOfEachKind: readonly Change[] = [
  { kind: 'set', key: 'k', entry: newEntry() },
  { kind: 'expire', key: 'k', freshForMs: 0, keptForMs: 1000 },
  { kind: 'delete', key: 'k' },
  { kind: 'delete', key: 'nothing is there' },
  { kind: 'tags', tags: ['t'] },
  { kind: 'clear' },
]

/** `unchangedSince`, if the store has it, says of each change that it was made. */
async function tellsOfChanges(reader: EntryStore, writer: EntryStore): Promise<void> {
  const { unchangedSince } = reader
  if (!unchangedSince) return
  await writer.change([])
  for (const change of changesOfEachKind) {
    const stamp = await stampOf(reader)
    await changeOne(writer, change)
    assert.equal(unchangedSince.call(reader, stamp), false, `after '${change.kind}'`)
    assert.equal(unchangedSince.call(reader, await stampOf(reader)), true, `once '${change.kind}' is known`)
  }
}

const changeProbes: readonly BackendCase[] = [
  {
    name: 'unchangedSince holds until something changes, and not for other epochs or stamps to come',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      const stamp = await stampOf(store)
      const { unchangedSince } = store
      if (!unchangedSince) return
      assert.equal(unchangedSince.call(store, stamp), true)
      await store.read(['k'])
      assert.equal(unchangedSince.call(store, stamp), true)
      assert.equal(unchangedSince.call(store, { ...stamp, epoch: 'another' }), false)
      assert.equal(unchangedSince.call(store, { ...stamp, sequence: stamp.sequence + 1 }), false)
      await tellsOfChanges(store, store)
    },
  },
  {
    name: 'unchangedSince tells of the changes of other processes at once',
    needs: ['shared'],
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      await tellsOfChanges(store, context.store({}, await context.second()))
    },
  },
  {
    name: 'unchangedSince says no once the backend is closed',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k')
      const stamp = await stampOf(store)
      await context.backend.close()
      if (store.unchangedSince) assert.equal(store.unchangedSince(stamp), false)
    },
  },
]

/** Fails unless `leaseEnded`, if the store has it, resolves soon after the step. */
async function wakes(context: CaseContext, waiter: EntryStore, step: () => Promise<unknown>): Promise<void> {
  let woken = false
  const waiting = waiter.leaseEnded?.('k', longMs).then(() => (woken = true))
  if (!waiting) return
  await step()
  await context.pass(patienceMs)
  assert.ok(woken, 'whoever waits should have been woken')
}

async function wakesFor(context: CaseContext, waiter: EntryStore, holder: EntryStore): Promise<void> {
  if (!waiter.leaseEnded) return
  const hold = (): ReturnType<typeof leaseOn> => leaseOn(holder, 'k')
  const filled = await hold()
  await wakes(context, waiter, () => assertFilled(holder, 'k', filled))
  await changeOne(holder, { kind: 'delete', key: 'k' })
  const released = await hold()
  await wakes(context, waiter, () => holder.release('k', released, { kind: 'free' }))
  await hold()
  await wakes(context, waiter, () => changeOne(holder, { kind: 'delete', key: 'k' }))
  await hold()
  await wakes(context, waiter, () => changeOne(holder, { kind: 'clear' }))
}

const leaseProbes: readonly BackendCase[] = [
  {
    name: 'leaseEnded wakes those who wait for a lease of this process',
    run: async (context) => {
      const store = context.store()
      await wakesFor(context, store, store)
    },
  },
  {
    name: 'leaseEnded wakes those who wait for a lease of another process',
    needs: ['shared'],
    run: async (context) => {
      const store = context.store()
      await store.read(['k'])
      await wakesFor(context, store, context.store({}, await context.second()))
    },
  },
  {
    name: 'leaseEnded resolves in time where no lease ends, and at the close of the backend',
    run: async (context) => {
      const store = context.store()
      await leaseOn(store, 'k')
      if (!store.leaseEnded) return
      let isOver = false
      const short = store.leaseEnded('k', context.shortMs).then(() => (isOver = true))
      const long = store.leaseEnded('k', longMs)
      await context.pass(context.shortMs + patienceMs)
      assert.ok(isOver, 'the time to wait has passed')
      await context.backend.close()
      await Promise.all([short, long])
    },
  },
]

const reasons: readonly BackendCase[] = [
  {
    name: 'a stale entry without the lease says whether it is being loaded or refreshes are put off',
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { freshForMs: 0 })
      const lease = await leaseOn(store, 'k')
      const loading = await store.acquire('k', leaseRequest())
      assert.ok(loading.kind === 'stale' && (loading.because ?? 'loading') === 'loading')
      await store.release('k', lease, { kind: 'throttle', forMs: 60_000 })
      const throttled = await store.acquire('k', leaseRequest())
      assert.ok(throttled.kind === 'stale' && (throttled.because ?? 'throttled') === 'throttled')
    },
  },
]

export const probes: BackendConcern = {
  concern: 'probes',
  cases: [...changeProbes, ...leaseProbes, ...reasons],
}
