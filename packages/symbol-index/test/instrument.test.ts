import { inspect } from 'node:util'

import { describe, expect, it } from 'vitest'

import { angelMaster, angelOption, importText } from './fixtures/masters.ts'

describe('an instrument', () => {
  it('can be read, destructured, printed and sent as JSON', async () => {
    const { set } = await importText(angelMaster([angelOption()]))
    const instrument = set.get('NIFTY28OCT2524000CE', 'NFO')!
    const { symbol, strike } = instrument
    expect([symbol, strike]).toEqual(['NIFTY28OCT2524000CE', 24_000])
    expect(JSON.parse(JSON.stringify(instrument))).toMatchObject({ token: '58768', expiry: '28-OCT-25' })
    expect(inspect(instrument)).toContain("symbol: 'NIFTY28OCT2524000CE'")
  })
})
