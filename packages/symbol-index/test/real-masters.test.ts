import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { diffMasters, importMaster } from '../src/index.ts'
import type { ImportedSet, InstrumentData } from '../src/index.ts'
import { plainSearch } from './reference/plain-search.ts'

/** Masters as brokers published them; they are no part of the repository. */
const DIRECTORY = join(import.meta.dirname, '../../../../shared/data')
const imports = new Map<string, Promise<ImportedSet>>()

/** Each file is imported once. */
function master(name: string): Promise<ImportedSet> {
  const known =
    imports.get(name) ?? importMaster(join(DIRECTORY, name), { now: () => Date.UTC(2025, 8, 17, 6) })
  imports.set(name, known)
  return known
}

const ANGEL = 'angel-scrip-master-2025-09-17.json.gz'
const ANGEL_BEFORE = 'angel-scrip-master-2025-09-16.json.gz'
const UPSTOX_MAY = 'upstox-complete-2025-05.json.gz'
const UPSTOX_JULY = 'upstox-complete-2025-07.json.gz'

/** The largest file takes 3 s alone, and several times as long beside other work. */
const TIMEOUT_MS = 120_000

describe.runIf(existsSync(DIRECTORY))('real masters', { timeout: TIMEOUT_MS }, () => {
  it.each([
    [ANGEL, 130_473],
    [ANGEL_BEFORE, 127_276],
    ['upstox-complete-2026-02.csv.gz', 204_218],
    [UPSTOX_MAY, 93_415],
    [UPSTOX_JULY, 95_701],
    ['kite-instruments-nfo-bfo-2026-08-18.csv.gz', 39_941],
    ['nasdaqlisted_2025-10-20.txt.gz', 5143],
    ['otherlisted_2025-10-20.txt.gz', 6743],
  ])('%s: all %i rows are kept', async (name, rows) => {
    const { set, report } = await master(name)
    expect(report.rejected.first).toEqual([])
    expect(set.size).toBe(rows)
  })

  it('every row can be reached, those with a shared token too', async () => {
    const { set } = await master(ANGEL)
    const tokens = new Map<string, number>()
    let reachable = 0
    for (const { token, symbol, exchange } of set.instruments()) {
      tokens.set(token, (tokens.get(token) ?? 0) + 1)
      if (set.getByToken(token, exchange)?.symbol === symbol) reachable++
    }
    expect(reachable).toBe(130_473)
    expect(set.size - tokens.size).toBe(5802)
  })

  it('a row takes less than 130 bytes', async () => {
    for (const name of [ANGEL, 'upstox-complete-2026-02.csv.gz']) {
      const { set } = await master(name)
      expect(set.buffer.byteLength / set.size).toBeLessThan(70)
    }
  })

  it('what is odd in them is counted and reported with its row', async () => {
    const { report } = await master(ANGEL)
    expect(report.repaired.byReason).toEqual({ 'blank-name': 139, 'bad-lot-size': 1 })
    expect(report.repaired.first[0]).toMatchObject({ line: 1, row: expect.any(Number) as number })
  })

  it('NCO, NCDEX and BFO contracts have OpenAlgo symbols', async () => {
    const { set } = await master(ANGEL)
    const form =
      /^.+?\d{2}(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d{2}(?:FUT|\d+(?:\.\d+)?(?:CE|PE))$/
    const strange = Array.from(set.instruments()).filter(
      ({ expiry, symbol }) => expiry !== undefined && !form.test(symbol),
    )
    expect(strange.map(({ symbol }) => symbol)).toEqual([])
    expect(set.getByBrokerSymbol('GOLD25SEP107200PE', 'NCO')).toMatchObject({
      symbol: 'GOLD25SEP25107200PE',
      strike: 107_200,
    })
  })

  it('the differences of one day are found', async () => {
    const [before, after] = await Promise.all([master(ANGEL_BEFORE), master(ANGEL)])
    const { added, removed, renamed } = diffMasters(before.set, after.set)
    // One row more than symbols: AGRIDEX is an index and a commodity from that day on.
    expect(added.total - removed.total).toBe(130_473 - 1 - 127_276)
    expect(renamed.first).toContainEqual({
      token: '5622',
      exchange: 'NSE',
      before: 'ITDCEM',
      after: 'CEMPRO',
    })
  })

  it('no token of May names another contract in July without a warning', async () => {
    const [may, july] = await Promise.all([master(UPSTOX_MAY), master(UPSTOX_JULY)])
    const { renamed, reusedTokens } = diffMasters(may.set, july.set)
    const found = { current: 0, reused: 0, gone: 0 }
    for (const { token, exchange } of may.set.instruments()) {
      const reference = may.set.reference(token, exchange)!
      found[july.set.resolve(reference).status]++
    }
    expect(found).toMatchObject({ current: 48_851 - 18_192, reused: 18_192 })
    expect(renamed.total + reusedTokens.total).toBe(18_192)
  })

  it('searches find what a scan finds', async () => {
    const { set } = await master(ANGEL)
    const rows: InstrumentData[] = Array.from(set.instruments(), (row) => row.toJSON())
    for (const query of [
      'NIFTY 25000 CE',
      'A',
      '5',
      '25000',
      'm&m',
      '-SG',
      'RELIANCE',
      'GOLD 100000',
      'no such thing',
    ]) {
      const found = set.search({ query })
      const expected = plainSearch(rows, { query })
      expect(found.total).toBe(expected.total)
      expect(found.results.map(({ symbol }) => symbol)).toEqual(expected.results.map(({ symbol }) => symbol))
    }
  })
})
