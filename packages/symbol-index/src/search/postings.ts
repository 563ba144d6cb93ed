/** For each dictionary entry, the rows that have it. */
export class Postings {
  readonly #offsets: Uint32Array
  readonly #rows: Uint32Array

  /** `ids` holds the entry of each row; rows for which `unless` holds the same entry are left out. */
  constructor(ids: Uint32Array, entries: number, unless?: Uint32Array) {
    const offsets = new Uint32Array(entries + 1)
    const isListed = (row: number): boolean => unless === undefined || unless[row] !== ids[row]
    ids.forEach((id, row) => {
      if (isListed(row)) offsets[id + 1] = (offsets[id + 1] ?? 0) + 1
    })
    for (let id = 0; id < entries; id++) offsets[id + 1] = (offsets[id + 1] ?? 0) + (offsets[id] ?? 0)
    const rows = new Uint32Array(offsets[entries] ?? 0)
    const next = offsets.slice()
    ids.forEach((id, row) => {
      if (!isListed(row)) return
      const at = next[id] ?? 0
      rows[at] = row
      next[id] = at + 1
    })
    this.#offsets = offsets
    this.#rows = rows
  }

  /** How many rows have one of the entries whose word has one of these bits. */
  count(words: Int32Array, bits: number): number {
    if (bits === 0) return 0
    const offsets = this.#offsets
    let count = 0
    for (let id = 0; id < words.length; id++) {
      if (((words[id] ?? 0) & bits) !== 0) count += (offsets[id + 1] ?? 0) - (offsets[id] ?? 0)
    }
    return count
  }

  /** Calls back with the rows of each of those entries, and its word. */
  forEach(words: Int32Array, bits: number, visit: (rows: Uint32Array, word: number) => void): void {
    if (bits === 0) return
    const offsets = this.#offsets
    for (let id = 0; id < words.length; id++) {
      const word = words[id] ?? 0
      if ((word & bits) !== 0) visit(this.#rows.subarray(offsets[id] ?? 0, offsets[id + 1] ?? 0), word)
    }
  }
}
