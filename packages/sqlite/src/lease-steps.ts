import type {
  AcquireReply,
  FillRefusal,
  FillReply,
  Lease,
  LeaseEnd,
  LeaseRequest,
  NewEntry,
} from '@cache/ports'
import { storedEntry, type EntryRow } from './entry-row.ts'
import { isOlder, liveFacts, writeEntry } from './entry-steps.ts'
import { tagsHoldIn, tagsUntouchedSince } from './tag-state.ts'
import type { EntryAddress, Transaction } from './transaction.ts'

/** How a row of `leases` is to be read. */
export const leaseKinds = { lease: 0, unstored: 1, throttle: 2 } as const

/** A row of `leases`. */
export interface LeaseRow {
  readonly kind: number
  readonly token: string
  readonly sequence: number
  readonly until: number
  /** Database time at which it was written. */
  readonly since: number
}

/** Grants the lease unless the entry or somebody's lease is in the way. */
export function acquireStep(tx: Transaction, at: EntryAddress, request: LeaseRequest): AcquireReply {
  const { statements, entries, nowMs } = tx
  const row = entries.entry.get(at.key, at.version) as EntryRow | undefined
  const held = statements.lease.get(at.key, at.version) as LeaseRow | undefined
  const valid = row !== undefined && row.goneAt > nowMs && (row.tags === null || tagsHoldIn(tx, row.tags))
  const reply = replyWithoutLease(valid ? row : undefined, held, request, nowMs)
  if (reply) return reply
  const lease = grant(tx, at, request, held)
  return valid ? { kind: 'stale', entry: storedEntry(row, nowMs), lease } : { kind: 'lease', lease }
}

/** The reply where no lease is to be granted; `undefined` where one is. `row` is a valid entry. */
export function replyWithoutLease(
  row: EntryRow | undefined,
  held: LeaseRow | undefined,
  request: LeaseRequest,
  nowMs: number,
): AcquireReply | undefined {
  const note = held !== undefined && held.until > nowMs ? held : undefined
  if (row) {
    const entry = storedEntry(row, nowMs)
    if (entry.freshForMs > 0 && !request.refresh) return { kind: 'hit', entry }
    return note && { kind: 'stale', entry, because: because(note) }
  }
  if (note?.kind === leaseKinds.unstored) return { kind: 'unstored' }
  if (note?.kind === leaseKinds.lease) return { kind: 'wait', remainingMs: note.until - nowMs }
  return undefined
}

function because(note: LeaseRow): 'loading' | 'throttled' {
  return note.kind === leaseKinds.throttle ? 'throttled' : 'loading'
}

export function renewStep(tx: Transaction, at: EntryAddress, lease: Lease, leaseMs: number): boolean {
  if (!holds(tx, at, lease)) return false
  tx.statements.renewLease.run(tx.nowMs + leaseMs, tx.nowMs, at.key, at.version)
  tx.dirty = true
  return true
}

/** Stores what a loader returned, if nothing that concerns it changed since its load was authorised. */
export function fillStep(tx: Transaction, at: EntryAddress, lease: Lease, entry: NewEntry): FillReply {
  const held = holds(tx, at, lease)
  if (held) endLease(tx, at)
  const reason = refusal(tx, { at, lease, held }, entry)
  if (reason) return { accepted: false, reason }
  writeEntry(tx, at, entry, lease.sequence)
  return { accepted: true, stamp: { epoch: tx.state.epoch, sequence: tx.state.sequence } }
}

export function releaseStep(tx: Transaction, at: EntryAddress, lease: Lease, end: LeaseEnd): boolean {
  if (!holds(tx, at, lease)) return false
  endLease(tx, at)
  if (end.kind === 'free') return true
  if (end.kind === 'unstored' && !tagsUntouchedSince(tx, end.tags, lease.sequence)) return false
  putLease(tx, at, { kind: leaseKinds[end.kind], token: '', sequence: 0, until: tx.nowMs + end.forMs })
  return true
}

function grant(tx: Transaction, at: EntryAddress, request: LeaseRequest, held: LeaseRow | undefined): Lease {
  const { epoch, sequence } = tx.state
  if (held) tx.state.leaseCount--
  putLease(tx, at, {
    kind: leaseKinds.lease,
    token: request.token,
    sequence,
    until: tx.nowMs + request.leaseMs,
  })
  return { token: request.token, epoch, sequence }
}

function holds(tx: Transaction, at: EntryAddress, lease: Lease): boolean {
  const row = tx.statements.lease.get(at.key, at.version) as LeaseRow | undefined
  return (
    row !== undefined &&
    row.kind === leaseKinds.lease &&
    row.token === lease.token &&
    row.sequence === lease.sequence &&
    row.until > tx.nowMs &&
    lease.epoch === tx.state.epoch
  )
}

function refusal(
  tx: Transaction,
  { at, lease, held }: { readonly at: EntryAddress; readonly lease: Lease; readonly held: boolean },
  entry: NewEntry,
): FillRefusal | undefined {
  if (lease.epoch !== tx.state.epoch) return 'epoch'
  if (!held) return 'lease'
  if (!tagsUntouchedSince(tx, entry.tags, lease.sequence)) return 'invalidated'
  return entry.version !== undefined && isOlder(entry, liveFacts(tx, at)) ? 'version' : undefined
}

function putLease(tx: Transaction, at: EntryAddress, row: Omit<LeaseRow, 'since'>): void {
  tx.statements.putLease.run(at.key, at.version, row.kind, row.token, row.sequence, row.until, tx.nowMs)
  tx.state.leaseCount++
  tx.dirty = true
}

function endLease(tx: Transaction, at: EntryAddress): void {
  tx.state.leaseCount -= tx.statements.endLease.run(at.key, at.version).changes
  tx.dirty = true
}
