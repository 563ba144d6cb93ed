import {
  encodeValue,
  valueFormat as format,
  type NewEntry,
  type Payload,
  type StoredEntry,
} from '@cache/core'

/** The entries of one schema version of a cache. */
export interface CacheVersion {
  readonly cache: string
  readonly version: number
}

/** An entry on its way from one store to another: what is stored, sealed where it is sealed, and the times that remain. */
export interface PortableEntry extends Omit<StoredEntry, 'payload' | 'sequence'> {
  readonly key: string
  readonly payload: Payload
}

/** Some entries of one cache, and where to go on after them. */
export interface EntryBatch extends CacheVersion {
  readonly entries: readonly PortableEntry[]
  /** Pass it to `batches` to begin after this one. */
  readonly position: string
}

/** Where entries come from. */
export interface EntrySource {
  /** How many there are; an estimate where the backend has no better. */
  count(): Promise<number>
  /** All entries, in an order that stays the same; those that change meanwhile may or may not appear. */
  batches(after?: string): AsyncIterable<EntryBatch>
  close(): Promise<void>
}

/** What became of a batch. */
export interface WriteOutcome {
  readonly written: number
  /** Left as they are: the target holds a newer version of the caller's, or anything at all where that is to stay. */
  readonly kept: number
}

/** Where entries go. */
export interface EntryTarget {
  write(batch: EntryBatch): Promise<WriteOutcome>
  /** How many of the entries are not there as they were written. */
  missing(batch: EntryBatch): Promise<number>
  /** Makes what was written count, where that is a step of its own. */
  finish(): Promise<void>
  /** Without `finish` before it, what a whole needs is given up. */
  close(): Promise<void>
}

/** A stored entry as it can leave its store: live values are encoded. */
export function portable(key: string, entry: StoredEntry): PortableEntry {
  const { freshForMs, keptForMs, ageMs, loadMs, revision, version, tags } = entry
  const facts = { key, freshForMs, keptForMs, ageMs, loadMs, revision, version, tags }
  if (entry.format !== format.live) {
    return {
      ...facts,
      payload: entry.payload as Payload,
      format: entry.format,
      sizeBytes: entry.sizeBytes,
    }
  }
  const encoded = encodeValue(entry.payload)
  return { ...facts, ...encoded, sizeBytes: byteLength(encoded.payload) }
}

/** The entry to write: what was past its fresh time arrives stale. */
export function arriving({ key: _key, ...entry }: PortableEntry): NewEntry {
  return { ...entry, freshForMs: Math.max(0, entry.freshForMs) }
}

export function byteLength(payload: Payload): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength
}
