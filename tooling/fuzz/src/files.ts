import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Random } from '@cache/conformance'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { importMaster } from '@cache/symbol-index'
import { BackendEntries, migrateEntries, SnapshotFile } from '@cache/transfer'
import { openSnapshot } from '../../../packages/symbol-index/src/snapshot.ts'
import { mutatedBytes, mutatedText } from './inputs.ts'
import { unlessRefused, type Target } from './target.ts'

const directory = mkdtempSync(join(tmpdir(), 'fuzz-'))
process.once('exit', () => rmSync(directory, { recursive: true, force: true }))

/** Snapshot files of entries: refused, or read and written into a backend. */
export async function transferFiles(): Promise<Target> {
  const file = join(directory, 'entries.snapshot')
  const backend = memory()
  const caches = await createCaches({ backend })
  await caches.define<unknown>('values', { ttl: '1h' }).setMany(
    [
      ['one', { list: [1, 2] }],
      ['two', Buffer.from('bytes')],
    ],
    { tags: ['tag'] },
  )
  await migrateEntries(new BackendEntries(backend), new SnapshotFile(file))
  const text = readFileSync(file, 'utf8')
  const target = new BackendEntries(backend)
  return {
    name: 'transfer files',
    run: (random) =>
      unlessRefused(async () => {
        writeFileSync(file, mutatedText(text, random))
        await migrateEntries(new SnapshotFile(file), target)
      }),
  }
}

const csv = `instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange
11546626,45104,NIFTY2581924350CE,NIFTY,0.0,2028-08-19,24350.0,0.05,65,CE,NFO-OPT,NFO
408065,1594,"INFY ""A"", B",INFOSYS é,0,,0,0.05,1,EQ,NSE,NSE
`
const json = JSON.stringify([
  {
    token: '3045',
    symbol: 'SBIN-EQ',
    name: 'SBIN',
    expiry: '',
    strike: '-1.000000',
    lotsize: '1',
    instrumenttype: '',
    exch_seg: 'NSE',
    tick_size: '5.000000',
  },
  {
    token: '58662',
    symbol: 'NIFTY28OCT2524000CE',
    name: 'NIFTY',
    expiry: '28OCT2028',
    strike: '2400000.000000',
    lotsize: '75',
    instrumenttype: 'OPTIDX',
    exch_seg: 'NFO',
    tick_size: '5.000000',
  },
])

/** Instrument masters, as a broker might send them on its worst day. */
export const masters: Target = {
  name: 'instrument masters',
  run: (random) =>
    unlessRefused(async () => {
      const text = mutatedText([csv, json][random.below(2)] ?? csv, random)
      const bytes = random.below(2) === 0 ? Buffer.from(text) : mutatedBytes(Buffer.from(text), random)
      await importMaster(pieces(bytes, random), { thread: 'inline', maxRejectedRatio: 1 })
    }),
}

async function* pieces(bytes: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const next = at + 1 + random.below(200)
    yield bytes.subarray(at, next)
    at = next
  }
}

/** Snapshots of a symbol index: refused, or as they were. */
export async function symbolSnapshots(): Promise<Target> {
  const { set } = await importMaster(new Blob([csv]).stream(), { thread: 'inline', maxRejectedRatio: 1 })
  const bytes = new Uint8Array(set.buffer)
  return {
    name: 'symbol snapshots',
    run: (random) =>
      unlessRefused(() => {
        const changed = mutatedBytes(bytes, random)
        const buffer = new SharedArrayBuffer(changed.length)
        new Uint8Array(buffer).set(changed)
        const opened = openSnapshot(buffer)
        for (const instrument of opened.instruments()) instrument.toJSON()
      }),
  }
}
