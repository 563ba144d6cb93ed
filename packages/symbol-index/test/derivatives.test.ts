import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { expiryEndMs, parseExpiryDay } from '../src/expiry.ts'
import type { SymbolSet } from '../src/index.ts'
import { instrument, setOf } from './fixtures/instruments.ts'
import { angelMaster, angelOption, angelRow, importText } from './fixtures/masters.ts'

const BEFORE_MS = Date.UTC(2025, 9, 1)
const HALF_AN_HOUR_MS = 30 * 60_000

function option(name: string, expiry: string, strike: number, side: 'CE' | 'PE'): Record<string, unknown> {
  const symbol = `${name}${expiry.slice(0, 5)}${expiry.slice(7)}${strike}${side}`
  return angelOption({ token: symbol, symbol, name, expiry, strike: String(strike * 100) })
}

function future(name: string, expiry: string, exchange = 'MCX'): Record<string, unknown> {
  const symbol = `${name}${expiry.slice(0, 5)}${expiry.slice(7)}FUT`
  return angelOption({
    token: symbol,
    symbol,
    name,
    expiry,
    strike: '0',
    instrumenttype: 'FUTCOM',
    exch_seg: exchange,
  })
}

async function market(): Promise<SymbolSet> {
  const strikes = [23_900, 24_000, 24_050, 24_100, 24_200]
  const { set } = await importText(
    angelMaster([
      ...strikes.flatMap((strike) => [
        option('NIFTY', '28OCT2025', strike, 'CE'),
        option('NIFTY', '28OCT2025', strike, 'PE'),
      ]),
      option('NIFTY', '04NOV2025', 24_000, 'CE'),
      option('NIFTYNXT50', '28OCT2025', 68_000, 'PE'),
      future('GOLD', '05DEC2025'),
      future('GOLD', '05FEB2026'),
      future('GOLDM', '05NOV2025'),
      future('GOLDPETAL', '31OCT2025'),
      angelRow(),
    ]),
  )
  return set
}

describe('expiries', () => {
  it('are live ones, the nearest first', async () => {
    const set = await market()
    expect(set.expiries({ exchange: 'NFO', underlying: 'nifty', nowMs: BEFORE_MS })).toEqual([
      '28-OCT-25',
      '04-NOV-25',
    ])
    expect(set.expiries({ exchange: 'NFO', nowMs: Date.UTC(2026, 0, 1) })).toEqual([])
    expect(set.expiries({ exchange: 'NSE', nowMs: BEFORE_MS })).toEqual([])
    expect(set.expiries({ exchange: 'XXX', nowMs: BEFORE_MS })).toEqual([])
  })

  it('count until the end of the day in Kolkata', async () => {
    const set = await market()
    const endMs = expiryEndMs(parseExpiryDay('28-OCT-25'))
    const at = (nowMs: number): string[] => set.expiries({ exchange: 'NFO', underlying: 'NIFTY', nowMs })
    expect(at(endMs - HALF_AN_HOUR_MS)).toEqual(['28-OCT-25', '04-NOV-25'])
    expect(at(endMs + HALF_AN_HOUR_MS)).toEqual(['04-NOV-25'])
  })

  it('can be those of options or of futures', async () => {
    const set = await market()
    expect(set.expiries({ exchange: 'MCX', kind: 'options', nowMs: BEFORE_MS })).toEqual([])
    expect(set.expiries({ exchange: 'MCX', underlying: 'GOLD', kind: 'futures', nowMs: BEFORE_MS })).toEqual([
      '05-DEC-25',
      '05-FEB-26',
    ])
  })
})

describe('underlyings', () => {
  it('have a live contract of the kind', async () => {
    const set = await market()
    expect(set.underlyings({ exchange: 'NFO', nowMs: BEFORE_MS })).toEqual(['NIFTY', 'NIFTYNXT50'])
    expect(set.underlyings({ exchange: 'NFO', kind: 'futures', nowMs: BEFORE_MS })).toEqual([])
    expect(set.underlyings({ exchange: 'MCX', kind: 'futures', nowMs: Date.UTC(2025, 10, 10) })).toEqual([
      'GOLD',
    ])
  })
})

