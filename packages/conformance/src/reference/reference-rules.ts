import type { Condition, Lease, NewEntry } from '@cache/core'
import type { ReferenceNote, ReferenceRow } from './reference-storage.ts'

/**
 * The decisions of the coherence protocol, one function each. The reference backend takes them as they are here;
 * a mutant takes all but one.
 */
export interface ReferenceRules {
  /** A lease or marker ends by itself. */
  readonly noteLasts: (note: ReferenceNote, nowMs: number) => boolean
  /** A clear ends the leases and markers from before it. */
  readonly noteSurvivesClear: (note: ReferenceNote, clearedAt: number) => boolean
  /** A lease is granted where there is none, nor a marker. */
  readonly mayGrant: (note: ReferenceNote | undefined) => boolean
  readonly ownsLease: (note: ReferenceNote | undefined, lease: Lease) => boolean
  readonly epochHolds: (epoch: string, present: string) => boolean
  /** What began before a clear is void. */
  readonly clearHolds: (sequence: number, clearedAt: number) => boolean
  /** Equality: a lost record makes an entry invalid, never valid. */
  readonly tagHolds: (recorded: number | undefined, present: number | undefined) => boolean
  /** No tag of a fill was invalidated since the lease; unknown ones count as the latest that was. */
  readonly tagPermitsFill: (
    generation: number | undefined,
    sequence: number,
    tagsChangedAt: number,
  ) => boolean
  readonly conditionHolds: (when: Condition | undefined, present: ReferenceRow | undefined) => boolean
  readonly isOlder: (entry: NewEntry, present: ReferenceRow | undefined) => boolean
  readonly isGone: (row: ReferenceRow, nowMs: number) => boolean
  readonly isPurgeable: (row: ReferenceRow, nowMs: number) => boolean
  readonly isFresh: (row: ReferenceRow, nowMs: number) => boolean
  /** Which changes end the lease of the key that they touch. */
  readonly endsLease: ReadonlySet<'set' | 'delete' | 'expire'>
  /** Whether an unconditional delete of nothing is told to others. */
  readonly tellsAbsentDelete: boolean
  /** Whether a fill that was refused ends the lease that it came with. */
  readonly refusedFillEndsLease: boolean
}

export const referenceRules: ReferenceRules = {
  noteLasts: (note, nowMs) => nowMs < note.untilMs,
  noteSurvivesClear: (note, clearedAt) => note.sequence >= clearedAt,
  mayGrant: (note) => note === undefined,
  ownsLease: (note, lease) =>
    note?.kind === 'lease' && note.token === lease.token && note.sequence === lease.sequence,
  epochHolds: (epoch, present) => epoch === present,
  clearHolds: (sequence, clearedAt) => sequence >= clearedAt,
  tagHolds: (recorded, present) => recorded === present,
  tagPermitsFill: (generation, sequence, tagsChangedAt) => (generation ?? tagsChangedAt) <= sequence,
  conditionHolds: (when, present) => {
    if (!when) return true
    return when.kind === 'absent' ? present === undefined : present?.entry.revision === when.revision
  },
  isOlder: ({ version }, present) => {
    const stored = present?.entry.version
    return version !== undefined && stored !== undefined && version < stored
  },
  isGone: (row, nowMs) => !(nowMs < row.goneAtMs),
  isPurgeable: (row, nowMs) => !(nowMs < row.goneAtMs),
  isFresh: (row, nowMs) => nowMs < row.freshUntilMs,
  endsLease: new Set(['set', 'delete', 'expire'] as const),
  tellsAbsentDelete: true,
  refusedFillEndsLease: true,
}
