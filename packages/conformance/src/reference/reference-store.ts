import { randomUUID } from 'node:crypto'
import { CacheError, stepEntry } from '@cache/core'
import type {
  AcquireReply,
  Change,
  ChangeOutcome,
  ChangeReply,
  ChangesReply,
  EntryStore,
  FillRefusal,
  FillReply,
  Lease,
  LeaseEnd,
  LeaseRequest,
  NewEntry,
  ReadReply,
  ScanPage,
  ScanRequest,
  Stamp,
  Step,
} from '@cache/core'
import {
  isValid,
  leaseNote,
  newRow,
  presentNote,
  presentRow,
  readEntry,
  recordTag,
  writeRow,
  type ReferencePlace,
} from './reference-entries.ts'
import type { ReferenceRow } from './reference-storage.ts'

/** Changes that the log holds. */
const maxLog = 512

/**
 * The port and the coherence protocol, written to be read: no index, no bulk path. Entries are void by comparison
 * of sequences and generations, as on a server, and not by removal.
 */
export class ReferenceStore implements EntryStore {
  readonly payloads = 'encoded'
  readonly #place: ReferencePlace
  readonly #now: () => number

  /** `now` throws once the backend is closed. */
  constructor(place: ReferencePlace, now: () => number) {
    this.#place = place
    this.#now = now
  }

