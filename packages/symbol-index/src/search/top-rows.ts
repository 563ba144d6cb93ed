/**
 * How well a row matches: lower is better.
 *
 * - 0: the symbol is the query
 * - 1: the symbol begins with the query
 * - 2: every word is in the symbol
 * - 3: some word is only in the broker's symbol, name or token, or is the strike
 * - 4: some word matches only with a slip
 */
export type Score = 0 | 1 | 2 | 3 | 4

const SCORES = 5
/** Rows and ranks are below this: see the builder's limit. */
const MAX_ROWS = 2 ** 24

/** The best rows of one scan; rows of an exchange are offered in the order of their rank. */
export class TopRows {
  readonly #limit: number
  readonly #byScore: number[][] = Array.from({ length: SCORES }, () => [])
  /** Rows of the current exchange with this score or a better one. */
  readonly #counts: number[] = Array.from({ length: SCORES }, () => 0)

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Each exchange may fill the list anew: its rows can rank before those already there. */
  beginExchange(): void {
    this.#counts.fill(0)
  }

  /** Whether a row with this score can still get in, given what its exchange has offered. */
  hasRoom(score: Score): boolean {
    return (this.#counts[score] ?? 0) < this.#limit
  }

  offer(row: number, score: Score): void {
    if (!this.hasRoom(score)) return
    this.#byScore[score]?.push(row)
    for (let worse: number = score; worse < SCORES; worse++)
      this.#counts[worse] = (this.#counts[worse] ?? 0) + 1
  }

  /** The rows in order, cut at the limit. */
  take(ranks: Uint32Array): number[] {
    const rows: number[] = []
    for (const list of this.#byScore) {
      if (rows.length >= this.#limit) break
      // Rank and row in one number: sorting numbers needs no comparison function.
      const ordered = Float64Array.from(list, (row) => (ranks[row] ?? 0) * MAX_ROWS + row).sort()
      for (const key of ordered.subarray(0, this.#limit - rows.length)) rows.push(key % MAX_ROWS)
    }
    return rows
  }
}
