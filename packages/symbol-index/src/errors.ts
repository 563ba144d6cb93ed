/**
 * Why an operation on the index was refused.
 *
 * - `EMPTY_SOURCE`: the source holds no bytes, or no row that could be kept
 * - `HTML_SOURCE`: the source is a web page, usually the error page of a proxy or an expired address
 * - `TRUNCATED_SOURCE`: the source ends early: a gzip cut short, an array or a quote never closed
 * - `CORRUPT_SOURCE`: the source can't be decoded: bad gzip data, malformed JSON or CSV
 * - `UNKNOWN_FORMAT`: no known format has these columns and no column map was given
 * - `MISSING_COLUMN`: a column that the format requires is absent
 * - `UNREADABLE_SOURCE`: the file or stream failed while it was read; `cause` says why
 * - `TOO_MANY_REJECTED`: more rows were rejected than `maxRejectedRatio` allows
 * - `ROW_COUNT_OUT_OF_TOLERANCE`: the new set is implausibly smaller or larger than the live one
 * - `LIMIT_EXCEEDED`: the source needs more of something than the layout can hold
 * - `MEMORY_BUDGET_EXCEEDED`: the new set is larger than the memory budget
 * - `NOT_A_SNAPSHOT`: the file is not a symbol snapshot
 * - `SNAPSHOT_VERSION`: the snapshot was written in another format version or byte order
 * - `SNAPSHOT_TRUNCATED`: the snapshot is shorter or longer than its header says
 * - `SNAPSHOT_ALTERED`: the snapshot's contents don't match its checksum, a caller's expected hash, or each other
 * - `SNAPSHOT_IO`: the snapshot file can't be read or written; `cause` says why
 * - `INVALID_OPTION`: an argument is out of range; the message names it
 * - `ABORTED`: the caller's signal ended the import
 * - `WORKER_FAILED`: the import worker died; `cause` says why
 */
export type SymbolIndexErrorCode =
  | 'EMPTY_SOURCE'
  | 'HTML_SOURCE'
  | 'TRUNCATED_SOURCE'
  | 'CORRUPT_SOURCE'
  | 'UNKNOWN_FORMAT'
  | 'MISSING_COLUMN'
  | 'UNREADABLE_SOURCE'
  | 'TOO_MANY_REJECTED'
  | 'ROW_COUNT_OUT_OF_TOLERANCE'
  | 'LIMIT_EXCEEDED'
  | 'MEMORY_BUDGET_EXCEEDED'
  | 'NOT_A_SNAPSHOT'
  | 'SNAPSHOT_VERSION'
  | 'SNAPSHOT_TRUNCATED'
  | 'SNAPSHOT_ALTERED'
  | 'SNAPSHOT_IO'
  | 'INVALID_OPTION'
  | 'ABORTED'
  | 'WORKER_FAILED'

/** The only error class of this package. */
export class SymbolIndexError extends Error {
  override readonly name = 'SymbolIndexError'
  readonly code: SymbolIndexErrorCode

  constructor(code: SymbolIndexErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
