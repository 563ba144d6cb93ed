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

describe('the last half hour of the expiry day in Kolkata, and the first after it', () => {
  const END_MS = Date.UTC(2025, 9, 28, 18, 30) // midnight there
  const BEFORE_END_MS = END_MS - HALF_AN_HOUR_MS
  const AFTER_END_MS = END_MS + HALF_AN_HOUR_MS

  it('decide which underlyings have options', async () => {
    const set = await market()
    const at = (nowMs: number): string[] => set.underlyings({ exchange: 'NFO', kind: 'options', nowMs })
    expect(at(BEFORE_END_MS)).toEqual(['NIFTY', 'NIFTYNXT50'])
    expect(at(AFTER_END_MS)).toEqual(['NIFTY'])
  })

  it('decide which underlyings have futures, and which future is the nearest', async () => {
    const { set } = await importText(
      angelMaster([future('NIFTY', '28OCT2025', 'NFO'), future('NIFTY', '25NOV2025', 'NFO')]),
    )
    const near = (nowMs: number): string | undefined =>
      set.nearestFuture({ exchange: 'NFO', underlying: 'NIFTY', nowMs })?.symbol
    expect(near(BEFORE_END_MS)).toBe('NIFTY28OCT25FUT')
    expect(near(AFTER_END_MS)).toBe('NIFTY25NOV25FUT')
    const last = Date.UTC(2025, 10, 25, 18, 30)
    const named = (nowMs: number): string[] => set.underlyings({ exchange: 'NFO', kind: 'futures', nowMs })
    expect(named(last - HALF_AN_HOUR_MS)).toEqual(['NIFTY'])
    expect(named(last + HALF_AN_HOUR_MS)).toEqual([])
    expect(near(last + HALF_AN_HOUR_MS)).toBeUndefined()
  })

  it('decide what an import drops as expired', async () => {
    const source = angelMaster([
      option('NIFTY', '28OCT2025', 24_000, 'CE'),
      option('NIFTY', '04NOV2025', 24_000, 'CE'),
    ])
    const kept = async (nowMs: number): Promise<number> =>
      (await importText(source, { expired: 'drop', now: () => nowMs })).set.size
    expect(await kept(BEFORE_END_MS)).toBe(2)
    expect(await kept(AFTER_END_MS)).toBe(1)
  })
})

describe('an underlying whose name begins that of others', () => {
  it('has its own expiries, chain and options: GOLD not those of GOLDM', async () => {
    const { set } = await importText(
      angelMaster([
        option('GOLDM', '28NOV2025', 99_000, 'CE'),
        option('GOLD', '28NOV2025', 100_000, 'CE'),
        option('GOLD', '29DEC2025', 101_000, 'CE'),
        option('GOLDGUINEA', '27OCT2025', 102_000, 'CE'),
      ]),
    )
    const gold = { exchange: 'NFO', underlying: 'GOLD' }
    expect(set.expiries({ ...gold, nowMs: BEFORE_MS })).toEqual(['28-NOV-25', '29-DEC-25'])
    const chain = { ...gold, expiry: '28-NOV-25' }
    expect(set.optionChain(chain).map(({ strike }) => strike)).toEqual([100_000])
    const atTheMoney = { ...chain, offset: 'ATM', optionType: 'CE', price: 99_000 } as const
    expect(set.optionByOffset(atTheMoney)?.symbol).toBe('GOLD28NOV25100000CE')
    expect(set.underlyings({ exchange: 'NFO', nowMs: BEFORE_MS })).toEqual(['GOLD', 'GOLDGUINEA', 'GOLDM'])
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

  it.each([
    ['ITM3', 'CE', 24_850],
    ['ITM3', 'PE', 25_300],
    ['OTM5', 'CE', 25_500],
    ['OTM5', 'PE', 24_700],
    ['ATM', 'PE', 25_000],
  ] as const)(
    '%s of a %s steps along the strikes that exist, however far apart',
    async (offset, optionType, strike) => {
      const strikes = [24_700, 24_800, 24_850, 24_900, 24_950, 25_000, 25_050, 25_100, 25_300, 25_400, 25_500]
      const rows = strikes.flatMap((at) => [
        option('NIFTY', '28OCT2025', at, 'CE'),
        option('NIFTY', '28OCT2025', at, 'PE'),
      ])
      const { set } = await importText(angelMaster(rows.toReversed()))
      const query = { exchange: 'NFO', underlying: 'NIFTY', expiry: '28-OCT-25', price: 25_010 }
      const found = set.optionByOffset({ ...query, offset, optionType })
      expect(found).toMatchObject({ strike, instrumentType: optionType })
    },
  )

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
