import { describe, expect, it } from 'vitest'

import { SymbolIndex } from '../src/index.ts'
import { angelMaster, angelOption, NOW_MS } from './fixtures/masters.ts'

async function indexOf(...rows: Record<string, unknown>[]): Promise<SymbolIndex> {
  const index = new SymbolIndex()
  await index.import(new TextEncoder().encode(angelMaster(rows)), { thread: 'inline', now: () => NOW_MS })
  return index
}

describe('a token reference', () => {
  it('resolves to the contract that was meant, in any process and after any reload', async () => {
    const reference = (await indexOf(angelOption())).reference('58768', 'NFO')!
    const kept = JSON.parse(JSON.stringify(reference)) as typeof reference
    const other = await indexOf(
      angelOption({ lotsize: '50' }),
      angelOption({ token: '1', symbol: 'X28OCT2524000CE', name: 'X' }),
    )
    expect(other.resolve(kept)).toMatchObject({
      status: 'current',
      instrument: { symbol: 'NIFTY28OCT2524000CE' },
    })
  })

  it('never resolves to another contract that has the token now', async () => {
    const reference = (await indexOf(angelOption())).reference('58768', 'NFO')!
    const reused = angelOption({
      symbol: 'KPITTECH30DEC251600CE',
      name: 'KPITTECH',
      expiry: '30DEC2025',
      strike: '160000',
    })
    const resolution = (await indexOf(reused)).resolve(reference)
    expect(resolution).toMatchObject({
      status: 'reused',
      nowNames: { symbol: 'KPITTECH30DEC251600CE' },
      message: 'Token 58768 on NFO now names another contract, KPITTECH30DEC251600CE.',
    })
    expect(resolution).not.toHaveProperty('instrument')
  })

  it('tells when the token names nothing any more', async () => {
    const reference = (await indexOf(angelOption())).reference('58768', 'NFO')!
    const resolution = (await indexOf(angelOption({ token: '1' }))).resolve(reference)
    expect(resolution).toEqual({ status: 'gone', message: 'Token 58768 on NFO names nothing now.' })
  })

  it('is not given for a token that names nothing', async () => {
    expect((await indexOf(angelOption())).reference('1', 'NFO')).toBeUndefined()
  })
})
