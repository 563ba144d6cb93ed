import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { importMaster, SymbolIndexError, syntheticMaster } from '../../src/index.ts'
import type { ImportReport } from '../../src/index.ts'
import { fuzzRuns } from '../fixtures/fuzz.ts'
import { importText, NOW_MS } from '../fixtures/masters.ts'

const CSV = `instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange
11546626,45104,NIFTY2581924350CE,NIFTY,0.0,2025-08-19,24350.0,0.05,65,CE,NFO-OPT,NFO
408065,1594,"INFY ""A"", B",INFOSYS é,0,,0,0.05,1,EQ,NSE,NSE
256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE
`

async function angelText(): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of syntheticMaster({ rows: 150, dateMs: NOW_MS })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Every row that was read has its place in the report. */
function isAccountedFor({ rowsRead, rowsKept, rejected, duplicates, skipped }: ImportReport): boolean {
  return rowsRead === rowsKept + rejected.total + skipped + (duplicates.byReason.identical ?? 0)
}

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const sources = [
  { name: 'JSON', bytes: await angelText() },
  { name: 'CSV', bytes: Buffer.from(CSV) },
]

describe.each(sources)('a $name master', ({ bytes }) => {
  it('gives the same set however its bytes arrive', async () => {
    const { set } = await importText(bytes, { label: 'x' })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (sizes, zipped) => {
          const pieces = inPieces(zipped ? gzipSync(bytes) : bytes, sizes)
          const again = await importMaster(pieces, {
            thread: 'inline',
            now: () => NOW_MS,
            label: 'x',
            maxRejectedRatio: 1,
          })
          expect(again.set.hash).toBe(set.hash)
        },
      ),
      fuzzRuns(40),
    )
  })

  it('that is damaged anywhere is refused or accounted for row by row, and never more than that', async () => {
    const damage = fc.record({
      at: fc.integer({ min: 0, max: bytes.length - 1 }),
      length: fc.integer({ min: 0, max: 60 }),
      filling: fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc
          .constantFrom('"', '{', '}', '[', ']', '\\', '\n', ',', '\0', '<', '\uFEFF')
          .map((text) => Buffer.from(text)),
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        let text = Buffer.from(bytes)
        for (const { at, length, filling } of damages) {
          text = Buffer.concat([text.subarray(0, at), filling, text.subarray(at + length)])
        }
        expect(await isRefusedOrAccountedFor(text)).toBe(true)
      }),
      fuzzRuns(400),
    )
  })
})

it('bytes of no format at all are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      expect(await isRefusedOrAccountedFor(bytes)).toBe(true)
    }),
    fuzzRuns(300),
  )
})

async function isRefusedOrAccountedFor(bytes: Uint8Array): Promise<boolean> {
  try {
    const { set, report } = await importText(bytes)
    return isAccountedFor(report) && set.size === report.rowsKept
  } catch (error) {
    return error instanceof SymbolIndexError
  }
}
