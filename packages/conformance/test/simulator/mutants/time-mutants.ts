import type { EntryStore, LocalEntry, LocalTier, NewEntry, StoredEntry } from '@cache/core'
import { forwardingStore, type Mutant } from '../../../src/index.ts'
import { forwardingTier } from './forwarding-tier.ts'
import { busy, local, shortLived, withoutMessages } from './plans.ts'

/** Where there is nothing valid to read, gives out what was read before. */
function remembering(store: EntryStore): EntryStore {
  const seen = new Map<string, StoredEntry>()
  return {
    ...forwardingStore(store),
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      if (reply.kind === 'hit' || reply.kind === 'stale') seen.set(key, reply.entry)
      const entry = seen.get(key)
      return reply.kind === 'lease' && entry
        ? { kind: 'stale', entry: { ...entry, freshForMs: -1 }, lease: reply.lease }
        : reply
    },
  }
}

/** A tier whose entries are fresh until another moment; `undefined` leaves one as it is. */
function retimedTier(tier: LocalTier, untilMs: (entry: LocalEntry) => number | undefined): LocalTier {
  return {
    ...forwardingTier(tier),
    set: (key, entry) => {
      const freshUntilMs = untilMs(entry)
      tier.set(key, freshUntilMs === undefined ? entry : { ...entry, freshUntilMs, goneAtMs: freshUntilMs })
    },
  }
}

function ageless(entry: NewEntry): NewEntry {
  const { loadMs } = entry
  return { ...entry, ageMs: 0, freshForMs: entry.freshForMs + loadMs, keptForMs: entry.keptForMs + loadMs }
}

/** Times: none is exceeded, whatever the tier and whatever the wall clock. */
export const timeMutants: readonly Mutant[] = [
  {
    name: 'L1 gives an entry its full time again',
    rule: 'L1 expiry = min(L1 TTL, what remains in L2)',
    mutation: {
      overrides: shortLived,
      tier: (tier, { process, plan }) => retimedTier(tier, () => process.monotonicMs() + plan.cache.ttlMs),
    },
  },
  {
    name: 'the age of a loaded value starts at its fill',
    rule: 'age counts from the start of the load',
    mutation: {
      overrides: { ...shortLived, workload: { ...busy, loaderMs: 60 } },
      store: (store) => ({
        ...forwardingStore(store),
        fill: (key, lease, entry) => store.fill(key, lease, ageless(entry)),
      }),
    },
  },
  {
    name: 'what was loaded with the store away outlives the bound',
    rule: 'with the backend unreachable, L1 with a short TTL',
    mutation: {
      overrides: { ...local, network: { lostRequestShare: 0.3 } },
      tier: (tier, { process, plan }) =>
        retimedTier(tier, (entry) => (entry.coherent ? undefined : process.monotonicMs() + plan.cache.ttlMs)),
    },
  },
  {
    name: 'times are told by the wall clock',
    rule: 'it depends on no wall clock',
    mutation: {
      overrides: { ...withoutMessages, faults: { wallStepMs: 100 } },
      environment: (environment) => {
        const { clock } = environment
        return {
          ...environment,
          clock: {
            monotonicMs: () => clock.wallMs(),
            wallMs: () => clock.wallMs(),
            setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
          },
        }
      },
    },
  },
  {
    name: 'jitter lengthens',
    rule: 'jitter only shortens a TTL',
    mutation: {
      overrides: { ...shortLived, cache: { ...shortLived.cache, jitter: 0.3 } },
      environment: (environment) => ({ ...environment, random: () => -0.4 }),
    },
  },
  {
    name: 'stale data is served after an invalidation',
    rule: 'invalidated data is never served, whatever fails',
    mutation: {
      overrides: { cache: { l1: false, withinMs: 0, ttlMs: 80, staleForMs: 1500 }, workload: busy },
      store: remembering,
    },
  },
  {
    name: 'stale data is served after its stale time',
    rule: 'entry times: fresh until, may be served stale until, gone at',
    mutation: {
      overrides: {
        cache: { l1: false, withinMs: 0, ttlMs: 80, staleForMs: 200 },
        workload: { ...busy, burstMs: 150, writeShare: 0.1 },
      },
      store: (store) => ({
        ...forwardingStore(store),
        fill: (key, lease, entry) => store.fill(key, lease, { ...entry, keptForMs: entry.keptForMs + 5000 }),
      }),
    },
  },
]
