import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { importMaster, syntheticMaster } from '../src/index.ts'
import type { SyntheticOptions } from '../src/index.ts'
import { NOW_MS } from './fixtures/masters.ts'

async function digest(options: SyntheticOptions): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of syntheticMaster(options)) hash.update(chunk)
  return hash.digest('hex')
}

describe('the invented market', () => {
  it('has 142,338 instruments, all good, with tokens that repeat between exchanges', async () => {
    const { set, report } = await importMaster(syntheticMaster({ dateMs: NOW_MS }), { now: () => NOW_MS })
    expect(report).toMatchObject({ rowsRead: 142_338, rowsKept: 142_338, expired: 0 })
    expect([report.rejected.total, report.repaired.total, report.duplicates.total]).toEqual([0, 0, 0])
    expect(Object.keys(report.byExchange).sort()).toEqual([
      'BFO',
      'BSE',
      'BSE_INDEX',
      'CDS',
      'MCX',
      'NFO',
      'NSE',
      'NSE_INDEX',
    ])
    const shared = Array.from(set.instruments()).filter(
      ({ token, exchange }) => exchange === 'NFO' && set.getByToken(token, 'NSE') !== undefined,
    )
    expect(shared.length).toBeGreaterThan(1000)
    expect(set.expiries({ exchange: 'NFO', underlying: 'NIFTY', nowMs: NOW_MS })[0]).toBe('07-OCT-25')
    expect(
      set.optionChain({ exchange: 'NFO', underlying: 'NIFTY', expiry: '28-OCT-25' }).length,
    ).toBeGreaterThan(50)
    expect(set.nearestFuture({ exchange: 'MCX', underlying: 'GOLD', nowMs: NOW_MS })?.symbol).toMatch(
      /^GOLD\d{2}OCT25FUT$/,
    )
    expect(set.buffer.byteLength / set.size).toBeLessThan(130)
  })

  it('is the same for the same seed, date and size', async () => {
    const options = { seed: 7, dateMs: NOW_MS, rows: 1000 }
    expect(await digest(options)).toBe(await digest(options))
    expect(await digest({ ...options, seed: 8 })).not.toBe(await digest(options))
    expect(await digest({ ...options, dateMs: NOW_MS + 86_400_000 })).not.toBe(await digest(options))
  })

  it.each([100, 101, 499, 500, 501, 3000])('has exactly %i rows when asked', async (rows) => {
    const { report } = await importMaster(syntheticMaster({ dateMs: NOW_MS, rows }), {
      thread: 'inline',
      now: () => NOW_MS,
    })
    expect(report.rowsKept).toBe(rows)
  })

  it('reuses tokens from month to month', async () => {
    const [before, after] = await Promise.all(
      [NOW_MS, NOW_MS + 60 * 86_400_000].map((dateMs) =>
        importMaster(syntheticMaster({ dateMs, rows: 3000 }), { thread: 'inline' }),
      ),
    )
    const reused = Array.from(before!.set.instruments()).filter(({ token, exchange, symbol }) => {
      const now = after!.set.getByToken(token, exchange)
      return now !== undefined && now.symbol !== symbol
    })
    expect(reused.length).toBeGreaterThan(100)
  })

  it('refuses a size that is no size', async () => {
    await expect(syntheticMaster({ rows: 99 }).next()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
