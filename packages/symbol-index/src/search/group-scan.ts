import type { SymbolColumns } from '../store/columns.ts'
import type { RowFilter } from './row-filter.ts'
import { BEGINS, BEGINS_WITH } from './term-scan.ts'
import type { TermWords } from './term-words.ts'
import type { Score, TopRows } from './top-rows.ts'

/** What a scan looks for. */
export interface ScanPlan {
  readonly terms: readonly TermWords[]
  /** The whole query, for what begins with it; `undefined` when no symbol can. */
  readonly whole: TermWords | undefined
  readonly filter: RowFilter
  readonly top: TopRows
}

/** Decides every row of a range of groups, most of them a group at a time. */
export class GroupScan {
  total = 0
  readonly #columns: SymbolColumns
  readonly #plan: ScanPlan
  readonly #terms: readonly TermWords[]
  readonly #top: TopRows
  readonly #symbolHeads: Uint32Array
  readonly #brokerHeads: Uint32Array
  readonly #names: Uint32Array
  #symbolHead = 0
  #brokerHead = 0
  #candidates = new Uint32Array(1024)
  /** A bit for each term that the group's shared texts don't hold. */
  #open = 0
  /** A bit for each term that the symbols' shared head doesn't hold: those, and more. */
  #openInSymbol = 0

  constructor(columns: SymbolColumns, plan: ScanPlan) {
    this.#columns = columns
    this.#plan = plan
    this.#terms = plan.terms
    this.#top = plan.top
    this.#symbolHeads = columns.sections.groupSymbol
    this.#brokerHeads = columns.sections.groupBrokerSymbol
    this.#names = columns.sections.groupName
  }

  scan(firstGroup: number, endGroup: number): void {
    const { filter, top } = this.#plan
    const { groupRows } = this.#columns.sections
    top.beginExchange()
    for (let group = firstGroup; group < endGroup; group++) {
      if (!filter.passesGroup(group) || !this.#enter(group)) continue
      const start = groupRows[group] ?? 0
      const end = groupRows[group + 1] ?? 0
      if (this.#open !== 0 || filter.byRow) this.#takeSome(start, end)
      else this.#takeAll(start, end)
    }
  }

  /** Tests the shared texts of a group; false when none of its rows can match. */
  #enter(group: number): boolean {
    const terms = this.#terms
    const symbol = this.#symbolHeads[group] ?? 0
    const broker = this.#brokerHeads[group] ?? 0
    this.#symbolHead = symbol
    this.#brokerHead = broker
    this.#open = 0
    this.#openInSymbol = 0
    for (let index = 0; index < terms.length; index++) {
      const term = terms[index]
      if (term === undefined || term.headHolds(symbol)) continue
      this.#openInSymbol |= 1 << index
      if (term.headHolds(broker) || term.headHolds(this.#names[group] ?? 0)) continue
      if (!term.inRows) return false
      this.#open |= 1 << index
    }
    return true
  }

  /** Every row matches: counts them, and ranks as many as there is room for. */
  #takeAll(start: number, end: number): void {
    this.total += end - start
    const begins = this.#canBegin()
    for (let row = start; row < end && this.#hasRoom(begins); row++) this.#rank(row, begins)
  }

  /** Narrows the rows by each open term and by the filter. */
  #takeSome(start: number, end: number): void {
    const { filter } = this.#plan
    let count = end - start
    if (count > this.#candidates.length) this.#candidates = new Uint32Array(count * 2)
    const rows = this.#candidates
    for (let index = 0; index < count; index++) rows[index] = start + index
    for (let open = this.#open; open !== 0; open &= open - 1) {
      count = this.#term(open)?.narrow(this.#symbolHead, this.#brokerHead, rows, count) ?? count
    }
    if (filter.byRow) count = filter.narrow(rows, count)
    this.total += count
    const begins = this.#canBegin()
    for (let index = 0; index < count && this.#hasRoom(begins); index++) {
      this.#rank(rows[index] ?? 0, begins)
    }
  }

  /** Whether a row of this group can still be ranked. */
  #hasRoom(begins: boolean): boolean {
    const top = this.#top
    if (begins && (top.hasRoom(0) || top.hasRoom(1))) return true
    return top.hasRoom(2) || (this.#openInSymbol !== 0 && top.hasRoom(3))
  }

  #rank(row: number, begins: boolean): void {
    this.#top.offer(row, this.#score(row, begins))
  }

  #score(row: number, begins: boolean): Score {
    for (let open = this.#openInSymbol; open !== 0; open &= open - 1) {
      if (this.#term(open)?.inSymbol(this.#symbolHead, row) === false) return 3
    }
    return begins ? this.#scoreBeginning(row) : 2
  }

  /** The term of the lowest bit. */
  #term(bits: number): TermWords | undefined {
    return this.#terms[31 - Math.clz32(bits & -bits)]
  }

  /** Whether the head of the group's symbols begins with the query, or the other way round. */
  #canBegin(): boolean {
    const { whole } = this.#plan
    if (whole === undefined) return false
    const head = whole.heads[this.#symbolHead] ?? 0
    return (head & (BEGINS | BEGINS_WITH)) !== 0
  }

  #scoreBeginning(row: number): Score {
    const { heads, tails, sections } = this.#columns
    const { whole } = this.#plan
    if (whole === undefined) return 2
    const headId = this.#symbolHead
    const tailId = sections.rowSymbolTail[row] ?? 0
    const headLength = heads.length(headId)
    if (((whole.heads[headId] ?? 0) & BEGINS_WITH) === 0) {
      const rest = 1 << (whole.length - headLength)
      if (((whole.tails[tailId] ?? 0) & rest) === 0) return 2
    }
    return headLength + tails.length(tailId) === whole.length ? 0 : 1
  }
}
