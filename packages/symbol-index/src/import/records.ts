import type { RejectReason } from './report.ts'

/** A record as its syntax gives it, before a format makes sense of it. */
export interface SourceRecord {
  /** From 1; a header is not counted. */
  readonly row: number
  /** Line on which it begins, from 1. */
  readonly line: number
  /** The field of a column; `undefined` when the record has none. */
  field(column: string): unknown
  /** Its text, or something like it, for reports. */
  describe(): string
  /** The columns that it has, for a syntax in which records can differ. */
  keys?(): readonly string[]
}

/** A record that couldn't be read. */
export interface BrokenRecord {
  readonly row: number
  readonly line: number
  readonly broken: RejectReason
  readonly detail: string
}

export type ParsedRecord = SourceRecord | BrokenRecord

export function isBroken(record: ParsedRecord): record is BrokenRecord {
  return 'broken' in record
}
