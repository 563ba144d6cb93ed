import type { Clock, EntryStore, LocalEntry, LocalTier, NewEntry, StoredEntry } from '@cache/core'
import { AppliedInvalidations } from '../../../../core/src/engine/applied-invalidations.ts'
import { LocalCache } from '../../../../core/src/engine/local-cache.ts'
import { StoreFollower } from '../../../../core/src/engine/store-follower.ts'
import { Flight, Flights, type FlightOutcome } from '../../../../core/src/loading/flight.ts'
import { forwardingStore, type Mutant, type PlanOverrides } from '../../../src/index.ts'

const busy = { writeShare: 0.4, burstMs: 8, loaderMs: 40 } as const

/** A tier that is often asked, and messages that are often lost. */
const local: PlanOverrides = {
  cache: { l1: true, withinMs: 60, ttlMs: 10_000, staleForMs: 0 },
  workload: busy,
}

const withoutMessages: PlanOverrides = { ...local, transport: { lostShare: 1 } }

/** A network that lets through so little that L1 is alone now and then. */
const away: PlanOverrides = {
  ...withoutMessages,
  cache: { ...local.cache, withinMs: 20, aloneForMs: 60 },
  network: { stuckShare: 0.3, lostRequestShare: 0.3 },
}

/** Replies say where the store stands. */
const answering: PlanOverrides = { ...withoutMessages, stamps: true }

/** No tier: callers meet in flights. */
const flights: PlanOverrides = {
  cache: { l1: false, withinMs: 0, ttlMs: 80, staleForMs: 0 },
  workload: busy,
  network: { slowShare: 0.3 },
}

const shortLived: PlanOverrides = { ...local, cache: { ...local.cache, ttlMs: 80 } }

const never = Number.POSITIVE_INFINITY

/** Nothing goes wrong with the machines or the network. */
const calm: PlanOverrides = {
  network: { slowShare: 0, stuckShare: 0, lostRequestShare: 0, lostReplyShare: 0 },
  faults: {
    pauseMs: never,
    crashMs: never,
    closeMs: never,
    restartMs: never,
    restoreMs: never,
    evictMs: never,
    forgetTagMs: never,
    trimLogMs: never,
    wallStepMs: never,
  },
}

/** Replaces a method of a class, and gives back what puts it right. */
function patched<T extends object, M extends keyof T>(
  target: T,
  method: M,
  replacement: T[M],
): () => () => void {
  return () => {
    const original = target[method]
    target[method] = replacement
    return () => {
      target[method] = original
    }
  }
}

const { close: closeFlight, settle } = Flight.prototype
const { note, apply } = AppliedInvalidations.prototype
const { put } = LocalCache.prototype
const { noteOwn, receive, observe, sync } = StoreFollower.prototype

/** Set while a change of this process, or a message, is taken note of. */
let advances = false

/** Takes a change as if every one before it were known. */
function noteAndAdvance(this: AppliedInvalidations, ...[invalidation]: Parameters<typeof note>): void {
  if (!advances) {
    note.call(this, invalidation)
    return
  }
  advances = false
  apply.call(this, invalidation)
}

function advancing(method: 'noteOwn' | 'receive'): () => () => void {
  const advance = (run: () => void): void => {
    advances = true
    run()
    advances = false
  }
  const hearing =
    method === 'noteOwn'
      ? patched(StoreFollower.prototype, method, function own(this: StoreFollower, ...heard) {
          advance(() => noteOwn.apply(this, heard))
        })
      : patched(StoreFollower.prototype, method, function other(this: StoreFollower, ...heard) {
          advance(() => receive.apply(this, heard))
        })
  return () => {
    const undoNote = patched(AppliedInvalidations.prototype, 'note', noteAndAdvance)()
    const undo = hearing()
    return () => {
      undo()
      undoNote()
    }
  }
}

function observing(replacement: typeof observe): () => () => void {
  return patched(StoreFollower.prototype, 'observe', replacement)
}

/** Set while a sync reads the clock. */
let isSyncing = false

/** Tells a sync a later time than it is, as if it had asked when the answer came. */
function lateSyncClock(clock: Clock): Clock {
  return {
    monotonicMs: () => clock.monotonicMs() + (isSyncing ? 45 : 0),
    wallMs: () => clock.wallMs(),
    setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
  }
}

function onlyTheLast(store: EntryStore): EntryStore {
  return {
    ...forwardingStore(store),
    changesSince: async (stamp) => {
      const reply = await store.changesSince(stamp)
      return reply.kind === 'reset' ? reply : { ...reply, invalidations: reply.invalidations.slice(-1) }
    },
  }
}

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

