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
  /** How many runs there are. */
  count: number
}

/** Runs with room for a whole set. */
export function emptyRuns({ size, sections }: SymbolColumns): RowRuns {
  const groups = sections.groupSymbol.length
  return {
    groups: new Uint32Array(groups),
    ends: new Uint32Array(groups),
    rows: new Uint32Array(size),
    count: 0,
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
  all.count = all.groups.length
  return all
}

/** Copies the runs of a range of groups behind those that are there. */
export function appendGroups(all: RowRuns, firstGroup: number, endGroup: number, to: RowRuns): void {
  const firstRow = firstGroup === 0 ? 0 : (all.ends[firstGroup - 1] ?? 0)
  const endRow = endGroup === 0 ? 0 : (all.ends[endGroup - 1] ?? 0)
  const at = countRows(to)
  to.rows.set(all.rows.subarray(firstRow, endRow), at)
  for (let group = firstGroup; group < endGroup; group++) {
    to.groups[to.count] = group
    to.ends[to.count++] = (all.ends[group] ?? 0) - firstRow + at
  }
}

/** How many rows the runs hold. */
export function countRows({ ends, count }: RowRuns): number {
  return count === 0 ? 0 : (ends[count - 1] ?? 0)
}
