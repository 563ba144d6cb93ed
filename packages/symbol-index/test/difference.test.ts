import { describe, expect, it } from 'vitest'

import { diffMasters } from '../src/index.ts'
import { angelMaster, angelOption, angelRow, importText } from './fixtures/masters.ts'

describe('the difference between two masters', () => {
  it('tells added, removed, renamed and changed instruments and reused tokens apart', async () => {
    const before = await importText(
      angelMaster([
        angelRow({ token: '1', symbol: 'SAME-EQ', name: 'SAME' }),
        angelRow({ token: '2', symbol: 'GONE-EQ', name: 'GONE' }),
        angelRow({ token: '3', symbol: 'ITDCEM-EQ', name: 'ITDCEM' }),
        angelRow({ token: '4', symbol: 'LOT-EQ', name: 'LOT', lotsize: '1' }),
        angelOption({ token: '5', symbol: 'GODREJCP28OCT251030CE', name: 'GODREJCP', strike: '103000' }),
      ]),
    )
    const after = await importText(
      angelMaster([
        angelRow({ token: '1', symbol: 'SAME-EQ', name: 'SAME' }),
        angelRow({ token: '3', symbol: 'CEMPRO-EQ', name: 'CEMPRO' }),
        angelRow({ token: '4', symbol: 'LOT-EQ', name: 'LOT', lotsize: '5', tick_size: '10.0' }),
        angelOption({
          token: '5',
          symbol: 'KPITTECH30DEC251600CE',
          name: 'KPITTECH',
          expiry: '30DEC2025',
          strike: '160000',
        }),
        angelRow({ token: '6', symbol: 'NEW-EQ', name: 'NEW' }),
      ]),
    )
    const token = (number: string, exchange: string, was: string, is: string): unknown => ({
      token: number,
      exchange,
      before: was,
      after: is,
    })
    expect(diffMasters(before.set, after.set)).toEqual({
      added: {
        total: 3,
        first: [
          { symbol: 'NEW', exchange: 'NSE' },
          { symbol: 'CEMPRO', exchange: 'NSE' },
          { symbol: 'KPITTECH30DEC251600CE', exchange: 'NFO' },
        ],
      },
      removed: {
        total: 3,
        first: [
          { symbol: 'GONE', exchange: 'NSE' },
          { symbol: 'ITDCEM', exchange: 'NSE' },
          { symbol: 'GODREJCP28OCT251030CE', exchange: 'NFO' },
        ],
      },
      renamed: { total: 1, first: [token('3', 'NSE', 'ITDCEM', 'CEMPRO')] },
      changed: { total: 1, first: [{ symbol: 'LOT', exchange: 'NSE', fields: ['lotSize', 'tickSize'] }] },
      reusedTokens: {
        total: 1,
        first: [token('5', 'NFO', 'GODREJCP28OCT251030CE', 'KPITTECH30DEC251600CE')],
      },
    })
  })

  it('of a master and itself is nothing', async () => {
    const { set } = await importText(angelMaster([angelRow(), angelOption()]))
    const { added, removed, renamed, changed, reusedTokens } = diffMasters(set, set)
    expect([added, removed, renamed, changed, reusedTokens].map(({ total }) => total)).toEqual([
      0, 0, 0, 0, 0,
    ])
  })
})
