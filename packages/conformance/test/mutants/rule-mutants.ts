import { referenceRules, type ReferenceRules } from '../../src/index.ts'

/** The protocol with one rule replaced. */
export const ruleMutants: Readonly<Record<string, Partial<ReferenceRules>>> = {
  'a lease never ends by itself': { noteLasts: () => true },
  'a lease is granted to a second caller while it is held': { mayGrant: () => true },
  'a lease is refused while a stale entry is there': { mayGrant: () => false },
  'a fill ignores the token of the lease': { ownsLease: (note) => note?.kind === 'lease' },
  'a fill needs no lease at all': { ownsLease: () => true },
  'a fill ignores the sequence of the lease': {
    ownsLease: (note, lease) => note?.kind === 'lease' && note.token === lease.token,
  },
  'a fill ignores invalidated tags': { tagPermitsFill: () => true },
  'a fill takes a lost tag record for one that was never invalidated': {
    tagPermitsFill: (generation, sequence) => (generation ?? 0) <= sequence,
  },
  'a fill is refused for any tag that was ever invalidated': {
    tagPermitsFill: (generation) => generation === undefined || generation === 0,
  },
  'a clear voids nothing': { clearHolds: () => true, noteSurvivesClear: () => true },
  'a clear keeps the entries': { clearHolds: () => true },
  'a clear keeps the leases waiting': { noteSurvivesClear: () => true },
  'an epoch is never compared': { epochHolds: () => true },
  'a tag is never compared': { tagHolds: () => true },
  'a tag is compared with < instead of equality': {
    tagHolds: (recorded = 0, present = 0) => !(recorded < present),
  },
  'a lost tag record makes an entry valid': {
    tagHolds: (recorded, present) => present === undefined || recorded === present,
  },
  'a set leaves the lease': { endsLease: new Set(['delete', 'expire'] as const) },
  'a delete leaves the lease': { endsLease: new Set(['set', 'expire'] as const) },
  'an expire leaves the lease': { endsLease: new Set(['set', 'delete'] as const) },
  'a refused fill keeps the lease': { refusedFillEndsLease: false },
  'a delete of nothing is not told and leaves the lease': { tellsAbsentDelete: false },
  'a condition is ignored': { conditionHolds: () => true },
  'a condition on a revision only asks for an entry': {
    conditionHolds: (when, present) =>
      when?.kind === 'revision' ? present !== undefined : referenceRules.conditionHolds(when, present),
  },
  'a condition of absence takes a stale entry for none': {
    conditionHolds: (when, present) =>
      when?.kind === 'absent' && present?.entry.freshForMs === 0
        ? true
        : referenceRules.conditionHolds(when, present),
  },
  'a revision holds where nothing is stored': {
    conditionHolds: (when, present) => present === undefined || referenceRules.conditionHolds(when, present),
  },
  'a lower version is accepted': { isOlder: () => false },
  'an equal version is refused': {
    isOlder: ({ version }, present) => {
      const stored = present?.entry.version
      return version !== undefined && stored !== undefined && version <= stored
    },
  },
  'an entry without a version counts as version 0': {
    isOlder: ({ version }, present) => present !== undefined && (version ?? 0) < (present.entry.version ?? 0),
  },
  'an expired entry is still read': { isGone: () => false },
  'an entry is gone a millisecond late': { isGone: (row, nowMs) => nowMs > row.goneAtMs },
  'an entry is gone when it is stale': { isGone: (row, nowMs) => nowMs >= row.freshUntilMs },
  'a stale entry is a hit': { isFresh: () => true },
  'an entry is fresh for a millisecond too long': { isFresh: (row, nowMs) => nowMs <= row.freshUntilMs },
  'a purge removes fresh entries': { isPurgeable: () => true },
  'a purge removes stale entries': { isPurgeable: (row, nowMs) => nowMs >= row.freshUntilMs },
  'a purge removes nothing': { isPurgeable: () => false },
}
