import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { importMaster } from '../../src/index.ts'
import type { SymbolIndexError } from '../../src/index.ts'
import { angelMaster, angelOption, angelRow, importText } from '../fixtures/masters.ts'

const KITE =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange'

async function refusal(work: Promise<unknown>): Promise<SymbolIndexError> {
  return work.then(
    () => {
      throw new Error('it was not refused')
    },
    (error: SymbolIndexError) => error,
  )
}

describe('a source that is refused as a whole', () => {
  it.each([
    ['nothing', '', 'EMPTY_SOURCE'],
    ['only blanks', ' \r\n\t ', 'EMPTY_SOURCE'],
    ['an empty array', '[]', 'UNKNOWN_FORMAT'],
    ['a header without rows', `${KITE}\n`, 'EMPTY_SOURCE'],
    [
      'an HTML error page',
      '<!doctype html><html><head><title>502 Bad Gateway</title></head></html>',
      'HTML_SOURCE',
    ],
    ['a JSON error message', '{"status":"error","message":"Invalid token"}', 'UNKNOWN_FORMAT'],
    ['unknown columns', 'a,b,c\n1,2,3\n', 'UNKNOWN_FORMAT'],
    ['an array of numbers', '[1,2,3]', 'CORRUPT_SOURCE'],
    ['text after the array', `${angelMaster([angelRow()])} x`, 'CORRUPT_SOURCE'],
    [
      'an array cut short',
      angelMaster([angelRow(), angelRow({ token: '2' })]).slice(0, -1),
      'TRUNCATED_SOURCE',
    ],
    [
      'an array cut inside a string',
      angelMaster([angelRow(), angelRow({ token: '2' })]).slice(0, -30),
      'TRUNCATED_SOURCE',
    ],
    ['a quote that is never closed', `${KITE}\n1,1,"A,A,0,,0,0,1,EQ,NSE,NSE\n`, 'TRUNCATED_SOURCE'],
    [
      'a list without its trailer',
      'Symbol|Security Name|Market Category|Round Lot Size\nAAPL|Apple|Q|100\n',
      'TRUNCATED_SOURCE',
    ],
  ])('holds %s', async (_, text, code) => {
    expect(await refusal(importText(text))).toMatchObject({ name: 'SymbolIndexError', code })
  })

  it('lacks a column, which the message names', async () => {
    const { strike: _, ...row } = angelRow()
    const error = await refusal(importText(angelMaster([row])))
    expect(error.code).toBe('MISSING_COLUMN')
    expect(error.message).toContain('"strike"')
  })

  it('lacks a column of a CSV, which the message names', async () => {
    const error = await refusal(importText(`${KITE.replace(',expiry', '')}\n1,1,A,A,0,0,0.05,1,EQ,NSE,NSE\n`))
    expect(error.code).toBe('MISSING_COLUMN')
    expect(error.message).toContain('"expiry"')
  })

  it('has a renamed key', async () => {
    const { lotsize, ...row } = angelRow()
    const error = await refusal(importText(angelMaster([{ ...row, lot_size: lotsize }])))
    expect(error.code).toBe('MISSING_COLUMN')
    expect(error.message).toContain('"lotsize"')
  })

  it.each([
    ['behind a byte order mark and blank lines', '\uFEFF\r\n\n<HTML><TITLE>Login</TITLE></HTML>'],
    ['in a gzip', gzipSync('<!DOCTYPE html>\n<title>Login</title>')],
  ])('is an HTML error page %s, whose title the message names', async (_, page) => {
    const error = await refusal(importText(page))
    expect(error.code).toBe('HTML_SOURCE')
    expect(error.message).toContain('Login')
  })

  it('is a gzip cut short anywhere', async () => {
    const whole = gzipSync(angelMaster([angelRow(), angelOption()]))
    for (let length = 2; length < whole.length; length++) {
      const { code } = await refusal(importText(whole.subarray(0, length)))
      expect([length, code]).toEqual([length, 'TRUNCATED_SOURCE'])
    }
  })

  it('has a renamed column', async () => {
    const error = await refusal(importText(`${KITE.replace('lot_size', 'lotSize')}\n`))
    expect(error.code).toBe('MISSING_COLUMN')
    expect(error.message).toContain('"lot_size"')
  })

  it('is a gzip cut short', async () => {
    const whole = gzipSync(
      angelMaster(Array.from({ length: 500 }, (_, token) => angelRow({ token: String(token + 1) }))),
    )
    expect(await refusal(importText(whole.subarray(0, whole.length - 20)))).toMatchObject({
      code: 'TRUNCATED_SOURCE',
    })
  })

  it('is a damaged gzip', async () => {
    const whole = gzipSync(angelMaster([angelRow()]))
    whole.fill(0xff, 12, 40)
    expect(await refusal(importText(whole))).toMatchObject({ code: 'CORRUPT_SOURCE' })
  })

  it('is a file that does not exist', async () => {
    const error = await refusal(importMaster('/nonexistent/master.json', { thread: 'inline' }))
    expect(error).toMatchObject({ code: 'UNREADABLE_SOURCE', cause: { code: 'ENOENT' } })
  })

  it('is a stream that fails', async () => {
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('[')
        throw new Error('connection reset')
      })(),
    )
    expect(await refusal(importMaster(stream, { thread: 'inline' }))).toMatchObject({
      code: 'UNREADABLE_SOURCE',
      cause: { message: 'connection reset' },
    })
  })

  it('is of another format than the caller said', async () => {
    expect(await refusal(importText(angelMaster([angelRow()]), { format: 'upstox-json' }))).toMatchObject({
      code: 'MISSING_COLUMN',
    })
  })

  it('has more broken rows than are allowed, of which the message names the first', async () => {
    const rows = [angelRow(), angelRow({ token: '' }), angelRow({ token: '3', symbol: 'B' })]
    const error = await refusal(importText(angelMaster(rows), { maxRejectedRatio: 0.1 }))
    expect(error).toMatchObject({ code: 'TOO_MANY_REJECTED' })
    expect(error.message).toContain('blank-token')
  })
})

