import type { FormatId } from './format.ts'

/**
 * Why a row was rejected.
 *
 * - `malformed`: not a record: bad JSON, or a quote that swallowed the lines after it
 * - `column-count`: more or fewer fields than the header has
 * - `blank-symbol`, `blank-token`, `blank-exchange`: the field that identifies it is empty
 * - `bad-exchange`: not the name of an exchange
 * - `bad-type`: not a kind of instrument that the format knows
 * - `bad-expiry`: a derivative whose expiry is missing or not a date
 * - `bad-strike`: an option whose strike is missing, not a number, or not above zero
 * - `bad-lot-size`: not a number
 * - `bad-tick-size`: not a number, or negative
 * - `bad-symbol`: a derivative whose underlying can't be read from its symbol
 * - `too-long`: a field of more than 512 characters
 */
export type RejectReason =
  | 'malformed'
  | 'column-count'
  | 'blank-symbol'
  | 'blank-token'
  | 'blank-exchange'
  | 'bad-exchange'
  | 'bad-type'
  | 'bad-expiry'
  | 'bad-strike'
  | 'bad-lot-size'
  | 'bad-tick-size'
  | 'bad-symbol'
  | 'too-long'

/**
 * What was mended in a row that was kept.
 *
 * - `blank-name`: the name was empty; the underlying or symbol stands in
 * - `bad-lot-size`: the lot size was 0 or negative, and is kept as 0, of which no order is a multiple
 * - `missing-field`: a JSON object without a column that the format requires, which counts as empty
 */
export type RepairReason = 'blank-name' | 'bad-lot-size' | 'missing-field'

/**
 * Rows that share a key with another.
 *
 * - `identical`: the same in every field; kept once
 * - `symbol`: same symbol and exchange; all kept, a look-up by symbol gives the last
 * - `token`: same token and exchange; all kept, a look-up by token gives the last
 */
export type DuplicateKind = 'identical' | 'symbol' | 'token'

/** One remark about one row. */
export interface RowRemark<Reason extends string> {
  /** Number of the record, from 1; a header is not counted. */
  readonly row: number
  /** Line of the file on which the record begins, from 1. */
  readonly line: number
  readonly reason: Reason
  /** What stood there, shortened. */
  readonly detail: string
}

/** Remarks of one kind: all counted, the first of them kept. */
export interface Remarks<Reason extends string> {
  readonly total: number
  readonly byReason: Readonly<Partial<Record<Reason, number>>>
  readonly first: readonly RowRemark<Reason>[]
}

/** What an import did. */
export interface ImportReport {
  readonly format: FormatId
  readonly source: string
  readonly rowsRead: number
  readonly rowsKept: number
  readonly rejected: Remarks<RejectReason>
  readonly repaired: Remarks<RepairReason>
  readonly duplicates: Remarks<DuplicateKind>
  /** Rows that are not instruments, such as a trailer line. */
  readonly skipped: number
  /** Kept, or dropped on request, though expired at the time of the import. */
  readonly expired: number
  readonly byExchange: Readonly<Record<string, number>>
  readonly bytesRead: number
  readonly elapsedMs: number
}

const MAX_REMARKS = 100
const MAX_DETAIL = 80

/** Collects remarks of one kind. */
export class RemarkList<Reason extends string> implements Remarks<Reason> {
  total = 0
  readonly byReason: Partial<Record<Reason, number>> = {}
  readonly first: RowRemark<Reason>[] = []

  add(remark: RowRemark<Reason>): void {
    this.total++
    this.byReason[remark.reason] = (this.byReason[remark.reason] ?? 0) + 1
    if (this.first.length < MAX_REMARKS)
      this.first.push({ ...remark, detail: remark.detail.slice(0, MAX_DETAIL) })
  }

  toPlain(): Remarks<Reason> {
    return { total: this.total, byReason: { ...this.byReason }, first: [...this.first] }
  }
}
