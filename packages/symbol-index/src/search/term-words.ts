import { parseUnits } from '../decimal.ts'
import type { SymbolColumns } from '../store/columns.ts'
import { charactersOf } from './row-characters.ts'
import { RowMarks } from './row-marks.ts'
import type { RowRuns } from './row-runs.ts'
import type { SearchStore } from './search-store.ts'
import { CONTAINS, CROSSING, TermScan } from './term-scan.ts'

const ONE_CHARACTER = /^[A-Z0-9]$/
/** What it costs to mark a row that an index gives, in rows looked through. */
const MARKING_COST = 4

/** Where one term was found: a word (see term-scan.ts) for each entry of each dictionary. Reused. */
export class TermWords {
  readonly heads: Int32Array
  readonly tails: Int32Array
  readonly #tokenHeads: Int32Array
  readonly #tokenTails: Int32Array
  readonly #store: SearchStore
  readonly #columns: SymbolColumns
  /** Rows found one by one: by token or strike, and by tail unless those are looked through. */
  readonly #marks: RowMarks
  #text = ''
  #isOneCharacter = false
  /** The bits of tails that can make a row match; 0 when tails can't, or are in the marks already. */
  #tailBits = 0
  /** The same for tokens. */
  #tokenBits = 0
  #tokenHeadBits = 0
  /** Whether tails can. */
  #canBeInTails = false
  /** Rows that tails and tokens may make match: an upper bound. */
  #possible = 0

  constructor(store: SearchStore) {
    const { columns } = store
    this.#store = store
    this.#columns = columns
    this.heads = new Int32Array(columns.heads.size)
    this.tails = new Int32Array(columns.tails.size)
    this.#tokenHeads = new Int32Array(columns.tokenHeads.size)
    this.#tokenTails = new Int32Array(columns.tokenTails.size)
    this.#marks = new RowMarks(columns)
  }

  /** Looks a term up in every dictionary. Rows come later: see `prepare`. */
  scan(text: string): void {
    this.#text = text
    this.#isOneCharacter = ONE_CHARACTER.test(text)
    this.#marks.clear()
    this.#scanTexts(text)
    if (this.#isOneCharacter) {
      this.#possible = this.#columns.size
      return
    }
    this.#scanTokens(text)
    this.#possible = this.#countPossible()
    this.#markStrike(strikeNumber(text, this.#columns.sections.strikes))
  }

  #scanTexts(text: string): void {
    const { heads, tails } = this.#columns
    const folded = new TermScan(text, 'fold')
    const tailUnion = folded.tails(tails, this.tails)
    const headUnion = folded.heads(heads, this.#store.headEndings, tailUnion & CROSSING, this.heads)
    this.#tailBits = tailUnion & (CONTAINS | (headUnion & CROSSING))
    this.#canBeInTails = this.#tailBits !== 0
  }

