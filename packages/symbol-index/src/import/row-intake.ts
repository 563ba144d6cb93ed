import { SymbolIndexError } from '../errors.ts'
import { isLive } from '../expiry.ts'
import { SymbolSetBuilder } from '../store/builder.ts'
import type { DraftInstrument } from '../store/builder.ts'
import { DuplicateFinder } from './duplicates.ts'
import type { MasterFormat, SourceRow } from './format.ts'
import type { ReadOptions } from './read-master.ts'
import { isBroken } from './records.ts'
import type { ParsedRecord, SourceRecord } from './records.ts'
import { RemarkList } from './report.ts'
import type { DuplicateKind, ImportReport, RejectReason, RepairReason } from './report.ts'

const DEFAULT_MAX_REJECTED = 0.05

/** Takes records in, one at a time, and keeps account of every one of them. */
export class RowIntake {
  rowsRead = 0
  readonly #format: MasterFormat
  readonly #options: ReadOptions
  readonly #nowMs: number
  readonly #builder = new SymbolSetBuilder()
  readonly #finder = new DuplicateFinder()
  readonly #rejected = new RemarkList<RejectReason>()
  readonly #repaired = new RemarkList<RepairReason>()
  readonly #duplicates = new RemarkList<DuplicateKind>()
  readonly #byExchange: Record<string, number> = {}
  #skipped = 0
  #expired = 0
  #endsWithTrailer = false

  constructor(format: MasterFormat, options: ReadOptions) {
    this.#format = format
    this.#options = options
    this.#nowMs = (options.now ?? Date.now)()
  }

  take(record: ParsedRecord): void {
    this.rowsRead++
    this.#endsWithTrailer = this.#isTrailer(record)
    if (this.#endsWithTrailer) {
      this.#skipped++
      return
    }
    if (isBroken(record)) {
      this.#rejected.add({ ...record, reason: record.broken })
      return
    }
    const row = new RecordRow(record, this.#repaired)
    const outcome = this.#format.read(row)
    if (typeof outcome === 'string') {
      this.#rejected.add({ ...remarkOf(record), reason: outcome })
      return
    }
    for (const column of this.#format.required) {
      if (record.field(column) === undefined) row.repair('missing-field', column)
    }
    this.#keep(record, outcome)
  }

  /** Writes the set, or refuses the source as a whole. */
  build(source: string): SharedArrayBuffer {
    this.#check()
    return this.#builder.build({ format: this.#format.id, source, importedAtMs: this.#nowMs })
  }

  report(source: string): Omit<ImportReport, 'bytesRead' | 'elapsedMs'> {
    return {
      format: this.#format.id,
      source,
      rowsRead: this.rowsRead,
      rowsKept: this.#builder.size,
      rejected: this.#rejected.toPlain(),
      repaired: this.#repaired.toPlain(),
      duplicates: this.#duplicates.toPlain(),
      skipped: this.#skipped,
      expired: this.#expired,
      byExchange: this.#byExchange,
    }
  }

  #isTrailer(record: ParsedRecord): boolean {
    const { trailer, required } = this.#format
    if (trailer === undefined) return false
    const text = isBroken(record) ? record.detail : record.field(required[0] ?? '')
    return typeof text === 'string' && text.startsWith(trailer)
  }

  #keep({ row, line }: SourceRecord, draft: DraftInstrument): void {
    if (draft.expiryDay !== 0 && !isLive(draft.expiryDay, this.#nowMs)) {
      this.#expired++
      if (this.#options.expired === 'drop') return
    }
    const duplicate = this.#finder.add(draft)
    if (duplicate !== undefined) {
      this.#duplicates.add({
        row,
        line,
        reason: duplicate,
        detail: `${draft.exchange} ${draft.symbol} ${draft.token}`,
      })
      if (duplicate === 'identical') return
    }
    this.#byExchange[draft.exchange] = (this.#byExchange[draft.exchange] ?? 0) + 1
    this.#builder.add(draft)
  }

  #check(): void {
    const { total, first } = this.#rejected
    const example = first[0]
    const remark = example === undefined ? '' : ` The first: line ${example.line}, ${example.reason}.`
    if (total > this.rowsRead * (this.#options.maxRejectedRatio ?? DEFAULT_MAX_REJECTED)) {
      throw new SymbolIndexError(
        'TOO_MANY_REJECTED',
        `${total} of ${this.rowsRead} rows were rejected.${remark}`,
      )
    }
    if (this.#builder.size === 0) {
      throw new SymbolIndexError(
        'EMPTY_SOURCE',
        `The source holds no instrument (${this.rowsRead} rows read).`,
      )
    }
    if (this.#format.trailer !== undefined && !this.#endsWithTrailer) {
      throw new SymbolIndexError(
        'TRUNCATED_SOURCE',
        'The last line is not the trailer: the file is cut short.',
      )
    }
  }
}

function remarkOf(record: SourceRecord): { row: number; line: number; detail: string } {
  return { row: record.row, line: record.line, detail: record.describe() }
}

/** A record as formats see it. */
class RecordRow implements SourceRow {
  readonly #record: SourceRecord
  readonly #repaired: RemarkList<RepairReason>

  constructor(record: SourceRecord, repaired: RemarkList<RepairReason>) {
    this.#record = record
    this.#repaired = repaired
  }

  text(column: string): string {
    const value = this.#record.field(column)
    if (typeof value === 'string') return value.trim().toWellFormed()
    if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(0) : String(value)
    return ''
  }

  repair(reason: RepairReason, detail: string): void {
    const { row, line } = this.#record
    this.#repaired.add({ row, line, reason, detail })
  }
}
