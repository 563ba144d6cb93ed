import { parseUnits } from '../decimal.ts'
import type { SymbolColumns } from '../store/columns.ts'
import { CONTAINS, CROSSING, TermScan } from './term-scan.ts'

/** Where one term was found: a word (see term-scan.ts) for each entry of each dictionary. Reused. */
export class TermWords {
  readonly heads: Int32Array
  readonly tails: Int32Array
  readonly tokenHeads: Int32Array
  readonly tokenTails: Int32Array
  readonly #columns: SymbolColumns
  // The arrays that the innermost loops read, at hand.
  readonly #symbolTails: Uint32Array
  readonly #brokerTails: Uint32Array
  readonly #tokenHeadIds: Uint32Array
  readonly #tokenTailIds: Uint32Array
  readonly #strikes: Uint32Array
  /** Length of the term. */
  length = 0
  /** Number of the strike that the term is, or -1. */
  strike = -1
  /** Whether tails can make a row match that its group does not. */
  inTails = false
  /** Whether tokens can. */
  inTokens = false
  /** Whether anything of a row's own can. */
  inRows = false

  constructor(columns: SymbolColumns) {
    this.#columns = columns
    this.heads = new Int32Array(columns.heads.size)
    this.tails = new Int32Array(columns.tails.size)
    this.tokenHeads = new Int32Array(columns.tokenHeads.size)
    this.tokenTails = new Int32Array(columns.tokenTails.size)
    this.#symbolTails = columns.sections.rowSymbolTail
    this.#brokerTails = columns.sections.rowBrokerTail
    this.#tokenHeadIds = columns.sections.rowTokenHead
    this.#tokenTailIds = columns.sections.rowTokenTail
    this.#strikes = columns.sections.rowStrike
  }

  /** Looks a term up in every dictionary. */
  scan(text: string): void {
    const { heads, tails, tokenHeads, tokenTails, sections } = this.#columns
    const folded = new TermScan(text, 'fold')
    const tailUnion = folded.tails(tails, this.tails)
    folded.heads(heads, tailUnion & CROSSING, this.heads)
    const exact = new TermScan(text, 'exact')
    const tokenTailUnion = exact.tails(tokenTails, this.tokenTails)
    const tokenHeadUnion = exact.heads(tokenHeads, tokenTailUnion & CROSSING, this.tokenHeads)
    this.length = text.length
    this.inTails = tailUnion !== 0
    this.inTokens =
      ((tokenTailUnion | tokenHeadUnion) & CONTAINS) !== 0 ||
      (tokenTailUnion & tokenHeadUnion & CROSSING) !== 0
    this.strike = strikeNumber(text, sections.strikes)
    this.inRows = this.inTails || this.inTokens || this.strike !== -1
  }

  headHolds(head: number): boolean {
    return ((this.heads[head] ?? 0) & CONTAINS) !== 0
  }

  /**
   * Keeps those rows whose own texts or strike hold the term, in place; returns how many. The rows share
   * these heads of symbol and broker's symbol.
   */
  narrow(symbolHead: number, brokerHead: number, rows: Uint32Array, count: number): number {
    const symbolTails = this.#symbolTails
    const brokerTails = this.#brokerTails
    const strikes = this.#strikes
    const { tails, strike, inTokens } = this
    const symbolBits = this.#tailBits(symbolHead)
    const brokerBits = this.#tailBits(brokerHead)
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] ?? 0
      const inTails =
        ((tails[symbolTails[row] ?? 0] ?? 0) & symbolBits) |
        ((tails[brokerTails[row] ?? 0] ?? 0) & brokerBits)
      if (inTails !== 0 || strikes[row] === strike || (inTokens && this.#inToken(row))) rows[kept++] = row
    }
    return kept
  }

  /** Whether a row's symbol holds the term, given that its head does not. */
  inSymbol(symbolHead: number, row: number): boolean {
    return ((this.tails[this.#symbolTails[row] ?? 0] ?? 0) & this.#tailBits(symbolHead)) !== 0
  }

  #inToken(row: number): boolean {
    const head = this.tokenHeads[this.#tokenHeadIds[row] ?? 0] ?? 0
    const tail = this.tokenTails[this.#tokenTailIds[row] ?? 0] ?? 0
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
