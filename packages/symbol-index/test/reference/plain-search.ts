import type { InstrumentData, SearchQuery } from '../../src/index.ts'

/**
 * The search as OPENALGO's ranking describes it, over plain objects and with no index: slow, and easy to see
 * right. Rows are in the order of the source.
 */
export function plainSearch(
  rows: readonly InstrumentData[],
  query: SearchQuery,
): { total: number; results: InstrumentData[] } {
  const words = (query.query ?? '').toUpperCase().split(/\s+/).filter(Boolean)
  const { query: _words, limit = 50, typos = false, ...filters } = query
  const filtered = Object.values(filters).some((value) => value !== undefined)
  if (words.length === 0 && !filtered) return { total: 0, results: [] }
  const matches = rows
    .map((row, seq) => ({ row, seq, score: scoreOf(row, words, typos) }))
    .filter(({ row, score }) => score !== undefined && passes(row, query))
    .sort(
      (a, b) =>
        (a.score ?? 0) - (b.score ?? 0) ||
        a.row.symbol.length - b.row.symbol.length ||
        (a.row.symbol < b.row.symbol ? -1 : a.row.symbol > b.row.symbol ? 1 : a.seq - b.seq),
    )
  return { total: matches.length, results: matches.slice(0, limit).map(({ row }) => row) }
}

function scoreOf(row: InstrumentData, words: readonly string[], typos: boolean): number | undefined {
  const symbol = row.symbol.toUpperCase()
  const texts = [symbol, row.brokerSymbol.toUpperCase(), row.name.toUpperCase(), row.token]
  const exact = words.every(
    (word) =>
      texts.some((text) => text.includes(word)) ||
      (row.strike !== undefined && isNumber(word) && Number(word) === row.strike),
  )
  if (exact) {
    if (!words.every((word) => symbol.includes(word))) return 3
    const whole = words.join(' ')
    if (whole !== '' && symbol === whole) return 0
    return whole !== '' && symbol.startsWith(whole) ? 1 : 2
  }
  if (!typos) return undefined
  const near = words.every(
    (word) =>
      texts.some((text) => text.includes(word)) ||
      (row.strike !== undefined && isNumber(word) && Number(word) === row.strike) ||
      (/^[A-Z]{4,}$/.test(word) &&
        [(row.underlying ?? row.symbol).toUpperCase(), row.name.toUpperCase()].some((text) =>
          hasNear(text, word),
        )),
  )
  return near ? 4 : undefined
}

function isNumber(word: string): boolean {
  return /^\+?(?:\d+\.?\d*|\.\d+)$/.test(word)
}

/** Whether some part of the text is the word with one letter wrong, missing, too many, or two swapped. */
function hasNear(text: string, word: string): boolean {
  return slips(word).some((pattern) => pattern.test(text))
}

function slips(word: string): RegExp[] {
  const patterns: string[] = []
  for (let at = 0; at < word.length; at++) {
    patterns.push(word.slice(0, at) + word.slice(at + 1))
    patterns.push(`${word.slice(0, at)}[^]${word.slice(at + 1)}`)
    patterns.push(`${word.slice(0, at)}[^]${word.slice(at)}`)
    if (at > 0) patterns.push(word.slice(0, at - 1) + word[at] + word[at - 1] + word.slice(at + 1))
  }
  return patterns.map((pattern) => new RegExp(pattern))
}

function passes(row: InstrumentData, query: SearchQuery): boolean {
  const { exchange, instrumentType, expiry, underlying, strike } = query
  if (exchange !== undefined && ![exchange].flat().includes(row.exchange)) return false
  if (instrumentType !== undefined && ![instrumentType].flat().includes(row.instrumentType)) return false
  if (expiry !== undefined && row.expiry !== expiry) return false
  if (underlying !== undefined && row.underlying !== underlying.toUpperCase()) return false
  if (strike === undefined) return true
  return row.strike !== undefined && row.strike >= (strike.min ?? 0) && row.strike <= (strike.max ?? Infinity)
}