describe('a row that is rejected', () => {
  it.each([
    ['a blank symbol', angelRow({ symbol: ' ' }), 'blank-symbol'],
    ['a blank token', angelRow({ token: '' }), 'blank-token'],
    ['a blank exchange', angelRow({ exch_seg: '' }), 'blank-exchange'],
    ['a strange exchange', angelRow({ exch_seg: 'N S E' }), 'bad-exchange'],
    ['an option of no kind', angelOption({ symbol: 'NIFTY28OCT2524000XX' }), 'bad-type'],
    ['an expiry of 0001-01-01', angelOption({ expiry: '0001-01-01' }), 'bad-expiry'],
    ['no expiry', angelOption({ expiry: '' }), 'bad-expiry'],
    ['a strike of -1', angelOption({ strike: '-1.000000' }), 'bad-strike'],
    ['a strike of -0.01', angelOption({ strike: '-0.01' }), 'bad-strike'],
    ['a strike that is no number', angelOption({ strike: 'abc' }), 'bad-strike'],
    ['a lot size that is no number', angelRow({ lotsize: 'abc' }), 'bad-lot-size'],
    ['a negative tick', angelRow({ tick_size: '-5' }), 'bad-tick-size'],
    ['no underlying to be found', angelOption({ name: '', symbol: 'XCE' }), 'bad-symbol'],
    ['a name of 10 kB', angelRow({ name: 'x'.repeat(10_000) }), 'too-long'],
    ['fields of other types', angelRow({ token: { a: 1 } }), 'blank-token'],
  ])('has %s', async (_, row, reason) => {
    const good = angelRow({ token: '9', symbol: 'GOOD-EQ' })
    const { set, report } = await importText(angelMaster([good, row]))
    expect(report.rejected).toMatchObject({
      total: 1,
      byReason: { [reason]: 1 },
      first: [{ row: 2, reason }],
    })
    expect(report).toMatchObject({ rowsRead: 2, rowsKept: 1 })
    expect(set.size).toBe(1)
  })

  it('is reported with its line', async () => {
    const text = `[\n${JSON.stringify(angelRow())},\n{"token": bad},\n${JSON.stringify(angelRow({ token: '' }))}\n]`
    const { report } = await importText(text)
    expect(report.rejected.first).toMatchObject([
      { row: 2, line: 3, reason: 'malformed', detail: '{"token": bad}' },
      { row: 3, line: 4, reason: 'blank-token' },
    ])
  })

  it.each([
    ['a strike of -1', '2,1,X,NIFTY,0,2025-10-28,-1,0.05,75,CE,NFO-OPT,NFO', 'bad-strike'],
    ['a strike of -0.01', '2,1,X,NIFTY,0,2025-10-28,-0.01,0.05,75,CE,NFO-OPT,NFO', 'bad-strike'],
    ['a strike of 0', '2,1,X,NIFTY,0,2025-10-28,0,0.05,75,CE,NFO-OPT,NFO', 'bad-strike'],
    ['an expiry of 0001-01-01', '2,1,X,NIFTY,0,0001-01-01,100,0.05,75,CE,NFO-OPT,NFO', 'bad-expiry'],
    ['a future without expiry', '2,1,X,NIFTY,0,,0,0.05,75,FUT,NFO-FUT,NFO', 'bad-expiry'],
    ['a blank symbol', '2,1,"",X,0,,0,0.05,1,EQ,NSE,NSE', 'blank-symbol'],
  ])('of a CSV has %s, and is reported with its line', async (_, line, reason) => {
    const { set, report } = await importText(`${KITE}\r\n1,1,A,A,0,,0,0.05,1,EQ,NSE,NSE\r\n\r\n${line}`)
    expect(report.rejected).toMatchObject({ total: 1, first: [{ row: 2, line: 4, reason }] })
    expect(set.size).toBe(1)
  })

  it('has the wrong number of fields', async () => {
    const { report } = await importText(
      `${KITE}\n1,1,A,A,0,,0,0,1,EQ,NSE,NSE\n2,1,B\n3,1,C,C,0,,0,0,1,EQ,NSE,NSE,extra\n`,
    )
    expect(report.rejected.first).toMatchObject([
      { row: 2, line: 3, reason: 'column-count' },
      { row: 3, line: 4, reason: 'column-count' },
    ])
  })

  it('swallowed the lines after it through an open quote, which it names', async () => {
    const { report } = await importText(
      `${KITE}\n1,1,A,"A,0,,0,0,1,EQ,NSE,NSE\n2,1,B,B",0,,0,0,1,EQ,NSE,NSE\n3,1,C,C,0,,0,0,1,EQ,NSE,NSE\n`,
    )
    expect(report.rejected.first).toMatchObject([
      { row: 1, line: 2, reason: 'malformed', detail: 'a quote joins lines 2 to 3' },
    ])
    expect(report.rowsKept).toBe(1)
  })

  it('is counted when there are thousands, and the report stays small', async () => {
    const rows = Array.from({ length: 3000 }, () => angelRow({ token: '' }))
    const { report } = await importText(angelMaster([angelRow(), ...rows]))
    expect(report.rejected.total).toBe(3000)
    expect(report.rejected.first).toHaveLength(100)
  })
})

