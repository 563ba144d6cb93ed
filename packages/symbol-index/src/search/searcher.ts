import type { SymbolColumns } from '../store/columns.ts'
import type { RowFinder } from '../store/row-finder.ts'
import { GroupScan } from './group-scan.ts'
import { isBlank } from './query.ts'
import type { CompiledQuery } from './query.ts'
import { RowFilter } from './row-filter.ts'
import { TermWords } from './term-words.ts'
import { TopRows } from './top-rows.ts'

export interface FoundRows {
  /** All matches, before the cut. */
  readonly total: number
  readonly rows: readonly number[]
}

const NOTHING: FoundRows = { total: 0, rows: [] }

/**
 * Search by scanning: first the dictionaries, each entry once for each term; then the groups; and rows only
 * where the group leaves a question open. Exact: it finds what a scan of all texts would find.
 */
export class Searcher {
  readonly #columns: SymbolColumns
  readonly #finder: RowFinder
  readonly #scratch: TermWords[] = []

  constructor(columns: SymbolColumns, finder: RowFinder) {
    this.#columns = columns
    this.#finder = finder
  }

  search(query: CompiledQuery): FoundRows {
    if (isBlank(query)) return NOTHING
    const terms = query.terms.map((text, index) => this.#words(text, index))
    const top = new TopRows(query.limit)
    const scan = new GroupScan(this.#columns, {
      terms,
      whole: this.#wholeQuery(query, terms),
      filter: new RowFilter(this.#columns, query),
      top,
    })
    this.#scanExchanges(scan, query.exchanges)
    return { total: scan.total, rows: top.take(this.#columns.sections.rowRank) }
  }

  #scanExchanges(scan: GroupScan, exchanges: readonly string[] | undefined): void {
    const { exchangeGroups } = this.#columns.sections
    const numbers =
      exchanges === undefined
        ? this.#columns.metadata.exchanges.keys()
        : exchanges.map((name) => this.#finder.exchangeNumber(name)).filter((number) => number !== -1)
    for (const exchange of numbers)
      scan.scan(exchangeGroups[exchange] ?? 0, exchangeGroups[exchange + 1] ?? 0)
  }

  /** The words of the query as a whole: of its only term, or of the text where a symbol may hold a blank. */
  #wholeQuery(query: CompiledQuery, terms: readonly TermWords[]): TermWords | undefined {
    if (query.text === query.terms[0]) return terms[0]
    const possible = query.text !== '' && this.#columns.metadata.blankInSymbols
    return possible ? this.#words(query.text, terms.length) : undefined
  }

  #words(text: string, index: number): TermWords {
    const words = (this.#scratch[index] ??= new TermWords(this.#columns))
    words.scan(text)
    return words
  }
}