  #scanTokens(text: string): void {
    const { tokenHeads, tokenTails } = this.#columns
    const exact = new TermScan(text, 'exact')
    const tailUnion = exact.tails(tokenTails, this.#tokenTails)
    const { tokenHeadEndings } = this.#store
    const headUnion = exact.heads(tokenHeads, tokenHeadEndings, tailUnion & CROSSING, this.#tokenHeads)
    this.#tokenHeadBits = headUnion & (CONTAINS | (tailUnion & CROSSING))
    this.#tokenBits = this.#tokenHeadBits | (tailUnion & CONTAINS)
  }

  /** Length of the term. */
  get length(): number {
    return this.#text.length
  }

  /** How many rows its tails and tokens may make match: the term with the fewest is the one to begin with. */
  get possibleRows(): number {
    return this.#possible
  }

  /** Marks the rows that match by tail or token, if that is less work than to look through the candidates. */
  prepare(candidates: number): void {
    if (this.#isOneCharacter || this.#possible * MARKING_COST > candidates) return
    this.#markTails()
    this.#markTokens()
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
    if (this.#isOneCharacter) return this.#store.rowCharacters.has(this.#text, row)
    return this.#marks.rows[row] === 1 || this.#inTails(group, row) || this.#inToken(row)
  }

  /** Whether the symbol of a row with this head can hold the term. */
  canBeInSymbol(head: number): boolean {
    return this.#canBeInTails || ((this.heads[head] ?? 0) & CONTAINS) !== 0
  }

  /** Whether a row's symbol holds the term. */
  inSymbol(group: number, row: number): boolean {
    const { groupSymbol, rowSymbolTail } = this.#columns.sections
    const head = groupSymbol[group] ?? 0
    const tail = this.tails[rowSymbolTail[row] ?? 0] ?? 0
    return (((this.heads[head] ?? 0) & CONTAINS) | (tail & this.#bitsAfter(head))) !== 0
  }

  /** Whether the tail of symbol or broker's symbol, after its head, holds the term. */
  #inTails(group: number, row: number): boolean {
    const { groupSymbol, groupBrokerSymbol, rowSymbolTail, rowBrokerTail } = this.#columns.sections
    const symbolTail = this.tails[rowSymbolTail[row] ?? 0] ?? 0
    const brokerTail = this.tails[rowBrokerTail[row] ?? 0] ?? 0
    const symbolBits = this.#bitsAfter(groupSymbol[group] ?? 0)
    const brokerBits = this.#bitsAfter(groupBrokerSymbol[group] ?? 0)
    return ((symbolTail & symbolBits) | (brokerTail & brokerBits)) !== 0
  }

  /** Copies the rows that hold the term from one set of runs to another, which may be the same. */
  narrow(from: RowRuns, to: RowRuns): void {
    if (this.#isOneCharacter) this.#store.rowCharacters.narrow(this.#text, from, to)
    else this.#narrowByWords(from, to)
  }

  /** Where a search spends its time: everything is a local variable and nothing is called for a row. */
  #narrowByWords(from: RowRuns, to: RowRuns): void {
    const { groupSymbol, groupBrokerSymbol, groupName } = this.#columns.sections
    const { rowSymbolTail, rowBrokerTail, rowTokenHead, rowTokenTail } = this.#columns.sections
    const { heads, tails } = this
    const tokenHeads = this.#tokenHeads
    const tokenTails = this.#tokenTails
    const tokenBits = this.#tokenBits
    const { rows: markedRows, groups: markedGroups } = this.#marks
    const { letters, digits } = this.#store.rowCharacters
    const { letters: wantedLetters, digits: wantedDigits } = charactersOf(this.#text)
    const looksThrough = (this.#tailBits | tokenBits) !== 0
    const { groups, ends, rows, count } = from
    const { groups: keptGroups, ends: keptEnds, rows: keptRows } = to
    let at = 0
    let kept = 0
    let runs = 0
    for (let run = 0; run < count; run++) {
      const group = groups[run] ?? 0
      const end = ends[run] ?? 0
      const begin = kept
      const symbolWord = heads[groupSymbol[group] ?? 0] ?? 0
      const brokerWord = heads[groupBrokerSymbol[group] ?? 0] ?? 0
      if (((symbolWord | brokerWord | (heads[groupName[group] ?? 0] ?? 0)) & CONTAINS) !== 0) {
        for (; at < end; at++) keptRows[kept++] = rows[at] ?? 0
      } else if (looksThrough) {
        const symbolBits = CONTAINS | (symbolWord & CROSSING)
        const brokerBits = CONTAINS | (brokerWord & CROSSING)
        for (; at < end; at++) {
          const row = rows[at] ?? 0
          let found = markedRows[row] ?? 0
          const isPossible =
            ((letters[row] ?? 0) & wantedLetters) === wantedLetters &&
            ((digits[row] ?? 0) & wantedDigits) === wantedDigits
          if (isPossible && found === 0) {
            const symbolTail = tails[rowSymbolTail[row] ?? 0] ?? 0
            const brokerTail = tails[rowBrokerTail[row] ?? 0] ?? 0
            found = (symbolTail & symbolBits) | (brokerTail & brokerBits)
          }
          if (isPossible && found === 0 && tokenBits !== 0) {
            const head = tokenHeads[rowTokenHead[row] ?? 0] ?? 0
            const tail = tokenTails[rowTokenTail[row] ?? 0] ?? 0
            found = ((head | tail) & CONTAINS) | (head & tail & CROSSING)
          }
          if (found !== 0) keptRows[kept++] = row
        }
      } else if (markedGroups[group] === 1) {
        for (; at < end; at++) {
          const row = rows[at] ?? 0
          if (markedRows[row] === 1) keptRows[kept++] = row
        }
      }
      at = end
      if (kept === begin) continue
      keptGroups[runs] = group
      keptEnds[runs++] = kept
    }
    to.count = runs
  }

  #countPossible(): number {
    const { bySymbolTail, byBrokerTail, byTokenHead, byTokenTail } = this.#store
    const tailBits = this.#tailBits
    const tokenTailBits = this.#tokenBits & CONTAINS
    return (
      bySymbolTail.count(this.tails, tailBits) +
      byBrokerTail.count(this.tails, tailBits) +
      byTokenHead.count(this.#tokenHeads, this.#tokenHeadBits) +
      byTokenTail.count(this.#tokenTails, tokenTailBits)
    )
  }

  #markTails(): void {
    const { bySymbolTail, byBrokerTail } = this.#store
    const { rowGroup } = this.#columns.sections
    const mark = (row: number): void => {
      if (this.#inTails(rowGroup[row] ?? 0, row)) this.#marks.add(row)
    }
    bySymbolTail.forEach(this.tails, this.#tailBits, mark)
    byBrokerTail.forEach(this.tails, this.#tailBits, mark)
    this.#tailBits = 0
  }

  #markTokens(): void {
    const { byTokenHead, byTokenTail } = this.#store
    byTokenHead.forEach(this.#tokenHeads, this.#tokenHeadBits, (row) => {
      if (this.#inToken(row)) this.#marks.add(row)
    })
    byTokenTail.forEach(this.#tokenTails, this.#tokenBits & CONTAINS, (row) => this.#marks.add(row))
    this.#tokenBits = 0
  }

  #inToken(row: number): boolean {
    const { rowTokenHead, rowTokenTail } = this.#columns.sections
    const head = this.#tokenHeads[rowTokenHead[row] ?? 0] ?? 0
    const tail = this.#tokenTails[rowTokenTail[row] ?? 0] ?? 0
    return (((head | tail) & CONTAINS) | (head & tail & CROSSING)) !== 0
  }

  #markStrike(strike: number): void {
    if (strike === -1) return
    const { rowStrike } = this.#columns.sections
    for (let row = rowStrike.indexOf(strike); row !== -1; row = rowStrike.indexOf(strike, row + 1))
      this.#marks.add(row)
  }

  /** The bits of a tail that, after this head, mean that the term is there. */
  #bitsAfter(head: number): number {
    return CONTAINS | ((this.heads[head] ?? 0) & CROSSING)
  }
}

/** The strike that a term is equal to, as its number in the store. Strike 0 stands for none. */
function strikeNumber(text: string, strikes: Float64Array): number {
  const units = parseUnits(text)
  return units > 0 ? strikes.indexOf(units) : -1
}
