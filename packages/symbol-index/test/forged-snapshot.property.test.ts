import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SymbolIndexError } from '../src/index.ts'
import type { SymbolSet } from '../src/index.ts'
import { openSnapshot } from '../src/snapshot.ts'
import { openSections, seal, SECTION_NAMES } from '../src/store/layout.ts'
import type { SectionName, Sections } from '../src/store/layout.ts'
import { fuzzRuns } from './fixtures/fuzz.ts'
import { angelMaster, angelOption, angelRow, importText } from './fixtures/masters.ts'

const { set } = await importText(
  angelMaster([
    ...Array.from({ length: 40 }, (_, at) =>
      angelRow({ token: String(1000 + at), symbol: `S${at}-EQ`, name: `Éclair ${at}` }),
    ),
    ...[24_000, 24_050, 24_100].flatMap((strike, at) =>
      ['CE', 'PE'].map((side) =>
        angelOption({
          token: `58${at}${side}`,
          symbol: `NIFTY28OCT25${strike}${side}`,
          strike: `${strike}00`,
        }),
      ),
    ),
  ]),
)

/** A copy with other content, and a checksum that is right for it. */
function forged(change: (sections: Sections, bytes: Uint8Array) => void): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(set.buffer.byteLength)
  const bytes = new Uint8Array(buffer)
  bytes.set(new Uint8Array(set.buffer))
  change(openSections(buffer), bytes)
  seal(buffer)
  return buffer
}

function codeOf(buffer: SharedArrayBuffer): string {
  try {
    openSnapshot(buffer)
    return 'opened'
  } catch (error) {
    if (error instanceof SymbolIndexError) return error.code
    throw error
  }
}

/** Asks everything once. */
function useAll(opened: SymbolSet): void {
  for (const instrument of opened.instruments()) {
    const { symbol, token, brokerSymbol, exchange } = instrument.toJSON()
    opened.get(symbol, exchange)
    opened.getByToken(token, exchange)
    opened.getByBrokerSymbol(brokerSymbol, exchange)
  }
  opened.get('NONE', 'NSE')
  for (const query of ['S', 'NIFTY 24000 CE', 'éclair', '5']) opened.search({ query })
  opened.search({ query: 'NITFY', typos: true })
  opened.search({ query: 'S1', exchange: 'NSE', instrumentType: 'EQ' })
  for (const expiry of opened.expiries({ exchange: 'NFO', nowMs: 0 })) {
    opened.optionChain({ exchange: 'NFO', underlying: 'NIFTY', expiry })
  }
  opened.nearestFuture({ exchange: 'NFO', underlying: 'NIFTY', nowMs: 0 })
}

describe('a forged snapshot with a right checksum', () => {
  it('is opened when nothing was changed', () => {
    expect(codeOf(forged(() => undefined))).toBe('opened')
  })

  it.each<[string, (sections: Sections) => void]>([
    ['a full hash table, in which no look-up would end', ({ symbolTable }) => symbolTable.fill(1)],
    ['text offsets that fall', ({ headOffsets }) => void (headOffsets[1] = 2 ** 31)],
    ['text that ends beyond the section', ({ tailOffsets }) => void tailOffsets.fill(2 ** 31, -1)],
    ['a group without its rows', ({ rowGroup }) => void (rowGroup[0] = 3)],
    ['groups that run backwards', ({ groupRows }) => void groupRows.fill(2 ** 30, 1, 2)],
    ['an exchange beyond the groups', ({ exchangeGroups }) => void exchangeGroups.fill(2 ** 30, -1)],
    ['a text that is not there', ({ groupSymbol }) => void (groupSymbol[0] = 2 ** 31)],
    ['an underlying that is not there', ({ groupUnderlying }) => void (groupUnderlying[0] = 2 ** 31)],
    ['an expiry beyond all calendars', ({ groupExpiry }) => void (groupExpiry[0] = 2 ** 31)],
    ['a token that is not there', ({ rowTokenHead }) => void (rowTokenHead[0] = 2 ** 31)],
    ['a strike that is not there', ({ rowStrike }) => void (rowStrike[0] = 2 ** 31)],
    ['a rank that sorts nowhere', ({ rowRank }) => void (rowRank[0] = 2 ** 31)],
    ['a strike that is no number', ({ strikes }) => void (strikes[0] = NaN)],
    ['a type that does not exist', ({ specTypes }) => void (specTypes[0] = 99)],
    ['an endless lot', ({ specLots }) => void (specLots[0] = Infinity)],
    ['a tick below nothing', ({ specTicks }) => void (specTicks[0] = -1)],
    ['metadata that is no JSON', ({ meta }) => meta.fill(0)],
  ])('is refused with %s', (_, change) => {
    expect(codeOf(forged(change))).toBe('SNAPSHOT_ALTERED')
  })

  it.each([
    ['null', 'null'],
    ['a number', '7'],
    ['no exchanges', '{"format":"","source":"","importedAtMs":0,"blankInSymbols":false}'],
    [
      'an instant that no date can hold',
      '{"format":"","source":"","importedAtMs":1e300,"blankInSymbols":false,"exchanges":["NSE","NFO"]}',
    ],
  ])('is refused with metadata that is %s', (_, text) => {
    const buffer = forged(({ meta }) => {
      meta.fill(32)
      meta.set(Buffer.from(text))
    })
    expect(codeOf(buffer)).toBe('SNAPSHOT_ALTERED')
  })

  it('finds nothing in slots that name no row, or one beyond the last', () => {
    for (const slot of [63, 64, 2 ** 32 - 1]) {
      const buffer = forged(({ symbolTable, tokenTable, brokerTable }) => {
        for (const table of [symbolTable, tokenTable, brokerTable]) table.fill(slot, 1)
        symbolTable[0] = tokenTable[0] = brokerTable[0] = 0
      })
      const opened = openSnapshot(buffer)
      useAll(opened)
      expect(opened.get('S1', 'NSE')).toBeUndefined()
    }
  })

  it('whose sections lie outside, overlap or have no whole length is refused or harmless', () => {
    const entry = fc.record({
      section: fc.integer({ min: 0, max: SECTION_NAMES.length * 2 - 1 }),
      value: fc.oneof(fc.double(), fc.integer({ min: -64, max: set.buffer.byteLength })),
    })
    fc.assert(
      fc.property(entry, ({ section, value }) => {
        const buffer = forged((_, bytes) => {
          new DataView(bytes.buffer).setFloat64(64 + section * 8, value, true)
        })
        expect(['opened', 'SNAPSHOT_ALTERED']).toContain(codeOf(buffer))
        if (codeOf(buffer) === 'opened') useAll(openSnapshot(buffer))
      }),
      fuzzRuns(500),
    )
  })

  it('is refused, or answers everything, whatever numbers it holds', () => {
    const change = fc.record({
      name: fc.constantFrom<SectionName>(...SECTION_NAMES),
      at: fc.nat(),
      value: fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.double()),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const buffer = forged((sections) => {
          for (const { name, at, value } of changes) {
            const values = sections[name]
            if (values.length > 0) values[at % values.length] = value
          }
        })
        const code = codeOf(buffer)
        expect(['opened', 'SNAPSHOT_ALTERED']).toContain(code)
        if (code === 'opened') useAll(openSnapshot(buffer))
      }),
      fuzzRuns(500),
    )
  })
})
