import type { LeaseRequest, NewEntry, StoredEntry, StoreOptions } from '@cache/core'
import type { ReferenceRules } from './reference-rules.ts'
import type {
  ReferenceCache,
  ReferenceNote,
  ReferenceRow,
  ReferenceStorage,
  ReferenceVersion,
} from './reference-storage.ts'

/** Tags that are remembered, over which the oldest records are lost. */
const maxTags = 2048

/** What a reference store works on. */
export interface ReferencePlace {
  readonly storage: ReferenceStorage
  readonly cache: ReferenceCache
  readonly version: ReferenceVersion
  readonly options: StoreOptions
  readonly rules: ReferenceRules
}

/** The row under a key if it is valid and not gone; counts as a use. Drops it otherwise. */
export function presentRow(place: ReferencePlace, key: string, nowMs: number): ReferenceRow | undefined {
  const { rows } = place.version
  const row = rows.get(key)
  if (!row) return undefined
  rows.delete(key)
  if (!isValid(place, row)) return undefined
  if (place.rules.isGone(row, nowMs)) {
    place.options.onEvict({ count: 1, reason: 'expired' })
    return undefined
  }
  rows.set(key, row)
  return row
}

/** Whether neither an epoch, nor a clear, nor a tag makes the row void. */
export function isValid({ storage, cache, rules }: ReferencePlace, row: ReferenceRow): boolean {
  if (!rules.epochHolds(row.epoch, storage.epoch) || !rules.clearHolds(row.sequence, cache.clearedAt))
    return false
  return row.entry.tags.every((tag) => rules.tagHolds(row.generations.get(tag), cache.tags.get(tag)))
}

/** Writes a row and evicts what no longer fits. */
export function writeRow(place: ReferencePlace, key: string, row: ReferenceRow): void {
  const { rows } = place.version
  const { maxEntries, maxBytes, onEvict } = place.options
  rows.delete(key)
  if (row.entry.sizeBytes > maxBytes) return
  rows.set(key, row)
  for (const [oldest] of rows) {
    if (rows.size <= maxEntries && totalBytes(rows) <= maxBytes) return
    onEvict({ count: 1, reason: rows.size > maxEntries ? 'entries' : 'bytes' })
    rows.delete(oldest)
  }
}

export function newRow(
  place: ReferencePlace,
  entry: NewEntry,
  sequence: number,
  nowMs: number,
): ReferenceRow {
  return {
    entry: { ...entry, payload: copied(entry.payload), tags: [...entry.tags] },
    epoch: place.storage.epoch,
    sequence,
    generations: new Map(entry.tags.map((tag) => [tag, recordedGeneration(place.cache, tag)])),
    bornAtMs: nowMs - entry.ageMs,
    freshUntilMs: nowMs + entry.freshForMs,
    goneAtMs: nowMs + entry.keptForMs,
  }
}

export function readEntry(row: ReferenceRow, nowMs: number): StoredEntry {
  return {
    ...row.entry,
    payload: copied(row.entry.payload),
    freshForMs: row.freshUntilMs - nowMs,
    keptForMs: row.goneAtMs - nowMs,
    ageMs: nowMs - row.bornAtMs,
    sequence: row.sequence,
  }
}

/** The lease or marker of a key, unless it has ended. */
export function presentNote(place: ReferencePlace, key: string, nowMs: number): ReferenceNote | undefined {
  const { notes } = place.version
  const note = notes.get(key)
  if (!note) return undefined
  if (place.rules.noteLasts(note, nowMs) && place.rules.noteSurvivesClear(note, place.cache.clearedAt))
    return note
  notes.delete(key)
  return undefined
}

export function leaseNote(place: ReferencePlace, request: LeaseRequest, nowMs: number): ReferenceNote {
  const { token, leaseMs } = request
  return { kind: 'lease', token, sequence: place.cache.sequence, untilMs: nowMs + leaseMs }
}

/** Notes that a tag has a generation; past the bound the oldest record is lost. */
export function recordTag(cache: ReferenceCache, tag: string, generation: number): void {
  cache.tags.delete(tag)
  cache.tags.set(tag, generation)
  for (const [oldest] of cache.tags) {
    if (cache.tags.size <= maxTags) return
    cache.tags.delete(oldest)
  }
}

/** A tag without a record gets one, so that losing it later is noticed. */
function recordedGeneration(cache: ReferenceCache, tag: string): number {
  const known = cache.tags.get(tag)
  if (known !== undefined) return known
  recordTag(cache, tag, cache.tagsChangedAt)
  return cache.tagsChangedAt
}

function totalBytes(rows: ReadonlyMap<string, ReferenceRow>): number {
  let bytes = 0
  for (const row of rows.values()) bytes += row.entry.sizeBytes
  return bytes
}

function copied(payload: unknown): unknown {
  return payload instanceof Uint8Array ? Uint8Array.from(payload) : payload
}
