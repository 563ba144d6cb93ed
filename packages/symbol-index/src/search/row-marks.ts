import type { SymbolColumns } from '../store/columns.ts'

/** A set of rows and of the groups that they are in. Clearing costs as much as marking did. */
export class RowMarks {
  readonly rows: Uint8Array
  readonly groups: Uint8Array
  readonly #rowGroup: Uint32Array
  #marked: number[] = []

  constructor({ size, sections }: SymbolColumns) {
    this.rows = new Uint8Array(size)
    this.groups = new Uint8Array(sections.groupSymbol.length)
    this.#rowGroup = sections.rowGroup
  }

  add(row: number): void {
    this.rows[row] = 1
    this.groups[this.#rowGroup[row] ?? 0] = 1
    this.#marked.push(row)
  }

  clear(): void {
    for (const row of this.#marked) {
      this.rows[row] = 0
      this.groups[this.#rowGroup[row] ?? 0] = 0
    }
    this.#marked = []
  }
}
