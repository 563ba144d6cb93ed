import type { EntryStore, Stamp } from '@cache/core'
import { forwardingStore, type Mutant, type PlanOverrides, type ReferenceRules } from '../../../src/index.ts'

/** No tier in front, and writers that race with loads: what the store gets wrong is seen at once. */
const races: PlanOverrides = {
  cache: { l1: false, withinMs: 0, ttlMs: 10_000, staleForMs: 0, hardTimeoutMs: 5000 },
  workload: { writeShare: 0.4, loaderMs: 40, burstMs: 8 },
}

const slowLoads: PlanOverrides = { ...races, workload: { ...races.workload, loaderMs: 200 } }

/** Leases come back with a snapshot while those who had them still load. */
const restores: PlanOverrides = {
  ...slowLoads,
  cache: { ...races.cache, leaseMs: 300, hardTimeoutMs: 5000 },
  faults: { restoreMs: 150 },
}

/** One decision of the store, made otherwise. */
function decision(name: string, rule: string, rules: Partial<ReferenceRules>, overrides = races): Mutant {
  return { name, rule, mutation: { rules, overrides } }
}

/** The store inside the server, spoilt. */
function inServer(
  name: string,
  rule: string,
  store: (store: EntryStore, currentEpoch: () => string) => EntryStore,
  overrides = races,
): Mutant {
  return { name, rule, mutation: { server: { store }, overrides } }
}

/** The store of the simulated server with one rule of the protocol removed from each. */
export const storeMutants: readonly Mutant[] = [
  decision('a fill ignores its lease', 'FILL: stored only if the lease is still token|s0', {
    ownsLease: () => true,
  }),
  decision('a fill ignores the generations of its tags', 'FILL: no tag has a generation above s0', {
    tagPermitsFill: () => true,
  }),
  decision(
    'a fill takes a tag without a record for one never invalidated',
    'FILL: where a tag has no record and lt > s0, refuse',
    { tagPermitsFill: (generation, sequence) => (generation ?? 0) <= sequence },
    { ...slowLoads, faults: { forgetTagMs: 15 } },
  ),
  decision('entries ignore a clear', 'an entry is valid when s0 ≥ c', { clearHolds: () => true }),
  decision('a lease outlives a clear', 'a clear ends every lease', { noteSurvivesClear: () => true }),
  inServer(
    'a fill ignores the epoch',
    'FILL: the epoch is the same',
    (store, currentEpoch) => ({
      ...forwardingStore(store),
      fill: (key, lease, entry) => store.fill(key, { ...lease, epoch: currentEpoch() }, entry),
    }),
    restores,
  ),
  decision(
    'entries of an older epoch are read',
    'an entry is valid when its epoch is the current one',
    { epochHolds: () => true },
    restores,
  ),
  {
    name: 'the store keeps its epoch when it comes back with older data',
    rule: 'HELLO: another run id makes a new epoch',
    mutation: { server: { keepsEpoch: true }, overrides: restores },
  },
  decision(
    'a lost tag record makes entries valid',
    'every tag’s generation equals the recorded one, never <',
    { tagHolds: (recorded, present) => (present ?? 0) <= (recorded ?? 0) },
    { ...races, faults: { forgetTagMs: 10 } },
  ),
  decision('entries ignore their tags', 'an entry is valid when its tags hold', { tagHolds: () => true }),
  decision(
    'a set does not end the lease',
    'SET is an invalidation of the key',
    {
      endsLease: new Set(['delete', 'expire'] as const),
    },
    slowLoads,
  ),
  decision(
    'a delete does not end the lease',
    'INVALIDATE: delete values and leases',
    {
      endsLease: new Set(['set', 'expire'] as const),
    },
    slowLoads,
  ),
  decision(
    'an expire does not end the lease',
    'each change ends the leases it touches',
    {
      endsLease: new Set(['set', 'delete'] as const),
    },
    { ...slowLoads, cache: { ...races.cache, ttlMs: 80, staleForMs: 1500 } },
  ),
  decision(
    'a delete of nothing is told to nobody',
    'a delete of nothing still ends the key’s lease',
    { tellsAbsentDelete: false },
    slowLoads,
  ),
  decision(
    'a lease never ends by itself',
    'a lease lives for its time and is renewed',
    { noteLasts: () => true },
    {
      ...races,
      faults: { crashMs: 300 },
    },
  ),
  decision('several callers are granted one key', 'ACQUIRE: the lease only if it is free', {
    mayGrant: () => true,
  }),
  decision(
    'entries outlive their time',
    'gone at',
    { isGone: () => false, isFresh: () => true },
    {
      ...races,
      cache: { ...races.cache, ttlMs: 80 },
    },
  ),
  decision(
    'a condition always holds',
    'compare-and-set tests the revision',
    { conditionHolds: () => true },
    { workload: { atomicShare: 0.5 } },
  ),
  {
    name: 'the server carries out commands past their deadline',
    rule: 'a mutating command carries a deadline and refuses to run late',
    mutation: {
      server: { runsLateCommands: true },
      overrides: { ...races, network: { stuckShare: 0.1 } },
    },
  },
  {
    name: 'the log is cut and nobody is told',
    rule: 'a log that no longer reaches back answers with a reset',
    mutation: { server: { trimsSilently: true }, overrides: { ...local(), faults: { trimLogMs: 15 } } },
  },
  inServer(
    'changesSince skips the first change',
    'everything after the stamp, without a gap',
    skipping,
    local(),
  ),
  inServer('the sequence does not grow with a clear', 'INVALIDATE: sequence + 1', withoutClears, local()),
]

/** A tier in front that lives by the log alone. */
function local(): PlanOverrides {
  return {
    cache: { l1: true, withinMs: 60, ttlMs: 10_000 },
    transport: { lostShare: 1 },
    workload: { writeShare: 0.4, burstMs: 8 },
  }
}

function skipping(store: EntryStore): EntryStore {
  return {
    ...forwardingStore(store),
    changesSince: async (stamp: Stamp | undefined) => {
      const reply = await store.changesSince(stamp)
      if (reply.kind === 'reset' || reply.invalidations.length < 2) return reply
      return { ...reply, invalidations: reply.invalidations.slice(1) }
    },
  }
}

function withoutClears(store: EntryStore): EntryStore {
  return {
    ...forwardingStore(store),
    changesSince: async (stamp: Stamp | undefined) => {
      const reply = await store.changesSince(stamp)
      if (reply.kind === 'reset') return reply
      return { ...reply, invalidations: reply.invalidations.filter(({ kind }) => kind !== 'clear') }
    },
  }
}
