import type { SymbolColumns } from '../store/columns.ts'
import type { CompiledQuery } from './query.ts'

/** The conditions of a query apart from its words. */
export class RowFilter {
  /** Whether rows of a group can differ in passing. */
  readonly byRow: boolean
  readonly #columns: SymbolColumns
  readonly #query: CompiledQuery
  readonly #underlyings = new Map<number, boolean>()

  constructor(columns: SymbolColumns, query: CompiledQuery) {
    this.#columns = columns
    this.#query = query
    this.byRow = query.types !== 0 || query.strikes !== undefined
  }

  passesGroup(group: number): boolean {
    const { groupExpiry, groupUnderlying } = this.#columns.sections
    const { expiryDay, underlying } = this.#query
    if (expiryDay !== 0 && groupExpiry[group] !== expiryDay) return false
    return underlying === undefined || this.#isUnderlying(groupUnderlying[group] ?? 0, underlying)
  }

  /** Keeps the rows that pass, in place; returns how many. */
  narrow(rows: Uint32Array, count: number): number {
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] ?? 0
      if (this.#passesRow(row)) rows[kept++] = row
    }
    return kept
  }

  #passesRow(row: number): boolean {
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
