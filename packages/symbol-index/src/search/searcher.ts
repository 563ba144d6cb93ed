import type { SymbolColumns } from '../store/columns.ts'
import type { RowFinder } from '../store/row-finder.ts'
import { isBlank } from './query.ts'
import type { CompiledQuery } from './query.ts'
import { Ranker } from './ranker.ts'
import { RowFilter } from './row-filter.ts'
import { allRuns, appendGroups, countRows, emptyRuns } from './row-runs.ts'
import type { RowRuns } from './row-runs.ts'
import { SearchStore } from './search-store.ts'
import { SlipScan } from './slip-scan.ts'
import type { QueryTerm } from './slip-scan.ts'
import { TermWords } from './term-words.ts'
import { TopRows } from './top-rows.ts'

export interface FoundRows {
  /** All matches, before the cut. */
  readonly total: number
  readonly rows: readonly number[]
}

/** What a search looks for, ready to be looked for. */
interface SearchPlan {
  readonly terms: readonly QueryTerm[]
  readonly filter: RowFilter
  readonly ranker: Ranker
  readonly top: TopRows
  /** Slips are looked for afterwards, which asks of every row where the terms are. */
  readonly typos: boolean
}

/** So few rows that looking at what they are made of is less work than looking through the dictionaries. */
const FEW_ROWS = 2000
const NOTHING: FoundRows = { total: 0, rows: [] }

/**
 * Search by scanning: first the dictionaries, each entry once for each term; then the groups; and rows only
 * where the group leaves a question open. Exact: it finds what a scan of all texts would find.
 */
export class Searcher {
  readonly #columns: SymbolColumns
  readonly #finder: RowFinder
  readonly #words: TermWords[] = []
  #searchStore: SearchStore | undefined
  #runs: { readonly all: RowRuns; readonly found: RowRuns } | undefined

  constructor(columns: SymbolColumns, finder: RowFinder) {
    this.#columns = columns
    this.#finder = finder
  }

  search(query: CompiledQuery): FoundRows {
    if (isBlank(query)) return NOTHING
    const plan = this.#plan(query)
    const exchanges = this.#exchangeNumbers(query.exchanges)
    const runs = this.#narrow(this.#startingRuns(exchanges), plan)
    plan.ranker.rank(runs, plan.top)
    const total = countRows(runs) + (query.typos ? this.#addSlips(exchanges, plan) : 0)
    return { total, rows: plan.top.take(this.#columns.sections.rowRank) }
  }

  #plan(query: CompiledQuery): SearchPlan {
    const terms = query.terms.map((text, index) => ({ text, words: this.#wordsFor(index) }))
    const words = terms.map((term) => term.words)
    return {
      terms,
      filter: new RowFilter(this.#columns, query),
      ranker: new Ranker(this.#columns, words, this.#wholeQuery(query, words)),
      top: new TopRows(query.limit),
      typos: query.typos,
    }
  }

  /** Every row of these exchanges. */
  #startingRuns(exchanges: readonly number[]): RowRuns {
    const { all, found } = this.#scratch()
    if (exchanges.length === this.#columns.metadata.exchanges.length) return all
    const { exchangeGroups } = this.#columns.sections
    found.count = 0
    for (const exchange of exchanges) {
      appendGroups(all, exchangeGroups[exchange] ?? 0, exchangeGroups[exchange + 1] ?? 0, found)
    }
    return found
  }

  /** The rows among these that meet every condition. */
  #narrow(start: RowRuns, { terms, filter, typos }: SearchPlan): RowRuns {
    const { found } = this.#scratch()
    let runs = start
    if (filter.isNeeded) {
      filter.narrow(runs, found)
      runs = found
    }
    // The longest term first: it leaves the fewest rows to the others.
    for (const { text, words } of terms.toSorted((left, right) => right.text.length - left.text.length)) {
      if (!typos && countRows(runs) <= FEW_ROWS) words.scanFor(text, runs)
      else words.scan(text, countRows(runs))
      words.narrow(runs, found)
      runs = found
    }
    return runs
  }

  #scratch(): { readonly all: RowRuns; readonly found: RowRuns } {
    this.#runs ??= { all: allRuns(this.#columns), found: emptyRuns(this.#columns) }
    return this.#runs
  }

  #addSlips(exchanges: readonly number[], { terms, filter, top }: SearchPlan): number {
    const { exchangeGroups } = this.#columns.sections
    const scan = new SlipScan(this.#columns, filter, terms)
    for (const exchange of exchanges) {
      scan.scan(exchangeGroups[exchange] ?? 0, exchangeGroups[exchange + 1] ?? 0, top)
    }
    return scan.total
  }

  #exchangeNumbers(names: readonly string[] | undefined): readonly number[] {
    if (names === undefined) return [...this.#columns.metadata.exchanges.keys()]
    const numbers = names.map((name) => this.#finder.exchangeNumber(name))
    return numbers.filter((number) => number !== -1).sort((left, right) => left - right)
  }

  /** The words of the query as a whole: of its only term, or of the text where a symbol may hold a blank. */
  #wholeQuery(query: CompiledQuery, terms: readonly TermWords[]): TermWords | undefined {
    if (query.text === query.terms[0]) return terms[0]
    const possible = query.text !== '' && this.#columns.metadata.blankInSymbols
    if (!possible) return undefined
    const words = this.#wordsFor(terms.length)
    words.scan(query.text, 0)
    return words
  }

  #store(): SearchStore {
    this.#searchStore ??= new SearchStore(this.#columns)
    return this.#searchStore
  }

  #wordsFor(index: number): TermWords {
    return (this.#words[index] ??= new TermWords(this.#store()))
  }
}
