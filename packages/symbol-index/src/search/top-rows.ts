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

/** The best rows of one scan; rows of an exchange are offered in the order of their rank. */
export class TopRows {
  readonly #limit: number
  readonly #byScore: number[][] = Array.from({ length: SCORES }, () => [])
  /** Rows of the current exchange in each score. */
  readonly #counts: number[] = Array.from({ length: SCORES }, () => 0)

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Each exchange may fill the list anew: its rows can rank before those already there. */
  beginExchange(): void {
    this.#counts.fill(0)
  }

  hasRoom(score: Score): boolean {
    return (this.#counts[score] ?? 0) < this.#limit
  }

  offer(row: number, score: Score): void {
    if (!this.hasRoom(score)) return
    this.#counts[score] = (this.#counts[score] ?? 0) + 1
    this.#byScore[score]?.push(row)
  }

  /** The rows in order, cut at the limit. */
  take(ranks: Uint32Array): number[] {
    const rows: number[] = []
    for (const list of this.#byScore) {
      if (rows.length >= this.#limit) break
      const ordered = list.sort((left, right) => (ranks[left] ?? 0) - (ranks[right] ?? 0))
      for (const row of ordered.slice(0, this.#limit - rows.length)) rows.push(row)
    }
    return rows
  }
}