describe('the option chain', () => {
  it('has calls and puts by strike', async () => {
    const chain = (await market()).optionChain({ exchange: 'NFO', underlying: 'NIFTY', expiry: '28OCT25' })
    expect(chain.map(({ strike }) => strike)).toEqual([23_900, 24_000, 24_050, 24_100, 24_200])
    expect(chain[1]?.ce?.symbol).toBe('NIFTY28OCT2524000CE')
    expect(chain[1]?.pe?.symbol).toBe('NIFTY28OCT2524000PE')
  })

  it('has holes where one side is missing', async () => {
    const [row] = (await market()).optionChain({ exchange: 'NFO', underlying: 'NIFTY', expiry: '2025-11-04' })
    expect([row?.ce?.strike, row?.pe]).toEqual([24_000, undefined])
  })

  it('refuses an expiry that is no date', async () => {
    const set = await market()
    expect(() => set.optionChain({ exchange: 'NFO', underlying: 'NIFTY', expiry: 'soon' })).toThrow(
      /expiry "soon"/,
    )
  })

  it('is what a plain filter finds', () => {
    fc.assert(
      fc.property(
        fc.array(instrument, { maxLength: 60 }),
        fc.constantFrom('NIFTY', 'GOLD', 'M&M'),
        (data, underlying) => {
          const query = { exchange: 'NFO', underlying, expiry: '28-OCT-25' }
          const chain = setOf(data).optionChain(query)
          const plain = data.filter(
            (row) =>
              row.exchange === 'NFO' &&
              row.underlying === underlying &&
              row.expiry === query.expiry &&
              row.strike !== undefined,
          )
          expect(chain.map(({ strike }) => strike)).toEqual(
            [...new Set(plain.map((row) => row.strike))].sort((a, b) => a! - b!),
          )
          for (const { strike, ce, pe } of chain) {
            expect(ce !== undefined).toBe(
              plain.some((row) => row.strike === strike && row.instrumentType === 'CE'),
            )
            expect(pe !== undefined).toBe(
              plain.some((row) => row.strike === strike && row.instrumentType === 'PE'),
            )
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('an option by its offset', () => {
  it.each([
    ['ATM', 'CE', 24_010, 24_000],
    ['ATM', 'PE', 24_080, 24_100],
    ['ATM', 'CE', 24_025, 24_000], // as near to one as to the other: the lower
    ['OTM1', 'CE', 24_010, 24_050],
    ['OTM3', 'CE', 24_010, 24_200],
    ['ITM1', 'CE', 24_010, 23_900],
    ['ITM1', 'PE', 24_010, 24_050],
    ['otm1', 'PE', 24_010, 23_900],
  ] as const)('%s %s at %d is %d', async (offset, optionType, price, strike) => {
    const chain = { exchange: 'NFO', underlying: 'NIFTY', expiry: '28-OCT-25' }
    expect((await market()).optionByOffset({ ...chain, offset, optionType, price })?.strike).toBe(strike)
  })

  it('is nothing beyond the end of the chain', async () => {
    const chain = {
      exchange: 'NFO',
      underlying: 'NIFTY',
      expiry: '28-OCT-25',
      optionType: 'CE',
      price: 24_010,
    } as const
    const set = await market()
    expect(set.optionByOffset({ ...chain, offset: 'OTM4' })).toBeUndefined()
    expect(set.optionByOffset({ ...chain, offset: 'ITM2' })).toBeUndefined()
    expect(set.optionByOffset({ ...chain, underlying: 'NONE', offset: 'ATM' })).toBeUndefined()
  })

  it.each(['ATM1', 'ITM', 'OTM0', 'XTM1', '', 'OTM-1'])('refuses %j', async (offset) => {
    const query = {
      exchange: 'NFO',
      underlying: 'NIFTY',
      expiry: '28-OCT-25',
      optionType: 'CE',
      price: 1,
      offset,
    } as const
    const set = await market()
    expect(() => set.optionByOffset(query)).toThrow(/offset/)
  })

  it('refuses a price that is no number', async () => {
    const query = {
      exchange: 'NFO',
      underlying: 'NIFTY',
      expiry: '28-OCT-25',
      optionType: 'CE',
      offset: 'ATM',
    } as const
    const set = await market()
    expect(() => set.optionByOffset({ ...query, price: NaN })).toThrow(/price NaN/)
  })
})

describe('the nearest future', () => {
  it('is of that underlying exactly: GOLD is neither GOLDM nor GOLDPETAL', async () => {
    const set = await market()
    expect(set.nearestFuture({ exchange: 'MCX', underlying: 'GOLD', nowMs: BEFORE_MS })?.symbol).toBe(
      'GOLD05DEC25FUT',
    )
    expect(
      set.nearestFuture({ exchange: 'MCX', underlying: 'gold', nowMs: Date.UTC(2025, 11, 6) })?.symbol,
    ).toBe('GOLD05FEB26FUT')
    expect(set.nearestFuture({ exchange: 'MCX', underlying: 'SILVER', nowMs: BEFORE_MS })).toBeUndefined()
  })
})
