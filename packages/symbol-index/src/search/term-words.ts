import { parseUnits } from '../decimal.ts'
import type { SymbolColumns } from '../store/columns.ts'
import { charactersOf } from './row-characters.ts'
import { RowMarks } from './row-marks.ts'
import type { RowRuns } from './row-runs.ts'
import type { SearchStore } from './search-store.ts'
import { CONTAINS, CROSSING, TermScan } from './term-scan.ts'

const ONE_CHARACTER = /^[A-Z0-9]$/
/** What it costs to mark a row that an index gives, in rows looked through. */
const MARKING_COST = 2
/** The same for a row of which the head has yet to be looked at. */
const CROSSING_COST = 4

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
  /** Whether some tail holds the term, and the rows with such a tail are not marked. */
  #looksThroughTails = false
  /** Whether tokens can hold the term, and the rows where they do are not marked. */
  #looksThroughTokens = false
  /** The crossings that some head and some tail have. Only groups with such a head are looked through for them. */
  #crossings = 0
  #canBeInTails = false

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

  /**
   * Looks a term up in every dictionary, and marks the rows that match by tail or token if that is less work
   * than to look through that many candidates.
   */
  scan(text: string, candidates: number): void {
    this.#text = text
    this.#isOneCharacter = ONE_CHARACTER.test(text)
    this.#marks.clear()
    this.#scanTexts(text)
    if (this.#isOneCharacter) return
    this.#markStrike(strikeNumber(text, this.#columns.sections.strikes))
    if (this.#looksThroughTails) this.#markTails(candidates)
    if (this.#crossings !== 0) this.#markCrossings(candidates)
    this.#scanTokens(text, candidates)
  }

  /**
   * Looks a term up only in what these rows are made of: less work than all dictionaries when they are few.
   * Afterwards the words hold for these rows alone.
   */
  scanFor(text: string, { groups, ends, rows, count }: RowRuns): void {
    const { heads, sections } = this.#columns
    const folded = new TermScan(text, 'fold')
    const exact = new TermScan(text, 'exact')
    const strike = strikeNumber(text, sections.strikes)
    this.#text = text
    this.#isOneCharacter = ONE_CHARACTER.test(text)
    this.#marks.clear()
    let at = 0
    for (let run = 0; run < count; run++) {
      const group = groups[run] ?? 0
      for (const ids of [sections.groupSymbol, sections.groupBrokerSymbol, sections.groupName]) {
        this.heads[ids[group] ?? 0] = folded.headWord(heads, ids[group] ?? 0)
      }
      for (; at < (ends[run] ?? 0); at++) this.#scanRow(rows[at] ?? 0, folded, exact, strike)
    }
    this.#looksThroughTails = true
    this.#looksThroughTokens = true
    this.#canBeInTails = true
  }

  #scanRow(row: number, folded: TermScan, exact: TermScan, strike: number): void {
    const { sections, tails, tokenHeads, tokenTails } = this.#columns
    for (const ids of [sections.rowSymbolTail, sections.rowBrokerTail]) {
      this.tails[ids[row] ?? 0] = folded.tailWord(tails, ids[row] ?? 0)
    }
    const tokenHead = sections.rowTokenHead[row] ?? 0
    const tokenTail = sections.rowTokenTail[row] ?? 0
    this.#tokenHeads[tokenHead] = exact.headWord(tokenHeads, tokenHead)
    this.#tokenTails[tokenTail] = exact.tailWord(tokenTails, tokenTail)
    if (sections.rowStrike[row] === strike) this.#marks.add(row)
  }

  #scanTexts(text: string): void {
    const { heads, tails } = this.#columns
    const folded = new TermScan(text, 'fold')
    const tailUnion = folded.tails(tails, this.tails)
    const headUnion = folded.heads(heads, this.#store.headEndings, tailUnion & CROSSING, this.heads)
    this.#crossings = headUnion & tailUnion & CROSSING
    this.#looksThroughTails = (tailUnion & CONTAINS) !== 0
    this.#canBeInTails = this.#looksThroughTails || this.#crossings !== 0
  }

  #scanTokens(text: string, candidates: number): void {
    const { tokenHeads, tokenTails } = this.#columns
    const { byTokenHead, byTokenTail, tokenHeadEndings } = this.#store
    const exact = new TermScan(text, 'exact')
    const tailUnion = exact.tails(tokenTails, this.#tokenTails)
    const headUnion = exact.heads(tokenHeads, tokenHeadEndings, tailUnion & CROSSING, this.#tokenHeads)
    const headBits = headUnion & (CONTAINS | (tailUnion & CROSSING))
    const tailBits = tailUnion & CONTAINS
    const possible =
      byTokenHead.count(this.#tokenHeads, headBits) + byTokenTail.count(this.#tokenTails, tailBits)
    this.#looksThroughTokens = possible * MARKING_COST > candidates
    if (this.#looksThroughTokens) return
    byTokenTail.forEach(this.#tokenTails, tailBits, (rows) => this.#marks.addAll(rows))
    byTokenHead.forEach(this.#tokenHeads, headBits, (rows, word) => {
      if ((word & CONTAINS) !== 0) this.#marks.addAll(rows)
      else this.#markCrossingTokens(rows)
    })
  }

  #markCrossingTokens(rows: Uint32Array): void {
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? 0
      if (this.#inToken(row)) this.#marks.add(row)
    }
  }

  /** Length of the term. */
  get length(): number {
    return this.#text.length
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
    const inTokens = this.#looksThroughTokens
    const crossings = this.#crossings
    const { rows: markedRows, groups: markedGroups } = this.#marks
    const { letters, digits } = this.#store.rowCharacters
    const { letters: wantedLetters, digits: wantedDigits } = charactersOf(this.#text)
    const looksThrough = this.#looksThroughTails || inTokens
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
      } else if (looksThrough || ((symbolWord | brokerWord) & crossings) !== 0) {
        const symbolBits = CONTAINS | (symbolWord & CROSSING)
        const brokerBits = CONTAINS | (brokerWord & CROSSING)
        for (; at < end; at++) {
          const row = rows[at] ?? 0
          let found = markedRows[row] ?? 0
          const isPossible =
            (wantedLetters === 0 || ((letters[row] ?? 0) & wantedLetters) === wantedLetters) &&
            (wantedDigits === 0 || ((digits[row] ?? 0) & wantedDigits) === wantedDigits)
          if (isPossible && found === 0) {
            const symbolTail = tails[rowSymbolTail[row] ?? 0] ?? 0
            const brokerTail = tails[rowBrokerTail[row] ?? 0] ?? 0
            found = (symbolTail & symbolBits) | (brokerTail & brokerBits)
          }
          if (isPossible && found === 0 && inTokens) {
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

  /** Marks the rows whose tails hold the term, if that is less work than to look through the candidates. */
  #markTails(candidates: number): void {
    const { bySymbolTail, byBrokerTail } = this.#store
    const rows = bySymbolTail.count(this.tails, CONTAINS) + byBrokerTail.count(this.tails, CONTAINS)
    this.#looksThroughTails = rows * MARKING_COST > candidates
    if (this.#looksThroughTails) return
    const mark = (marked: Uint32Array): void => this.#marks.addAll(marked)
    bySymbolTail.forEach(this.tails, CONTAINS, mark)
    byBrokerTail.forEach(this.tails, CONTAINS, mark)
  }

  /** The same for the rows whose tails can be crossed into, if they are few; else groups are looked through. */
  #markCrossings(candidates: number): void {
    const { bySymbolTail, byBrokerTail } = this.#store
    const bits = this.#crossings
    const rows = bySymbolTail.count(this.tails, bits) + byBrokerTail.count(this.tails, bits)
    if (rows * CROSSING_COST > candidates) return
    const mark = (possible: Uint32Array): void => this.#markThoseCrossing(possible)
    bySymbolTail.forEach(this.tails, bits, mark)
    byBrokerTail.forEach(this.tails, bits, mark)
    this.#crossings = 0
  }

  #markThoseCrossing(rows: Uint32Array): void {
    const { rowGroup } = this.#columns.sections
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? 0
      if (this.#inTails(rowGroup[row] ?? 0, row)) this.#marks.add(row)
    }
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
