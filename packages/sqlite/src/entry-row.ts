import { CacheError, type NewEntry, type StoredEntry } from '@cache/ports'

/** A row of `entries`, in the order of its columns. */
export interface EntryRow {
  readonly format: number
  readonly freshUntil: number
  readonly goneAt: number
  readonly bornAt: number
  readonly loadMs: number
  readonly sequence: number
  readonly sizeBytes: number
  readonly createdAt: number
  readonly callerVersion: number | null
  readonly revision: string
  readonly tags: string | null
  readonly payload: string | Uint8Array
}

export const entryColumns: string =
  'format, fresh_until AS freshUntil, gone_at AS goneAt, born_at AS bornAt, load_ms AS loadMs, sequence, ' +
  'size_bytes AS sizeBytes, created_at AS createdAt, caller_version AS callerVersion, revision, tags, payload'

/** What decides about an entry, without its payload. */
export interface EntryFacts {
  readonly id: number
  readonly goneAt: number
  readonly sizeBytes: number
  readonly callerVersion: number | null
  readonly revision: string
  readonly tags: string | null
}

export const factColumns: string =
  'id, gone_at AS goneAt, size_bytes AS sizeBytes, caller_version AS callerVersion, revision, tags'

const noTags: readonly string[] = Object.freeze([])

/** Added to the format of text that UTF-8 cannot hold, which is stored as JSON instead. */
const escapedText = 256

/** What a reader is given, with times that count from now. */
export function storedEntry(row: EntryRow, nowMs: number): StoredEntry {
  const escaped = row.format >= escapedText
  return {
    payload: escaped ? JSON.parse(row.payload as string) : row.payload,
    format: escaped ? row.format - escapedText : row.format,
    sizeBytes: row.sizeBytes,
    freshForMs: row.freshUntil - nowMs,
    keptForMs: row.goneAt - nowMs,
    ageMs: nowMs - row.bornAt,
    loadMs: row.loadMs,
    revision: row.revision,
    version: row.callerVersion ?? undefined,
    tags: row.tags === null ? noTags : tagNames(row.tags),
    sequence: row.sequence,
  }
}

/** Tags rest as a JSON array of names, each followed by its generation when the entry was written. */
export type RecordedTags = readonly (string | number)[]

export function tagNames(recorded: string): string[] {
  const parsed = JSON.parse(recorded) as RecordedTags
  return parsed.filter((_, index) => index % 2 === 0) as string[]
}

/** The format that a row has, which also says whether its text is escaped. */
export function rowFormat({ payload, format }: NewEntry): number {
  return typeof payload === 'string' && !payload.isWellFormed() ? format + escapedText : format
}

/** Appends what is a row's own of a plain upsert to `parameters`. */
export function pushOwn(parameters: unknown[], key: string, entry: NewEntry, at: CommonColumns): void {
  const { payload } = entry
  parameters.push(
    key,
    at.now + entry.freshForMs,
    at.now + entry.keptForMs,
    entry.sizeBytes,
    entry.revision,
    at.format >= escapedText ? JSON.stringify(payload) : payload,
  )
}

/** What rows have in common that are written with this one: parameters by name. */
export interface CommonColumns {
  readonly version: number
  readonly now: number
  readonly format: number
  readonly bornAt: number
  readonly loadMs: number
  /** Of the first row; those that follow have the numbers that follow. */
  readonly sequence: number
}

export function commonColumns(
  entry: NewEntry,
  { version, now, sequence }: Pick<CommonColumns, 'version' | 'now' | 'sequence'>,
): CommonColumns {
  return { version, now, format: rowFormat(entry), bornAt: now - entry.ageMs, loadMs: entry.loadMs, sequence }
}

/** @throws CacheError `INVALID_VALUE` when the payload is neither text nor bytes. */
export function checkPayload(entry: NewEntry): void {
  if (typeof entry.payload === 'string' || entry.payload instanceof Uint8Array) return
  throw new CacheError(
    'INVALID_VALUE',
    'The SQLite backend stores text and bytes: give it an encoded payload',
  )
}
