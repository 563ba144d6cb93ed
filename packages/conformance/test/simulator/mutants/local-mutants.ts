import type { Clock, EntryStore, LocalTier } from '@cache/core'
import { AppliedInvalidations } from '../../../../core/src/engine/applied-invalidations.ts'
import { LocalCache } from '../../../../core/src/engine/local-cache.ts'
import { StoreFollower } from '../../../../core/src/engine/store-follower.ts'
import { forwardingStore, type Mutant } from '../../../src/index.ts'
import { forwardingTier } from './forwarding-tier.ts'
import { patched } from './patched.ts'
import { answering, away, local, withoutMessages } from './plans.ts'

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

/** L1: what it keeps, and for how long it may answer. */
export const localMutants: readonly Mutant[] = [
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
