import type { SymbolColumns } from '../store/columns.ts'
import type { RowFilter } from './row-filter.ts'
import { allowsSlip, markSlips } from './slip.ts'
import type { TermWords } from './term-words.ts'
import type { TopRows } from './top-rows.ts'

/** A word of the query and where it was found. */
export interface QueryTerm {
  readonly text: string
  readonly words: TermWords
}

/** A term and the heads that it matches with a slip. */
interface SlipTerm {
  readonly words: TermWords
  readonly heads: Uint8Array
}

/**
 * Adds the rows that match only if a word may have a slip. The underlying, or else the symbol, and the name
 * are compared; both belong to the group.
 */
export class SlipScan {
  total = 0
  readonly #columns: SymbolColumns
  readonly #filter: RowFilter
  readonly #terms: readonly SlipTerm[]

  constructor(columns: SymbolColumns, filter: RowFilter, terms: readonly QueryTerm[]) {
    this.#columns = columns
    this.#filter = filter
    this.#terms = terms.map(({ text, words }) => {
      const heads = new Uint8Array(columns.heads.size)
      if (allowsSlip(text)) markSlips(columns.heads, text, heads)
      return { words, heads }
    })
  }

  scan(firstGroup: number, endGroup: number, top: TopRows): void {
    top.beginExchange()
    for (let group = firstGroup; group < endGroup; group++) {
      const slipped = this.#terms.filter((term) => this.#slips(group, term) && !term.words.inGroup(group))
      if (slipped.length > 0 && this.#filter.passesGroup(group)) this.#scanRows(group, slipped, top)
    }
  }

  /** Takes the rows in which the other terms are as they are, and not all of these. */
  #scanRows(group: number, slipped: readonly SlipTerm[], top: TopRows): void {
    const { groupRows } = this.#columns.sections
    const others = this.#terms.filter((term) => !slipped.includes(term) && !term.words.inGroup(group))
    const end = groupRows[group + 1] ?? 0
    for (let row = groupRows[group] ?? 0; row < end; row++) {
      const holds = ({ words }: SlipTerm): boolean => words.inRow(group, row)
      if (!this.#filter.passesRow(row) || !others.every(holds) || slipped.every(holds)) continue
      this.total++
      top.offer(row, 4)
    }
  }

  #slips(group: number, { heads }: SlipTerm): boolean {
    const { groupUnderlying, groupSymbol, groupName } = this.#columns.sections
    const underlying = groupUnderlying[group] ?? 0
    const root = underlying === 0 ? (groupSymbol[group] ?? 0) : underlying - 1
    return heads[root] === 1 || heads[groupName[group] ?? 0] === 1
  }
}
