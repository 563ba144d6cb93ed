import type { SymbolColumns } from '../store/columns.ts'

/**
 * Candidate rows, in the order of the store, as runs: consecutive entries of `rows` that belong to one group.
 * The arrays are as long as they ever have to be and are used again and again.
 */
export interface RowRuns {
  /** The group of each run. */
  readonly groups: Uint32Array
  /** Where each run ends in `rows`; it begins where the one before it ends. */
  readonly ends: Uint32Array
  readonly rows: Uint32Array
  /** The runs from here… */
  firstRun: number
  /** …up to here. */
  endRun: number
  /** Where the first run begins in `rows`. */
  firstRow: number
}

/** Runs with room for a whole set. */
export function emptyRuns({ size, sections }: SymbolColumns): RowRuns {
  const groups = sections.groupSymbol.length
  return {
    groups: new Uint32Array(groups),
    ends: new Uint32Array(groups),
    rows: new Uint32Array(size),
    firstRun: 0,
    endRun: 0,
    firstRow: 0,
  }
}

/** Runs that hold every row of a set. */
export function allRuns(columns: SymbolColumns): RowRuns {
  const { groupRows } = columns.sections
  const all = emptyRuns(columns)
  for (let group = 0; group < all.groups.length; group++) {
    all.groups[group] = group
    all.ends[group] = groupRows[group + 1] ?? 0
  }
  for (let row = 0; row < all.rows.length; row++) all.rows[row] = row
  return all
}

/** How many rows the runs hold. */
export function countRows({ ends, firstRun, endRun, firstRow }: RowRuns): number {
  return endRun === firstRun ? 0 : (ends[endRun - 1] ?? 0) - firstRow
}
