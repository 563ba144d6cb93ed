import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Instrument, InstrumentData, SearchQuery } from '../src/index.ts'
import { instrument, setOf, word } from './fixtures/instruments.ts'
import { plainSearch } from './reference/plain-search.ts'

const rows = fc.array(instrument, { minLength: 0, maxLength: 60 })

const query: fc.Arbitrary<SearchQuery> = fc.record(
  {
    query: fc.array(word, { maxLength: 3 }).map((words) => words.join(' ')),
    exchange: fc.option(
      fc.oneof(fc.constantFrom('NSE', 'NFO', 'XXX'), fc.subarray(['NSE', 'NFO', 'BFO', 'MCX', 'XXX'])),
      { nil: undefined },
    ),
    instrumentType: fc.option(fc.subarray(['CE', 'PE', 'FUT', 'EQ'] as const, { minLength: 1 }), {
      nil: undefined,
    }),
    expiry: fc.option(fc.constantFrom('28-OCT-25', '04-NOV-25'), { nil: undefined, freq: 4 }),
    underlying: fc.option(fc.constantFrom('nifty', 'GOLD'), { nil: undefined, freq: 4 }),
    strike: fc.option(
      fc.record({ min: fc.constantFrom(0, 25, 292.5, 2500), max: fc.constantFrom(292.5, 24_000, 30_000) }),
      {
        nil: undefined,
        freq: 4,
      },
    ),
    limit: fc.integer({ min: 0, max: 30 }),
    typos: fc.boolean(),
  },
  { requiredKeys: [] },
)

const plain = (row: Instrument): InstrumentData => row.toJSON()

describe('search', () => {
  it('finds what a scan of plain rows finds, row for row', () => {
    fc.assert(
      fc.property(rows, query, (data, search) => {
        const found = setOf(data).search(search)
        const expected = plainSearch(data, search)
        expect(found.results.map((row) => row.toJSON())).toEqual(expected.results)
        expect(found.total).toBe(expected.total)
      }),
      { numRuns: 1500 },
    )
  })

  it('gives the exact results first, unchanged, when slips are allowed', () => {
    fc.assert(
      fc.property(rows, query, (data, search) => {
        const set = setOf(data)
        const exact = set.search({ ...search, typos: false, limit: 1000 })
        const near = set.search({ ...search, typos: true, limit: 1000 })
        expect(near.results.slice(0, exact.total).map(plain)).toEqual(exact.results.map(plain))
        expect(near.total).toBeGreaterThanOrEqual(exact.total)
      }),
      { numRuns: 200 },
    )
  })
})
