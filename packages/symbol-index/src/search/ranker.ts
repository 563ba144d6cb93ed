import type { SymbolColumns } from '../store/columns.ts'
import type { RowRuns } from './row-runs.ts'
import { BEGINS, BEGINS_WITH } from './term-scan.ts'
import type { TermWords } from './term-words.ts'
import type { Score, TopRows } from './top-rows.ts'

/** Offers rows that match to the list of the best, with their score. */
export class Ranker {
  readonly #columns: SymbolColumns
  readonly #terms: readonly TermWords[]
  /** The whole query, for what begins with it; `undefined` when no symbol can. */
  readonly #whole: TermWords | undefined

  constructor(columns: SymbolColumns, terms: readonly TermWords[], whole: TermWords | undefined) {
    this.#columns = columns
    this.#terms = terms
    this.#whole = whole
  }

  rank(runs: RowRuns, top: TopRows): void {
    const { groups, ends, rows, count } = runs
    const { groupSymbol, exchangeGroups } = this.#columns.sections
    const heads = this.#whole?.heads
    let at = 0
    let isOpen = true
    let exchange = 0
    let endOfExchange = 0
    for (let run = 0; run < count; run++) {
      const group = groups[run] ?? 0
      const end = ends[run] ?? 0
      while (group >= endOfExchange) {
        endOfExchange = exchangeGroups[++exchange] ?? Infinity
        top.beginExchange()
        isOpen = true
      }
      const begins = ((heads?.[groupSymbol[group] ?? 0] ?? 0) & (BEGINS | BEGINS_WITH)) !== 0
      if (isOpen || begins) {
        const best = this.#bestScore(group)
        for (; at < end && top.hasRoom(best); at++) {
          const row = rows[at] ?? 0
          top.offer(row, this.#score(group, row, best))
        }
        isOpen = top.hasRoom(2)
      }
      at = end
    }
  }

  /** The best score that a row of a group can have, as far as the head of its symbols tells. */
  #bestScore(group: number): Score {
    const head = this.#columns.sections.groupSymbol[group] ?? 0
    for (const term of this.#terms) if (!term.canBeInSymbol(head)) return 3
    const word = this.#whole?.heads[head] ?? 0
    if ((word & BEGINS) !== 0) return 0
    if ((word & BEGINS_WITH) === 0) return 2
    return this.#columns.heads.length(head) === this.#whole?.length ? 0 : 1
  }

  #score(group: number, row: number, best: Score): Score {
    if (best === 3 || !this.#terms.every((term) => term.inSymbol(group, row))) return 3
    return best === 2 ? 2 : this.#scoreBeginning(group, row)
  }

  #scoreBeginning(group: number, row: number): Score {
    const { heads, tails, sections } = this.#columns
    const whole = this.#whole
    if (whole === undefined) return 2
    const headId = sections.groupSymbol[group] ?? 0
    const tailId = sections.rowSymbolTail[row] ?? 0
    const headLength = heads.length(headId)
    if (((whole.heads[headId] ?? 0) & BEGINS_WITH) === 0) {
      const rest = 1 << (whole.length - headLength)
      if (((whole.tails[tailId] ?? 0) & rest) === 0) return 2
    }
    return headLength + tails.length(tailId) === whole.length ? 0 : 1
  }
}
