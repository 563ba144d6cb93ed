import type { DraftInstrument } from '../store/builder.ts'
import type { RejectReason, RepairReason } from './report.ts'

/** The formats that can be read. */
export type FormatId =
  | 'angel-json'
  | 'upstox-json'
  | 'upstox-csv'
  | 'kite-csv'
  | 'dhan-csv'
  | 'nasdaq-listed'
  | 'other-listed'
  | 'generic-csv'

/** One record of a source, whatever its syntax. */
export interface SourceRow {
  /** The field without blanks around it; empty when it is absent. */
  text(column: string): string
  /** Notes that something was mended. */
  repair(reason: RepairReason, detail: string): void
}

/** What a format makes of a row: an instrument, or the reason why not. */
export type RowOutcome = DraftInstrument | RejectReason

/** How one kind of source is recognised and read. */
export interface MasterFormat {
  readonly id: FormatId
  readonly syntax: 'json' | 'csv'
  /** The format is recognised by these columns, and refuses a source that lacks one of `required`. */
  readonly signature: readonly string[]
  readonly required: readonly string[]
  /** How the last line must begin; without it the source is cut short. */
  readonly trailer?: string | undefined
  read(row: SourceRow): RowOutcome
}