describe('what is mended or only noted', () => {
  it('is a blank name', async () => {
    const { set, report } = await importText(angelMaster([angelRow({ name: '  ' })]))
    expect(report.repaired).toMatchObject({
      byReason: { 'blank-name': 1 },
      first: [{ row: 1, line: 1, detail: 'INFY' }],
    })
    expect(set.get('INFY', 'NSE')?.name).toBe('INFY')
  })

  it.each(['0', '-50'])('is a lot size of %s', async (lotsize) => {
    const { set, report } = await importText(angelMaster([angelRow({ lotsize })]))
    expect(report.repaired.byReason).toEqual({ 'bad-lot-size': 1 })
    expect(set.get('INFY', 'NSE')?.lotSize).toBe(0)
  })

  it('is what a CSV says, with its line', async () => {
    const lines = [
      KITE,
      '1,1,A,,0,,0,0.05,1,EQ,NSE,NSE',
      '2,2,B,"B, ""b"" and so on",0,,0,0.05,-5,EQ,NSE,NSE',
      '3,3,B,B,0,,0,0.05,1,EQ,NSE,NSE',
    ]
    const { report } = await importText(lines.join('\n'))
    expect(report.repaired.first).toMatchObject([
      { row: 1, line: 2, reason: 'blank-name' },
      { row: 2, line: 3, reason: 'bad-lot-size', detail: 'B -5' },
    ])
    expect(report.duplicates.first).toMatchObject([{ row: 3, line: 4, reason: 'symbol' }])
    expect(report).toMatchObject({ rowsRead: 3, rowsKept: 3 })
  })

  it('is an object without a field that all others have', async () => {
    const { tick_size: _, ...row } = angelRow({ token: '2', symbol: 'TCS-EQ' })
    const { set, report } = await importText(`[${JSON.stringify(angelRow())},\n${JSON.stringify(row)}]`)
    expect(report.repaired.first).toMatchObject([
      { row: 2, line: 2, reason: 'missing-field', detail: 'tick_size' },
    ])
    expect(set.get('TCS', 'NSE')?.tickSize).toBe(0)
  })

  it('is a row that says the same twice: kept once', async () => {
    const { set, report } = await importText(angelMaster([angelRow(), angelRow()]))
    expect(report.duplicates).toMatchObject({ byReason: { identical: 1 }, first: [{ row: 2 }] })
    expect(set.size).toBe(1)
  })

  it('is a symbol with two tokens: both kept, the last found by symbol', async () => {
    const { set, report } = await importText(angelMaster([angelRow(), angelRow({ token: '2' })]))
    expect(report.duplicates.byReason).toEqual({ symbol: 1 })
    expect(set.get('INFY', 'NSE')?.token).toBe('2')
    expect(set.getByToken('1594', 'NSE')?.symbol).toBe('INFY')
  })

  it('is a token with two symbols: both kept, both found', async () => {
    const { set, report } = await importText(angelMaster([angelRow(), angelRow({ symbol: 'TCS-EQ' })]))
    expect(report.duplicates.byReason).toEqual({ token: 1 })
    expect(set.getByToken('1594', 'NSE')?.symbol).toBe('TCS')
    expect(set.get('INFY', 'NSE')?.token).toBe('1594')
  })

  it('is an expired contract: kept, or dropped on request', async () => {
    const expired = angelOption({ expiry: '25SEP2025', symbol: 'NIFTY25SEP2524000CE' })
    const text = angelMaster([angelOption({ token: '1' }), expired])
    const kept = await importText(text)
    expect([kept.set.size, kept.report.expired]).toEqual([2, 1])
    const dropped = await importText(text, { expired: 'drop' })
    expect([dropped.set.size, dropped.report.expired]).toEqual([1, 1])
  })
})

