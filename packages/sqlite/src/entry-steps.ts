import type { Change, ChangeOutcome, ChangeReply, Condition, NewEntry } from '@cache/ports'
import { checkPayload, commonColumns, pushOwn, type EntryFacts } from './entry-row.ts'
import { addBytes } from './file-state.ts'
import { invalidateTags, recordTags, tagsHoldIn } from './tag-state.ts'
import type { EntryAddress, Transaction } from './transaction.ts'

type SetChange = Extract<Change, { kind: 'set' }>
type ExpireChange = Extract<Change, { kind: 'expire' }>
type KeyChange = Extract<Change, { key: string }>

/** Applies the changes in order. */
export function changeStep(tx: Transaction, version: number, changes: readonly Change[]): ChangeReply {
  tx.useVersion(version)
  const { state } = tx
  const outcomes: ChangeOutcome[] = []
  const sequences: (number | undefined)[] = []
  for (const change of changes) {
    const before = state.sequence
    outcomes.push(applyChange(tx, version, change))
    sequences.push(state.sequence > before ? state.sequence : undefined)
  }
  return { outcomes, sequences, stamp: { epoch: state.epoch, sequence: state.sequence } }
}

/** What is live under the key; `undefined` where nothing is. */
export function liveFacts(tx: Transaction, { key, version }: EntryAddress): EntryFacts | undefined {
  const facts = tx.entries.facts.get(key, version) as EntryFacts | undefined
  if (facts === undefined || facts.goneAt <= tx.nowMs) return undefined
  return facts.tags === null || tagsHoldIn(tx, facts.tags) ? facts : undefined
}

export function isOlder(entry: NewEntry, present: EntryFacts | undefined): boolean {
  const stored = present?.callerVersion ?? undefined
  return entry.version !== undefined && stored !== undefined && entry.version < stored
}

/**
 * Writes an entry over what is there. One that would be gone at once only removes it, and so does one above the
 * cache's whole limit, which would push out everything else.
 */
export function writeEntry(tx: Transaction, at: EntryAddress, entry: NewEntry, sequence: number): void {
  tx.useVersion(at.version)
  const tooLarge = entry.sizeBytes > tx.limits.maxBytes
  if (tooLarge) tx.evicted.bytes++
  if (tooLarge || !(entry.keptForMs > 0)) {
    tx.countRemoved(tx.entries.deleteEntry.all(at.key, at.version) as number[])
    return
  }
  if (entry.version === undefined && entry.tags.length === 0) tx.put(at, entry, sequence)
  else putTagged(tx, at, entry, sequence)
}

function putTagged(tx: Transaction, { key, version }: EntryAddress, entry: NewEntry, sequence: number): void {
  checkPayload(entry)
  const common = commonColumns(entry, { version, now: tx.nowMs, sequence })
  const parameters: unknown[] = [common]
  pushOwn(parameters, key, entry, common)
  parameters.push(entry.version ?? null, recordTags(tx, entry.tags))
  tx.countStored(entry.sizeBytes, tx.entries.upsertTagged.get(...parameters) as number)
}

function applyChange(tx: Transaction, version: number, change: Change): ChangeOutcome {
  switch (change.kind) {
    case 'set':
      return set(tx, version, change)
    case 'delete':
      return remove(tx, version, change)
    case 'expire':
      return expire(tx, version, change)
    case 'tags':
      invalidateTags(tx, change.tags)
      tx.dirty = true
      return 'applied'
    case 'clear':
      clear(tx)
      return 'applied'
    default:
      return change satisfies never
  }
}

function set(tx: Transaction, version: number, { key, entry, when }: SetChange): ChangeOutcome {
  const at = { key, version }
  if (when !== undefined || entry.version !== undefined) {
    const present = liveFacts(tx, at)
    if (!holds(when, present)) return 'conflict'
    if (isOlder(entry, present)) return 'older'
  }
  const sequence = touchKey(tx, at)
  writeEntry(tx, at, entry, sequence)
  return 'applied'
}

/** An unconditional delete of nothing is still told: local tiers may hold what was evicted here. */
function remove(tx: Transaction, version: number, change: KeyChange): ChangeOutcome {
  const { key, when } = change
  const present = liveFacts(tx, { key, version })
  if (!present && when) return 'absent'
  if (!holds(when, present)) return 'conflict'
  tx.changes.key(key)
  endLeases(tx, key)
  tx.countRemoved(tx.entries.deleteKey.all(key) as number[])
  tx.dirty = true
  return present ? 'applied' : 'absent'
}

/** Like {@link remove}, an unconditional one of nothing is still told, but ends no lease. */
function expire(tx: Transaction, version: number, change: ExpireChange): ChangeOutcome {
  const { key, when } = change
  const at = { key, version }
  const present = liveFacts(tx, at)
  if (!present) {
    if (!when) tell(tx, key)
    return 'absent'
  }
  if (!holds(when, present)) return 'conflict'
  retime(tx, at, change, touchKey(tx, at))
  return 'applied'
}

function tell(tx: Transaction, key: string): void {
  tx.changes.key(key)
  tx.dirty = true
}

function retime(
  tx: Transaction,
  { key, version }: EntryAddress,
  times: ExpireChange,
  sequence: number,
): void {
  const { nowMs, entries } = tx
  tx.dirty = true
  if (times.keptForMs > 0)
    entries.retime.run(nowMs + times.freshForMs, nowMs + times.keptForMs, sequence, key, version)
  else tx.countRemoved(entries.deleteEntry.all(key, version) as number[])
}

/** Physical: afterwards whatever is found was written later, so that a read need not ask. */
function clear(tx: Transaction): void {
  const { statements, state } = tx
  const sequence = tx.changes.clear()
  tx.entries.clear.run()
  statements.clearLeases.run()
  statements.clearTags.run()
  Object.assign(state, { entryCount: 0, leaseCount: 0, tagCount: 0, tagFloor: sequence })
  addBytes(state, -state.entryBytes)
  tx.dirty = true
}

/** Numbers and logs a change of the key, ends its leases and drops what other schema versions hold under it. */
function touchKey(tx: Transaction, { key, version }: EntryAddress): number {
  endLeases(tx, key)
  if (tx.hasOtherVersions) tx.countRemoved(tx.entries.deleteOtherVersions.all(key, version) as number[])
  return tx.changes.key(key)
}

function endLeases(tx: Transaction, key: string): void {
  if (tx.state.leaseCount > 0) tx.state.leaseCount -= tx.statements.deleteLeases.run(key).changes
}

function holds(when: Condition | undefined, present: EntryFacts | undefined): boolean {
  if (when === undefined) return true
  return when.kind === 'absent' ? present === undefined : present?.revision === when.revision
}
