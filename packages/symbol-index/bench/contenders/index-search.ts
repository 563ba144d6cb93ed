import { loadSnapshot } from '../../src/index.ts'
import type { InstrumentData } from '../../src/index.ts'
import { plainSearch } from '../../test/reference/plain-search.ts'
import type { Contender } from '../contender.ts'
import { median, percentile } from '../measure.ts'
import { mixedQueries } from '../queries.ts'

/**
 * 200 mixed queries without an exchange; of each the median over rounds, of these the percentiles. By the clock: the
 * system counts processor time in steps longer than a search.
 */
export const indexSearch: Contender = async ({ snapshot, quick }) => {
  const set = await loadSnapshot(snapshot)
  const queries = mixedQueries(set)
  const rounds = quick ? 3 : 25
  const samples = queries.map((): number[] => [])
  for (let round = 0; round < rounds * 2; round++) {
    queries.forEach((query, at) => {
      const startMs = performance.now()
      set.search({ query })
      if (round >= rounds) samples[at]?.push(performance.now() - startMs)
    })
  }
  const medians = samples.map(median)
  const all = samples.flat()
  return {
    search_p50_ms: percentile(medians, 0.5),
    search_p99_ms: percentile(medians, 0.99),
    search_max_ms: Math.max(...medians),
    search_p99_of_all_samples_ms: percentile(all, 0.99),
  }
}

/** The same queries against the plain reference: how many differ in any row or in the total. */
export const searchEquality: Contender = async ({ snapshot, quick }) => {
  const set = await loadSnapshot(snapshot)
  const rows: InstrumentData[] = Array.from(set.instruments(), (row) => row.toJSON())
  const queries = mixedQueries(set).filter((_, at) => !quick || at % 20 === 0)
  const differing = queries.filter((query) => {
    const found = set.search({ query })
    const expected = plainSearch(rows, { query })
    const same = found.results.every((row, at) => isSame(row.toJSON(), expected.results[at]))
    return !same || found.total !== expected.total || found.results.length !== expected.results.length
  })
  return { search_queries_compared: queries.length, search_queries_that_differ: differing.length }
}

/** The order of rows with the same symbol is that of the source, which a snapshot doesn't keep. */
function isSame(found: InstrumentData, expected: InstrumentData | undefined): boolean {
  return found.symbol === expected?.symbol
}