function forwardingTier(tier: LocalTier): LocalTier {
  return {
    get: (key) => tier.get(key),
    peek: (key) => tier.peek(key),
    set: (key, entry) => tier.set(key, entry),
    delete: (key) => tier.delete(key),
    clear: () => tier.clear(),
    entries: () => tier.entries(),
    get size() {
      return tier.size
    },
    get sizeBytes() {
      return tier.sizeBytes
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

/** Set while a change is taken note of. */
let isNoting = false

/** A tier that only a change can clear. */
function keptTier(tier: LocalTier): LocalTier {
  return {
    ...forwardingTier(tier),
    clear: () => {
      if (isNoting) tier.clear()
    },
  }
}

function ageless(entry: NewEntry): NewEntry {
  const { loadMs } = entry
  return { ...entry, ageMs: 0, freshForMs: entry.freshForMs + loadMs, keptForMs: entry.keptForMs + loadMs }
}

/** Flights and leases: what callers of one process share. */
const loadingMutants: readonly Mutant[] = [
  {
    name: 'callers join after the fill was sent',
    rule: 'callers join its promise until the fill is sent',
    mutation: {
      overrides: flights,
      patch: patched(Flight.prototype, 'close', function close(this: Flight<unknown>) {
        void this.outcome.then(() => closeFlight.call(this))
      }),
    },
  },
  {
    name: 'joiners use a refused value',
    rule: 'joiners may use the value only if the fill was accepted',
    mutation: {
      overrides: { ...flights, workload: { ...busy, loaderMs: 200 } },
      patch: patched(
        Flight.prototype,
        'settle',
        function share(this: Flight<unknown>, outcome: FlightOutcome<unknown>) {
          settle.call(this, outcome.kind === 'refused' ? { ...outcome, kind: 'value' } : outcome)
        },
      ),
    },
  },
  {
    name: 'joiners use what was read before they joined',
    rule: 'a hit reflects what was acknowledged when its command was sent, no later',
    mutation: {
      overrides: { ...flights, cache: { ...flights.cache, ttlMs: 10_000 } },
      patch: patched(
        Flight.prototype,
        'settle',
        function share(this: Flight<unknown>, outcome: FlightOutcome<unknown>) {
          settle.call(this, outcome.kind === 'read' ? { ...outcome, kind: 'value' } : outcome)
        },
      ),
    },
  },
  {
    name: 'an invalidation of this process leaves its loads open',
    rule: 'callers after an invalidation do not join a load from before it',
    mutation: {
      // The bound lets callers join what is loaded while the store is away.
      overrides: {
        ...flights,
        cache: { ...flights.cache, withinMs: 400 },
        network: { lostRequestShare: 0.2 },
      },
      patch: () => {
        const undoOne = patched(Flights.prototype, 'close', () => undefined)()
        const undoAll = patched(Flights.prototype, 'closeAll', () => undefined)()
        return () => {
          undoOne()
          undoAll()
        }
      },
    },
  },
  {
    name: 'a pattern leaves loads under way',
    rule: 'a load that began before an invalidation of its key is refused',
    mutation: {
      overrides: {
        ...flights,
        cache: { ...flights.cache, ttlMs: 10_000 },
        workload: { ...busy, loaderMs: 200 },
      },
      store: (store) => ({
        ...forwardingStore(store),
        scan: async (request) => (request.of === 'leases' ? { keys: [] } : store.scan(request)),
      }),
    },
  },
  {
    name: 'leases are not renewed',
    rule: 'a lease is renewed while the loader runs',
    mutation: {
      overrides: {
        ...calm,
        cache: { l1: false, withinMs: 0, leaseMs: 90, ttlMs: 300 },
        workload: { loaderMs: 200 },
      },
      store: (store) => ({ ...forwardingStore(store), renew: async () => true }),
    },
  },
  {
    name: 'tokens and revisions repeat',
    rule: 'tokens are random',
    mutation: {
      overrides: { workload: { atomicShare: 0.5 } },
      environment: (environment) => ({ ...environment, newId: () => 'same' }),
    },
  },
  {
    name: 'writes forget their condition',
    rule: 'an update is a compare-and-set',
    mutation: {
      overrides: { workload: { atomicShare: 0.5 } },
      store: (store) => ({
        ...forwardingStore(store),
        change: (changes) =>
          store.change(changes.map((change) => ({ ...change, when: undefined }) as typeof change)),
      }),
    },
  },
]

/** L1: what it keeps, and for how long it may answer. */
const localMutants: readonly Mutant[] = [
  {
    name: 'L1 keeps what an applied invalidation made void',
    rule: 'L1 write: not if a newer invalidation of it was applied meanwhile',
    mutation: { overrides: local, patch: patched(AppliedInvalidations.prototype, 'permits', () => true) },
  },
  {
    name: 'L1 answers beyond the bound',
    rule: 'L1 read: only if now − lastSync ≤ B',
    mutation: { overrides: withoutMessages, withinFactor: 5 },
  },
  {
    name: 'L1 alone answers beyond what it was given',
    rule: 'with the store away L1 answers for aloneFor beyond the bound, and then no more',
    mutation: { overrides: away, aloneFactor: 10 },
  },
  {
    name: 'a sync counts from its reply',
    rule: 'lastSync is the time the command was sent',
    mutation: {
      overrides: { ...withoutMessages, network: { slowShare: 0.6 } },
      environment: (environment) => ({ ...environment, clock: lateSyncClock(environment.clock) }),
      patch: patched(StoreFollower.prototype, 'sync', function late(this: StoreFollower) {
        isSyncing = true
        const syncing = sync.call(this)
        isSyncing = false
        return syncing
      }),
    },
  },
  {
    name: 'a gap is not repaired',
    rule: 'repair: first id not applied + 1 → flush, else apply all',
    mutation: { overrides: withoutMessages, store: onlyTheLast },
  },
  {
    name: 'an own change hides those before it',
    rule: 'own changes do not advance what is applied',
    mutation: { overrides: withoutMessages, patch: advancing('noteOwn') },
  },
  {
    name: 'a message hides those before it',
    rule: 'seq > applied + 1 → repair',
    mutation: { overrides: { ...local, transport: { lostShare: 0.5 } }, patch: advancing('receive') },
  },
  {
    name: 'L1 keeps its entries over a change of epoch',
    rule: 'e differs → flush L1, adopt',
    mutation: {
      overrides: { ...local, faults: { restoreMs: 500 } },
      patch: patched(
        AppliedInvalidations.prototype,
        'note',
        function noting(this: AppliedInvalidations, invalidation) {
          isNoting = true
          note.call(this, invalidation)
          isNoting = false
        },
      ),
      tier: (tier) => keptTier(tier),
    },
  },
  {
    name: 'L1 keeps an entry that was read before it lost its place',
    rule: 'an entry is kept only at the epoch at which it was asked for',
    mutation: {
      overrides: { ...local, faults: { restoreMs: 300 }, network: { slowShare: 0.5 } },
      patch: patched(LocalCache.prototype, 'put', function anyEpoch(this: LocalCache, key, entry) {
        const here = this.position()
        put.call(this, key, { ...entry, sequence: Math.max(entry.sequence, here?.sequence ?? 0) }, here)
      }),
    },
  },
  {
    name: 'an own change that was acknowledged leaves L1 alone',
    rule: 'G1: L1 drops what its process changed',
    mutation: {
      overrides: withoutMessages,
      patch: patched(StoreFollower.prototype, 'noteOwn', () => undefined),
    },
  },
  {
    name: 'a message counts as an answer',
    rule: 'only the answers of the store move lastSync',
    mutation: {
      overrides: { ...answering, transport: { lostShare: 0.3, slowShare: 0.5 } },
      patch: patched(
        StoreFollower.prototype,
        'receive',
        function proving(this: StoreFollower, ...[epoch, invalidation]: Parameters<typeof receive>) {
          receive.call(this, epoch, invalidation)
          this.lastSyncMs += 30
        },
      ),
    },
  },
  {
    name: 'an answer counts before what it names is applied',
    rule: 'a reply at or below applied → lastSync; above → repair',
    mutation: {
      overrides: answering,
      patch: observing(function early(this: StoreFollower, stamp, sentMs) {
        const sequence = Math.min(stamp.sequence, this.applied.sequence)
        observe.call(this, { ...stamp, sequence }, sentMs)
      }),
    },
  },
  {
    name: 'an answer counts from when it came',
    rule: 'lastSync = the time that the command was sent',
    mutation: {
      overrides: { ...answering, network: { slowShare: 0.6 } },
      patch: observing(function late(this: StoreFollower, stamp, sentMs) {
        observe.call(this, stamp, sentMs + 45)
      }),
    },
  },
  {
    name: 'an answer of another epoch counts',
    rule: 'every reply carries (epoch, seq)',
    mutation: {
      overrides: { ...answering, faults: { restoreMs: 400 } },
      patch: observing(function anyEpoch(this: StoreFollower, stamp, sentMs) {
        observe.call(this, { ...stamp, epoch: this.epoch ?? stamp.epoch }, sentMs)
      }),
    },
  },
  {
    name: 'a pattern is told to no other local tier',
    rule: 'L1 may hold what the store has evicted: a pattern is told as such',
    mutation: {
      overrides: { ...withoutMessages, faults: { evictMs: 15 } },
      patch: patched(
        AppliedInvalidations.prototype,
        'note',
        function noting(this: AppliedInvalidations, invalidation) {
          const isPattern = invalidation.kind === 'tags' && invalidation.tags[0]?.startsWith('\u0000')
          if (!isPattern) note.call(this, invalidation)
        },
      ),
    },
  },
  {
    name: 'L1 does not look at tags',
    rule: 'L1 read: its tags hold',
    mutation: { overrides: local, patch: patched(AppliedInvalidations.prototype, 'tagsHold', () => true) },
  },
]

/** Times: none is exceeded, whatever the tier and whatever the wall clock. */
const timeMutants: readonly Mutant[] = [
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

/** The engine, or a port of it, with one rule of COHERENCE removed from each. */
export const engineMutants: readonly Mutant[] = [...loadingMutants, ...localMutants, ...timeMutants]
