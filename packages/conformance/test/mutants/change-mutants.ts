import { setImmediate as nextTick } from 'node:timers/promises'
import type { AcquireReply, ChangeOutcome } from '@cache/core'
import { ignoring, type StoreMutant } from './store-mutant.ts'

/** Faults in changes, leases and fills. */
export const changeMutants: Readonly<Record<string, StoreMutant>> = {
  'a conditional set is not atomic': (store) => ({
    change: async (changes) => {
      const [first] = changes
      if (changes.length !== 1 || first?.kind !== 'set' || !first.when) return store.change(changes)
      const [found] = (await store.read([first.key])).entries
      const { when } = first
      const holds = when.kind === 'absent' ? found === undefined : found?.revision === when.revision
      await nextTick()
      if (holds) return store.change([{ kind: 'set', key: first.key, entry: first.entry }])
      const { stamp } = await store.changesSince(undefined)
      return { outcomes: ['conflict'], stamp }
    },
  }),
  'a lease is not granted atomically': (store) => {
    let pending: Promise<AcquireReply> | undefined
    return {
      acquire: (key, request) => {
        pending ??= nextTick()
          .then(() => store.acquire(key, request))
          .finally(() => (pending = undefined))
        return pending
      },
    }
  },
  'one of two writes in flight is lost': (store) => {
    let inFlight = 0
    return {
      change: async (changes) => {
        inFlight++
        await nextTick()
        const lost = inFlight > 1 && changes.every((change) => change.kind === 'set' && !change.when)
        inFlight--
        if (!lost) return store.change(changes)
        return { outcomes: changes.map(() => 'applied'), stamp: (await store.changesSince(undefined)).stamp }
      },
    }
  },
  'a batch stops at the first conflict': (store) => ({
    change: async (changes) => {
      const outcomes: ChangeOutcome[] = []
      for (const change of changes) {
        const reply = await store.change([change])
        outcomes.push(...reply.outcomes)
        if (reply.outcomes[0] === 'conflict') break
      }
      while (outcomes.length < changes.length) outcomes.push('conflict')
      return { outcomes, stamp: (await store.changesSince(undefined)).stamp }
    },
  }),
  'a batch applies in reverse': (store) => ({
    change: async (changes) => {
      const reply = await store.change([...changes].reverse())
      return { ...reply, outcomes: [...reply.outcomes].reverse() }
    },
  }),
  'a delete always applies': (store) => ({
    change: async (changes) => {
      const reply = await store.change(changes)
      return {
        ...reply,
        outcomes: reply.outcomes.map((outcome) => (outcome === 'absent' ? 'applied' : outcome)),
      }
    },
  }),
  'a delete does nothing': ignoring('delete'),
  'an expire does nothing': ignoring('expire'),
  'an invalidation of tags does nothing': ignoring('tags'),
  'a clear does nothing': ignoring('clear'),
  'only the first of several tags is invalidated': (store) => ({
    change: (changes) =>
      store.change(
        changes.map((each) => (each.kind === 'tags' ? { ...each, tags: each.tags.slice(0, 1) } : each)),
      ),
  }),
  'a fill is told like a set': (store) => ({
    fill: async (key, lease, entry) => {
      const reply = await store.fill(key, lease, entry)
      if (reply.accepted) await store.change([{ kind: 'tags', tags: ['a tag of nothing'] }])
      return reply
    },
  }),
  'a refused fill says that it was accepted': (store) => ({
    fill: async (key, lease, entry) => {
      await store.fill(key, lease, entry)
      return { accepted: true }
    },
  }),
  'an accepted fill stores nothing': (store) => ({
    fill: async (key, lease, entry) => store.fill(key, lease, { ...entry, freshForMs: 0, keptForMs: 0 }),
  }),
  'refresh is ignored': (store) => ({
    acquire: (key, request) => store.acquire(key, { ...request, refresh: false }),
  }),
  'every caller waits': (store) => ({
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      return reply.kind === 'unstored' ? { kind: 'wait', remainingMs: 1 } : reply
    },
  }),
  'a wait has no time': (store) => ({
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      return reply.kind === 'wait' ? { ...reply, remainingMs: -1 } : reply
    },
  }),
  'the caller is given a token of the store': (store) => ({
    acquire: (key, request) => store.acquire(key, { ...request, token: `s${request.token}` }),
  }),
  'a lease is not prolonged': (store) => ({
    renew: async (key, lease) => store.renew(key, lease, 1),
  }),
  'renewing always succeeds': (store) => ({
    renew: async (key, lease, leaseMs) => {
      await store.renew(key, lease, leaseMs)
      return true
    },
  }),
  'a release does nothing': () => ({ release: async () => true }),
  'a release frees where it should throttle': (store) => ({
    release: (key, lease, end) => store.release(key, lease, end.kind === 'throttle' ? { kind: 'free' } : end),
  }),
  'an unstored result frees the lease': (store) => ({
    release: (key, lease, end) => store.release(key, lease, end.kind === 'unstored' ? { kind: 'free' } : end),
  }),
  'an unstored result ignores its tags': (store) => ({
    release: (key, lease, end) =>
      store.release(key, lease, end.kind === 'unstored' ? { ...end, tags: [] } : end),
  }),
}
