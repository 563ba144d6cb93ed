import type { SymbolColumns } from '../store/columns.ts'

/** A set of rows and of the groups that they are in. */
export class RowMarks {
  readonly rows: Uint8Array
  readonly groups: Uint8Array
  readonly #rowGroup: Uint32Array
  #isEmpty = true

  constructor({ size, sections }: SymbolColumns) {
    this.rows = new Uint8Array(size)
    this.groups = new Uint8Array(sections.groupSymbol.length)
    this.#rowGroup = sections.rowGroup
  }

  add(row: number): void {
    this.rows[row] = 1
    this.groups[this.#rowGroup[row] ?? 0] = 1
    this.#isEmpty = false
  }

  addAll(rows: Uint32Array): void {
    const marked = this.rows
    const groups = this.groups
    const rowGroup = this.#rowGroup
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? 0
      marked[row] = 1
      groups[rowGroup[row] ?? 0] = 1
    }
    this.#isEmpty = false
  }

  clear(): void {
    if (this.#isEmpty) return
    this.rows.fill(0)
    this.groups.fill(0)
    this.#isEmpty = true
  }
}
