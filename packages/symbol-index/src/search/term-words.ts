import { parseUnits } from '../decimal.ts'
import type { SymbolColumns } from '../store/columns.ts'
import type { RowRuns } from './row-runs.ts'
import { CONTAINS, CROSSING, TermScan } from './term-scan.ts'

/** Where one term was found: a word (see term-scan.ts) for each entry of each dictionary. Reused. */
export class TermWords {
  readonly heads: Int32Array
  readonly tails: Int32Array
  readonly #tokenHeads: Int32Array
  readonly #tokenTails: Int32Array
  readonly #columns: SymbolColumns
  /** Length of the term. */
  length = 0
  /** Number of the strike that the term is, or -1. */
  #strike = -1
  /** Whether tokens can make a row match. */
  #inTokens = false
  /** Whether anything of a row's own can make it match when its group does not. */
  #inRows = false

  constructor(columns: SymbolColumns) {
    this.#columns = columns
    this.heads = new Int32Array(columns.heads.size)
    this.tails = new Int32Array(columns.tails.size)
    this.#tokenHeads = new Int32Array(columns.tokenHeads.size)
    this.#tokenTails = new Int32Array(columns.tokenTails.size)
  }

  /** Looks a term up in every dictionary. */
  scan(text: string): void {
    const { heads, tails, tokenHeads, tokenTails, sections } = this.#columns
    const folded = new TermScan(text, 'fold')
    const tailUnion = folded.tails(tails, this.tails)
    folded.heads(heads, tailUnion & CROSSING, this.heads)
    const exact = new TermScan(text, 'exact')
    const tokenTailUnion = exact.tails(tokenTails, this.#tokenTails)
    const tokenHeadUnion = exact.heads(tokenHeads, tokenTailUnion & CROSSING, this.#tokenHeads)
    this.length = text.length
    this.#inTokens =
      (((tokenTailUnion | tokenHeadUnion) & CONTAINS) | (tokenTailUnion & tokenHeadUnion & CROSSING)) !== 0
    this.#strike = strikeNumber(text, sections.strikes)
    this.#inRows = tailUnion !== 0 || this.#inTokens || this.#strike !== -1
  }

  /** Whether the term is settled by groups alone, which makes it the one to begin with. */
  get isCheap(): boolean {
    return !this.#inRows
  }

  /** Whether a group's shared texts hold the term: head of symbol or broker's symbol, or name. */
  inGroup(group: number): boolean {
    const { groupSymbol, groupBrokerSymbol, groupName } = this.#columns.sections
    const { heads } = this
    const words =
      (heads[groupSymbol[group] ?? 0] ?? 0) |
      (heads[groupBrokerSymbol[group] ?? 0] ?? 0) |
      (heads[groupName[group] ?? 0] ?? 0)
    return (words & CONTAINS) !== 0
  }

  /** Whether a row's own texts, with its group's heads before them, or its strike hold the term. */
  inRow(group: number, row: number): boolean {
    const { groupBrokerSymbol, rowBrokerTail, rowStrike } = this.#columns.sections
    const brokerBits = this.#tailBits(groupBrokerSymbol[group] ?? 0)
    return (
      this.inSymbol(group, row) ||
      ((this.tails[rowBrokerTail[row] ?? 0] ?? 0) & brokerBits) !== 0 ||
      rowStrike[row] === this.#strike ||
      this.#inToken(row)
    )
  }

  /** Whether a row's symbol holds the term. */
  inSymbol(group: number, row: number): boolean {
    const { groupSymbol, rowSymbolTail } = this.#columns.sections
    const head = groupSymbol[group] ?? 0
    const tail = this.tails[rowSymbolTail[row] ?? 0] ?? 0
    return (((this.heads[head] ?? 0) & CONTAINS) | (tail & this.#tailBits(head))) !== 0
  }

  /**
   * Copies the rows that hold the term from one set of runs to another, which may be the same. This is where
   * a search spends its time: everything is a local variable and nothing is called for a row.
   */
  narrow(from: RowRuns, to: RowRuns): void {
    const { groupSymbol, groupBrokerSymbol, groupName } = this.#columns.sections
    const { rowSymbolTail, rowBrokerTail, rowTokenHead, rowTokenTail, rowStrike } = this.#columns.sections
    const { heads, tails } = this
    const tokenHeads = this.#tokenHeads
    const tokenTails = this.#tokenTails
    const strike = this.#strike
    const inTokens = this.#inTokens
    const inRows = this.#inRows
    const { groups, ends, rows, firstRun, endRun } = from
    const { groups: keptGroups, ends: keptEnds, rows: keptRows } = to
    let at = from.firstRow
    let kept = 0
    let runs = 0
    for (let run = firstRun; run < endRun; run++) {
      const group = groups[run] ?? 0
      const end = ends[run] ?? 0
      const begin = kept
      const symbolWord = heads[groupSymbol[group] ?? 0] ?? 0
      const brokerWord = heads[groupBrokerSymbol[group] ?? 0] ?? 0
      if (((symbolWord | brokerWord | (heads[groupName[group] ?? 0] ?? 0)) & CONTAINS) !== 0) {
        for (; at < end; at++) keptRows[kept++] = rows[at] ?? 0
      } else if (inRows) {
        const symbolBits = CONTAINS | (symbolWord & CROSSING)
        const brokerBits = CONTAINS | (brokerWord & CROSSING)
        for (; at < end; at++) {
          const row = rows[at] ?? 0
          let found =
            ((tails[rowSymbolTail[row] ?? 0] ?? 0) & symbolBits) |
            ((tails[rowBrokerTail[row] ?? 0] ?? 0) & brokerBits)
          if (found === 0 && inTokens) {
            const head = tokenHeads[rowTokenHead[row] ?? 0] ?? 0
            const tail = tokenTails[rowTokenTail[row] ?? 0] ?? 0
            found = ((head | tail) & CONTAINS) | (head & tail & CROSSING)
          }
          if (found !== 0 || rowStrike[row] === strike) keptRows[kept++] = row
        }
      }
      at = end
      if (kept === begin) continue
      keptGroups[runs] = group
      keptEnds[runs++] = kept
    }
    to.firstRun = 0
    to.firstRow = 0
    to.endRun = runs
  }

  #inToken(row: number): boolean {
    const { rowTokenHead, rowTokenTail } = this.#columns.sections
    const head = this.#tokenHeads[rowTokenHead[row] ?? 0] ?? 0
    const tail = this.#tokenTails[rowTokenTail[row] ?? 0] ?? 0
    return (((head | tail) & CONTAINS) | (head & tail & CROSSING)) !== 0
  }

  /** The bits of a tail that, after this head, mean that the term is there. */
  #tailBits(head: number): number {
    return CONTAINS | ((this.heads[head] ?? 0) & CROSSING)
  }
}

/** The strike that a term is equal to, as its number in the store. Strike 0 stands for none. */
function strikeNumber(text: string, strikes: Float64Array): number {
  const units = parseUnits(text)
  return units > 0 ? strikes.indexOf(units) : -1
}
