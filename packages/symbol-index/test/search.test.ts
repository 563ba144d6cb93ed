import { describe, expect, it } from 'vitest'

import type { SearchQuery, SymbolSet } from '../src/index.ts'
import { angelMaster, angelOption, angelRow, importText } from './fixtures/masters.ts'

const { set } = await importText(
  angelMaster([
    angelRow({ token: '1', symbol: 'TATAMOTORS-EQ', name: 'TATAMOTORS' }),
    angelRow({ token: '25000', symbol: 'TATAPOWER-EQ', name: 'TATAPOWER' }),
    angelRow({ token: '3', symbol: 'TATA-EQ', name: 'TATA GROUP' }),
    angelRow({ token: '4', symbol: 'INFY', name: 'TATA FRIEND', exch_seg: 'BSE' }),
    angelOption({ token: '5', symbol: 'NIFTY28OCT2525000CE', strike: '2500000' }),
    angelOption({ token: '6', symbol: 'NIFTY28OCT2525000PE', strike: '2500000' }),
    angelOption({ token: '7', symbol: 'BANKNIFTY28OCT2525000CE', name: 'BANKNIFTY', strike: '2500000' }),
  ]),
)

function symbols(query: SearchQuery, from: SymbolSet = set): string[] {
  return from.search(query).results.map(({ symbol }) => symbol)
}

describe('search', () => {
  it('ranks the symbol itself, then beginnings, then words within, then the rest; shorter first', () => {
    expect(symbols({ query: 'tata' })).toEqual(['TATA', 'TATAPOWER', 'TATAMOTORS', 'INFY'])
  })

  it('takes each word as a part of symbol, name or token, or as the strike', () => {
    expect(symbols({ query: 'nifty 25000 ce' })).toEqual(['NIFTY28OCT2525000CE', 'BANKNIFTY28OCT2525000CE'])
    expect(symbols({ query: '25000' })).toContain('TATAPOWER')
    expect(symbols({ query: '25000.0' })).toEqual([
      'NIFTY28OCT2525000CE',
      'NIFTY28OCT2525000PE',
      'BANKNIFTY28OCT2525000CE',
    ])
  })

  it('states the total and cuts at the limit', () => {
    const found = set.search({ query: 'TATA', limit: 2 })
    expect([found.total, found.results.length]).toEqual([4, 2])
    expect(set.search({ query: 'TATA', limit: 0 })).toEqual({ total: 4, results: [] })
  })

  it('filters', () => {
    expect(symbols({ query: 'TATA', exchange: 'BSE' })).toEqual(['INFY'])
    expect(symbols({ query: 'TATA', exchange: ['BSE', 'NSE'] })).toHaveLength(4)
    expect(symbols({ query: 'TATA', exchange: [] })).toEqual([])
    expect(symbols({ instrumentType: 'PE' })).toEqual(['NIFTY28OCT2525000PE'])
    expect(
      symbols({ underlying: 'nifty', expiry: '28-OCT-25', strike: { min: 25_000, max: 25_000 } }),
    ).toHaveLength(2)
    expect(symbols({ exchange: 'NFO', strike: { max: 24_999 } })).toEqual([])
  })

  it('finds nothing without a condition', () => {
    expect(set.search({})).toEqual({ total: 0, results: [] })
    expect(set.search({ query: '  ' })).toEqual({ total: 0, results: [] })
  })

  it('finds with a slip only when asked, and after everything else', () => {
    expect(symbols({ query: 'TATAMOTRS' })).toEqual([])
    expect(symbols({ query: 'TATAMOTRS', typos: true })).toEqual(['TATAMOTORS'])
    expect(symbols({ query: 'NFITY 25000 CE', typos: true })).toEqual([
      'NIFTY28OCT2525000CE',
      'BANKNIFTY28OCT2525000CE',
    ])
    expect(symbols({ query: 'tata', typos: true }).slice(0, 4)).toEqual([
      'TATA',
      'TATAPOWER',
      'TATAMOTORS',
      'INFY',
    ])
  })

  it.each<[string, SearchQuery]>([
    ['limit', { query: 'a', limit: -1 }],
    ['limit', { query: 'a', limit: 1.5 }],
    ['query', { query: 'x'.repeat(257) }],
    ['query', { query: 'a '.repeat(17) }],
    ['expiry', { expiry: 'tomorrow' }],
    ['strike.min', { strike: { min: NaN } }],
    ['instrumentType', { instrumentType: 'XX' as 'CE' }],
  ])('names the option at fault: %s', (name, query) => {
    expect(() => set.search(query)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => set.search(query)).toThrow(name)
  })

  it('takes characters that mean something elsewhere as they are', () => {
    for (const query of ['.*', '%', '_', '\\', '"', "'; DROP TABLE", '\0', '\uD800', '__proto__']) {
      expect(set.search({ query }).results).toEqual([])
    }
  })
})
