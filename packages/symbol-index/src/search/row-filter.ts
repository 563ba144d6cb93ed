import type { SymbolColumns } from '../store/columns.ts'
import type { CompiledQuery } from './query.ts'
import type { RowRuns } from './row-runs.ts'

/** The conditions of a query apart from its words. */
export class RowFilter {
  /** Whether there is any condition. */
  readonly isNeeded: boolean
  readonly #columns: SymbolColumns
  readonly #query: CompiledQuery
  readonly #underlyings = new Map<number, boolean>()

  constructor(columns: SymbolColumns, query: CompiledQuery) {
    this.#columns = columns
    this.#query = query
    const ofGroup = query.expiryDay !== 0 || query.underlying !== undefined
    this.isNeeded = ofGroup || query.types !== 0 || query.strikes !== undefined
  }

  /** Copies the rows that pass from one set of runs to another, which may be the same. */
  narrow(from: RowRuns, to: RowRuns): void {
    let at = 0
    let kept = 0
    let runs = 0
    for (let run = 0; run < from.count; run++) {
      const group = from.groups[run] ?? 0
      const end = from.ends[run] ?? 0
      const begin = kept
      if (this.passesGroup(group)) {
        for (; at < end; at++) {
          const row = from.rows[at] ?? 0
          if (this.passesRow(row)) to.rows[kept++] = row
        }
      }
      at = end
      if (kept === begin) continue
      to.groups[runs] = group
      to.ends[runs++] = kept
    }
    to.count = runs
  }

  passesGroup(group: number): boolean {
    const { groupExpiry, groupUnderlying } = this.#columns.sections
    const { expiryDay, underlying } = this.#query
    if (expiryDay !== 0 && groupExpiry[group] !== expiryDay) return false
    return underlying === undefined || this.#isUnderlying(groupUnderlying[group] ?? 0, underlying)
  }

  passesRow(row: number): boolean {
    const { specTypes, rowSpec } = this.#columns.sections
    const { types, strikes } = this.#query
    if (types !== 0 && (types & (1 << (specTypes[rowSpec[row] ?? 0] ?? 0))) === 0) return false
    if (strikes === undefined) return true
    const units = this.#columns.strikeUnits(row)
    return units !== 0 && units >= strikes.min && units <= strikes.max
  }

  #isUnderlying(id: number, wanted: string): boolean {
    const known = this.#underlyings.get(id)
    if (known !== undefined) return known
    const same = id !== 0 && this.#columns.heads.text(id - 1).toUpperCase() === wanted
    this.#underlyings.set(id, same)
    return same
  }
}
