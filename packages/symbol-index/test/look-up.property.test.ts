import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { InstrumentData } from '../src/index.ts'
import { instrument, setOf } from './fixtures/instruments.ts'

const rows = fc.array(instrument, { maxLength: 80 })

function lastBy(
  data: readonly InstrumentData[],
  key: (row: InstrumentData) => string,
): Map<string, InstrumentData> {
  return new Map(data.map((row) => [`${row.exchange} ${key(row)}`, row]))
}

describe('look-ups', () => {
  it('give the last row of the source with that key, in every field', () => {
    fc.assert(
      fc.property(rows, (data) => {
        const set = setOf(data)
        for (const [key, row] of lastBy(data, ({ symbol }) => symbol)) {
          expect(set.get(key.slice(row.exchange.length + 1), row.exchange)?.toJSON()).toEqual(row)
        }
        for (const row of lastBy(data, ({ token }) => token).values()) {
          expect(set.getByToken(row.token, row.exchange)?.toJSON()).toEqual(row)
        }
        for (const row of lastBy(data, ({ brokerSymbol }) => brokerSymbol).values()) {
          expect(set.getByBrokerSymbol(row.brokerSymbol, row.exchange)?.toJSON()).toEqual(row)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('find nothing that is not there', () => {
    fc.assert(
      fc.property(
        rows,
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('NSE', 'NFO', '', 'toString'),
        (data, text, exchange) => {
          const set = setOf(data)
          const known = lastBy(data, ({ symbol }) => symbol)
          expect(set.has(text, exchange)).toBe(known.has(`${exchange} ${text}`))
          expect(set.get(text, exchange)?.symbol).toBe(known.get(`${exchange} ${text}`)?.symbol)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('in bulk are aligned with what was asked, with holes', () => {
    fc.assert(
      fc.property(fc.array(instrument, { minLength: 1, maxLength: 30 }), (data) => {
        const set = setOf(data)
        const hole = { symbol: 'NOTHING', token: 'NOTHING', brokerSymbol: 'NOTHING', exchange: 'NSE' }
        const keys = data.flatMap((row) => [row, hole])
        expect(set.getMany(keys).map((row) => row?.symbol)).toEqual(
          data.flatMap(({ symbol }) => [symbol, undefined]),
        )
        expect(set.getManyByToken(keys).map((row) => row?.token)).toEqual(
          data.flatMap(({ token }) => [token, undefined]),
        )
        expect(set.getManyByBrokerSymbol(keys).map((row) => row?.brokerSymbol)).toEqual(
          data.flatMap(({ brokerSymbol }) => [brokerSymbol, undefined]),
        )
      }),
      { numRuns: 100 },
    )
  })

  it('reach every row: by token, by symbol, or by going through the set', () => {
    fc.assert(
      fc.property(rows, (data) => {
        const found = Array.from(setOf(data).instruments(), (row) => row.toJSON())
        expect(found).toHaveLength(data.length)
        expect(found).toEqual(expect.arrayContaining(data))
      }),
      { numRuns: 100 },
    )
  })

  it('that find nothing allocate nothing', () => {
    const set = setOf(fc.sample(instrument, { numRuns: 80, seed: 7 }))
    const miss = (): void => {
      for (let look = 0; look < 20_000; look++) {
        if (set.has('NO SUCH SYMBOL', 'NSE') || set.getByToken('no such token', 'NFO') !== undefined)
          throw new Error('found')
      }
    }
    for (let round = 0; round < 10; round++) miss()
    const grown = Array.from({ length: 9 }, () => {
      const before = process.memoryUsage().heapUsed
      miss()
      return process.memoryUsage().heapUsed - before
    }).sort((left, right) => left - right)
    // One object for each would be more than 600,000 bytes.
    expect(grown[4]).toBeLessThan(100_000)
  })
})