  async read(keys: readonly string[]): Promise<ReadReply> {
    const nowMs = this.#now()
    const rows = keys.map((key) => presentRow(this.#place, key, nowMs))
    return { entries: rows.map((row) => row && readEntry(row, nowMs)), stamp: this.#stamp() }
  }

  async acquire(key: string, request: LeaseRequest): Promise<AcquireReply> {
    const nowMs = this.#now()
    const row = presentRow(this.#place, key, nowMs)
    if (!row) return this.#acquireMissing(key, request, nowMs)
    const entry = readEntry(row, nowMs)
    const isHit = this.#place.rules.isFresh(row, nowMs) && !request.refresh
    if (isHit) return { kind: 'hit', entry, stamp: this.#stamp() }
    const note = presentNote(this.#place, key, nowMs)
    if (!this.#place.rules.mayGrant(note))
      return { kind: 'stale', entry, because: note?.kind === 'throttle' ? 'throttled' : 'loading' }
    return { kind: 'stale', entry, lease: this.#grant(key, request, nowMs) }
  }

  async renew(key: string, lease: Lease, leaseMs: number): Promise<boolean> {
    const nowMs = this.#now()
    const note = presentNote(this.#place, key, nowMs)
    if (!note || !this.#owns(key, lease, nowMs)) return false
    this.#place.version.notes.set(key, { ...note, untilMs: nowMs + leaseMs })
    return true
  }

  async fill(key: string, lease: Lease, entry: NewEntry): Promise<FillReply> {
    const nowMs = this.#now()
    const owned = this.#owns(key, lease, nowMs)
    const reason = this.#fillRefusal(key, entry, { lease, owned, nowMs })
    if (owned && (!reason || this.#place.rules.refusedFillEndsLease)) this.#place.version.notes.delete(key)
    if (reason) return { accepted: false, reason }
    writeRow(this.#place, key, newRow(this.#place, entry, lease.sequence, nowMs))
    return { accepted: true, stamp: this.#stamp() }
  }

  async release(key: string, lease: Lease, end: LeaseEnd): Promise<boolean> {
    const nowMs = this.#now()
    if (!this.#owns(key, lease, nowMs)) return false
    const { notes } = this.#place.version
    notes.delete(key)
    if (end.kind === 'free') return true
    if (end.kind === 'unstored' && !this.#tagsPermit(end.tags, lease.sequence)) return false
    const { sequence } = this.#place.cache
    notes.set(key, { kind: end.kind, token: '', sequence, untilMs: nowMs + end.forMs })
    return true
  }

  async change(changes: readonly Change[]): Promise<ChangeReply> {
    const nowMs = this.#now()
    const { cache } = this.#place
    const sequences: (number | undefined)[] = []
    const outcomes = changes.map((change) => {
      const before = cache.sequence
      const outcome = this.#apply(change, nowMs)
      sequences.push(cache.sequence > before ? cache.sequence : undefined)
      return outcome
    })
    return { outcomes, stamp: this.#stamp(), sequences }
  }

  async scan({ of, prefix = '', tag, limit, cursor = '' }: ScanRequest): Promise<ScanPage> {
    const nowMs = this.#now()
    const { rows, notes } = this.#place.version
    const names = of === 'leases' ? notes : rows
    const keys = [...names.keys()].filter((key) => key.startsWith(prefix)).sort()
    const live = keys.filter((key) => {
      if (cursor !== '' && key <= cursor.slice(1)) return false
      if (of === 'leases') return presentNote(this.#place, key, nowMs)?.kind === 'lease'
      const row = presentRow(this.#place, key, nowMs)
      return row !== undefined && (tag === undefined || row.entry.tags.includes(tag))
    })
    const page = live.slice(0, Math.max(1, limit))
    return page.length < live.length ? { keys: page, cursor: `>${page.at(-1)}` } : { keys: page }
  }

  /** Exact; `O(n)`. */
  async count(): Promise<number> {
    const nowMs = this.#now()
    const { rules, version } = this.#place
    return [...version.rows.values()].filter((row) => isValid(this.#place, row) && !rules.isGone(row, nowMs))
      .length
  }

  async changesSince(stamp: Stamp | undefined): Promise<ChangesReply> {
    this.#now()
    const { storage, cache } = this.#place
    const present = this.#stamp()
    if (
      stamp?.epoch !== storage.epoch ||
      stamp.sequence > cache.sequence ||
      stamp.sequence < cache.forgotten
    ) {
      return { kind: 'reset', stamp: present }
    }
    const invalidations = cache.log.filter(({ sequence }) => sequence > stamp.sequence)
    return { kind: 'log', stamp: present, invalidations }
  }

  async step<S, I, O>(key: string, step: Step<S, I, O>, input: I): Promise<O> {
    const nowMs = this.#now()
    const row = presentRow(this.#place, key, nowMs)
    const moment = { nowMs, revision: randomUUID() }
    const { output, write } = stepEntry(step, input, row && readEntry(row, nowMs), moment)
    if (write === 'remove') this.#place.version.rows.delete(key)
    else if (write) writeRow(this.#place, key, newRow(this.#place, write, this.#place.cache.sequence, nowMs))
    return output
  }

  async purge(limit: number): Promise<number> {
    const nowMs = this.#now()
    const { rows } = this.#place.version
    const due = [...rows].filter(([, row]) => this.#place.rules.isPurgeable(row, nowMs)).slice(0, limit)
    for (const [key] of due) rows.delete(key)
    if (due.length > 0) this.#place.options.onEvict({ count: due.length, reason: 'expired' })
    return due.length
  }

  unchangedSince(stamp: Stamp): boolean {
    const { epoch, sequence } = this.#stamp()
    return !this.#isClosed() && epoch === stamp.epoch && sequence === stamp.sequence
  }

  #isClosed(): boolean {
    try {
      this.#now()
      return false
    } catch {
      return true
    }
  }

  #stamp(): Stamp {
    return { epoch: this.#place.storage.epoch, sequence: this.#place.cache.sequence }
  }

  #acquireMissing(key: string, request: LeaseRequest, nowMs: number): AcquireReply {
    const note = presentNote(this.#place, key, nowMs)
    const isFree = this.#place.rules.mayGrant(note) || note?.kind === 'throttle'
    if (!note || isFree) return { kind: 'lease', lease: this.#grant(key, request, nowMs) }
    return note.kind === 'unstored'
      ? { kind: 'unstored' }
      : { kind: 'wait', remainingMs: note.untilMs - nowMs }
  }

  #grant(key: string, request: LeaseRequest, nowMs: number): Lease {
    this.#place.version.notes.set(key, leaseNote(this.#place, request, nowMs))
    return { token: request.token, ...this.#stamp() }
  }

  #owns(key: string, lease: Lease, nowMs: number): boolean {
    const { rules, storage } = this.#place
    return (
      rules.epochHolds(lease.epoch, storage.epoch) &&
      rules.ownsLease(presentNote(this.#place, key, nowMs), lease)
    )
  }

  #fillRefusal(
    key: string,
    entry: NewEntry,
    { lease, owned, nowMs }: { readonly lease: Lease; readonly owned: boolean; readonly nowMs: number },
  ): FillRefusal | undefined {
    const { rules, storage, cache } = this.#place
    if (!rules.epochHolds(lease.epoch, storage.epoch)) return 'epoch'
    if (!owned) return 'lease'
    if (!rules.clearHolds(lease.sequence, cache.clearedAt)) return 'invalidated'
    if (!this.#tagsPermit(entry.tags, lease.sequence)) return 'invalidated'
    return rules.isOlder(entry, presentRow(this.#place, key, nowMs)) ? 'version' : undefined
  }

  #tagsPermit(tags: readonly string[], sequence: number): boolean {
    const { rules, cache } = this.#place
    return tags.every((tag) => rules.tagPermitsFill(cache.tags.get(tag), sequence, cache.tagsChangedAt))
  }

  #apply(change: Change, nowMs: number): ChangeOutcome {
    switch (change.kind) {
      case 'tags':
        this.#tell({ kind: 'tags', tags: [...change.tags] })
        this.#place.cache.tagsChangedAt = this.#place.cache.sequence
        for (const tag of change.tags) recordTag(this.#place.cache, tag, this.#place.cache.sequence)
        return 'applied'
      case 'clear':
        this.#tell({ kind: 'clear' })
        this.#place.cache.clearedAt = this.#place.cache.sequence
        return 'applied'
      default:
        return this.#applyToKey(change, presentRow(this.#place, change.key, nowMs), nowMs)
    }
  }

  #applyToKey(
    change: Extract<Change, { readonly key: string }>,
    present: ReferenceRow | undefined,
    nowMs: number,
  ): ChangeOutcome {
    const { rules } = this.#place
    if (change.kind !== 'set' && !present) return this.#changeNothing(change)
    if (!rules.conditionHolds(change.when, present)) return 'conflict'
    if (change.kind === 'set' && rules.isOlder(change.entry, present)) return 'older'
    this.#forget(change)
    if (change.kind !== 'delete') {
      const entry = change.kind === 'set' ? change.entry : retimed(present, change, nowMs)
      writeRow(this.#place, change.key, newRow(this.#place, entry, this.#place.cache.sequence, nowMs))
    }
    return 'applied'
  }

  #changeNothing(change: Extract<Change, { readonly key: string }>): ChangeOutcome {
    if (change.kind === 'delete' && !change.when && this.#place.rules.tellsAbsentDelete) this.#forget(change)
    return 'absent'
  }

  /** The sequence grows, and the key's rows and leases go in every version of the cache. */
  #forget({ key, kind }: { readonly key: string; readonly kind: 'set' | 'delete' | 'expire' }): void {
    this.#tell({ kind: 'keys', keys: [key] })
    for (const { rows, notes } of this.#place.cache.versions.values()) {
      rows.delete(key)
      if (this.#place.rules.endsLease.has(kind)) notes.delete(key)
    }
  }

  #tell(what: Untold): void {
    const { cache } = this.#place
    cache.sequence++
    cache.log.push({ ...what, sequence: cache.sequence })
    if (cache.log.length > maxLog) cache.forgotten = cache.log.shift()?.sequence ?? cache.forgotten
  }
}

type Untold =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
  | { readonly kind: 'clear' }

function retimed(
  row: ReferenceRow | undefined,
  times: { readonly freshForMs: number; readonly keptForMs: number },
  nowMs: number,
): NewEntry {
  if (!row) throw new CacheError('BACKEND_FAILED', 'There is nothing to give other times')
  const { freshForMs, keptForMs } = times
  return { ...row.entry, ageMs: nowMs - row.bornAtMs, freshForMs, keptForMs }
}