describe('what makes no difference', () => {
  const row = '1,1,"A ""B"" & C","Name, with comma",0,,0,0.05,1,EQ,NSE,NSE'
  const expected = { symbol: 'A "B" & C', name: 'Name, with comma', tickSize: 0.05 }

  it.each([
    ['plain', `${KITE}\n${row}\n`],
    ['a byte order mark', `\uFEFF${KITE}\n${row}\n`],
    ['CRLF', `${KITE}\r\n${row}\r\n`],
    ['a missing final newline', `${KITE}\n${row}`],
    ['blank lines', `${KITE}\n\n${row}\n\n\n`],
    [
      'quoted headers and blanks around them',
      `${KITE.replace('exchange_token', ' "exchange_token"')}\n${row}\n`,
    ],
    ['gzip', gzipSync(`${KITE}\r\n${row}`)],
  ])('is %s', async (_, text) => {
    const { set, report } = await importText(text)
    expect(report).toMatchObject({ rowsRead: 1, rowsKept: 1 })
    expect([...set.instruments()][0]).toMatchObject(expected)
  })

  it('is a byte order mark before JSON', async () => {
    expect((await importText(`\uFEFF${angelMaster([angelRow()])}`)).set.size).toBe(1)
  })

  it('is a key such as __proto__, or a nested value', async () => {
    const text = angelMaster([angelRow()]).replace('{', '{"__proto__":{"token":"x"},"more":[{"a":"]}\\""}],')
    expect((await importText(text)).set.getByToken('1594', 'NSE')?.symbol).toBe('INFY')
  })
})

describe('300,000 rows of which half have expired', () => {
  it('are all counted', async () => {
    const header = `${KITE}\n`
    const lines = Array.from({ length: 300_000 }, (_, at) => {
      const expiry = at % 2 === 0 ? '2025-09-25' : '2025-10-28'
      return `${at + 1},1,X,NIFTY,0,${expiry},${1000 + Math.floor(at / 2)},0.05,75,CE,NFO-OPT,NFO`
    })
    const { set, report } = await importText(header + lines.join('\n'), { expired: 'drop' })
    expect(report).toMatchObject({ rowsRead: 300_000, rowsKept: 150_000, expired: 150_000 })
    expect(set.expiries({ exchange: 'NFO', nowMs: Date.UTC(2025, 9, 1) })).toEqual(['28-OCT-25'])
  }, 120_000)
})
