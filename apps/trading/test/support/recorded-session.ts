import { createWriteStream, existsSync } from 'node:fs'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { kolkataOffsetMs } from '../../src/calendar/kolkata.ts'
import { readTicks, type RecordedTick } from '../../src/simulated-broker/tick-replay.ts'

/** A session as it was at the exchange, where this machine keeps one. */
const realFile = join(import.meta.dirname, '../../../../../shared/data/nse-ticks-2021-06-02.csv.gz')

/** A session to be replayed, and what it ends with. */
export interface RecordedSession {
  readonly ticksFile: string
  /** A master that holds its instruments. */
  readonly masterFile: string
  readonly ticks: number
  readonly seconds: number
  /** `EXCHANGE:SYMBOL` → the last price. */
  readonly lastPrices: ReadonlyMap<string, number>
}

/** The first so many seconds of the real session, or of an invented one of the same shape. */
export async function recordedSession(directory: string, seconds: number): Promise<RecordedSession> {
  const ticksFile = join(directory, 'ticks.csv')
  const masterFile = join(directory, 'recorded-master.json')
  const lastPrices = new Map<string, number>()
  const file = createWriteStream(ticksFile)
  file.write('timestamp_ist,symbol,exchange,ltp,volume\n')
  let [count, firstMs, lastMs] = [0, Number.NaN, 0]
  for await (const tick of existsSync(realFile) ? readTicks(realFile) : inventedTicks()) {
    if (Number.isNaN(firstMs)) firstMs = tick.atMs
    if (tick.atMs - firstMs > seconds * 1000) break
    lastPrices.set(`${tick.exchange}:${tick.symbol}`, tick.ltp)
    lastMs = tick.atMs
    count++
    if (!file.write(lineOf(tick))) await once(file, 'drain')
  }
  await new Promise<void>((resolve) => void file.end(resolve))
  await writeFile(masterFile, JSON.stringify([...lastPrices.keys()].map(masterRow)))
  return { ticksFile, masterFile, ticks: count, seconds: (lastMs - firstMs) / 1000, lastPrices }
}

function lineOf({ atMs, symbol, exchange, ltp, volume }: RecordedTick): string {
  const stamp = new Date(atMs + kolkataOffsetMs).toISOString().slice(0, 19).replace('T', ' ')
  return `${stamp},${symbol},${exchange},${ltp},${volume}\n`
}

/** 63 instruments, stamps of whole seconds, 46 ticks in each, half of which repeat the last price. */
async function* inventedTicks(): AsyncGenerator<RecordedTick> {
  const openMs = Date.parse('2021-06-02T09:15:44+05:30')
  const prices = Array.from({ length: 63 }, (_none, at) => 100 + 37 * at)
  let random = 1
  const next = (below: number): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((random / 2 ** 32) * below)
  }
  for (let second = 0; second < 22_756; second++) {
    for (let count = 0; count < 46; count++) {
      const at = next(prices.length)
      if (next(2) === 0) prices[at] = Number(((prices[at] ?? 0) + (next(21) - 10) * 0.05).toFixed(2))
      const exchange = at < 50 ? 'NSE' : 'NSE_INDEX'
      const ltp = Math.max(1, prices[at] ?? 1)
      yield { atMs: openMs + second * 1000, symbol: `REC${at}`, exchange, ltp, volume: 46 * second + count }
    }
  }
}

/** In Angel One's form. */
function masterRow(place: string, at: number): object {
  const [exchange = '', name = ''] = place.split(':')
  return {
    token: String(at + 1),
    symbol: exchange === 'NSE' ? `${name}-EQ` : name,
    name,
    expiry: '',
    strike: '-1.000000',
    lotsize: '1',
    instrumenttype: '',
    exch_seg: exchange,
    tick_size: '5.000000',
  }
}
