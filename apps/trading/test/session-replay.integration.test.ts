import { expect, it } from 'vitest'

import { Client } from './support/client.ts'
import { PriceWatcher } from './support/price-watcher.ts'
import { recordedSession } from './support/recorded-session.ts'
import { startServer, temporaryDirectory } from './support/running-server.ts'

const clients = 200
const speed = 50
/** So much of the session; `WHOLE_SESSION=1` (the script `test:session`) replays all of it. */
const isWhole = process.env['WHOLE_SESSION'] === '1'
const seconds = isWhole ? 24 * 3600 : 1000
/** The replay itself takes this long, and the tail of it a little longer. */
const timeout = ((isWhole ? 23_000 : seconds) / speed) * 1000 + 120_000
const windowMs = 50
/** Of each client at most one megabyte waits to be read; the rest is this process and the broker's news. */
const mostGrowthMb = 450

it(
  'replays a session at 50 times to 200 clients, each of which ends with the right prices',
  { timeout },
  async () => {
    const directory = await temporaryDirectory()
    const session = await recordedSession(directory, seconds)
    const args = ['--instruments', session.masterFile, '--ticks', session.ticksFile, '--speed', String(speed)]
    const server = await startServer({ directory, args })
    const owner = new Client(server.address)
    await owner.setUp()
    await owner.connect()
    await owner.until('/web/master', ({ phase, instruments }) => phase === 'ready' && instruments > 0)
    const apikey = await owner.makeApiKey()
    const symbols = [...session.lastPrices.keys()].map((place) => {
      const [exchange = '', symbol = ''] = place.split(':')
      return { exchange, symbol }
    })
    const memoryMb = async (): Promise<number> => {
      const { body } = await owner.get('/health/check')
      return body.checks?.['system:memory'][0].observedValue ?? 0
    }
    const watchers = Array.from({ length: clients }, () => new PriceWatcher(server.address))
    const before = await memoryMb()
    const startedMs = performance.now()
    await Promise.all(watchers.map((watcher) => watcher.begin(apikey, symbols)))
    const [stalled] = watchers
    stalled!.socket.pause()
    const peaks = [before]
    const isRight = ({ prices }: PriceWatcher): boolean =>
      [...session.lastPrices].every(([place, price]) => prices.get(place) === price)
    const isOver = async (): Promise<number> => {
      if (peaks.length < 55) peaks.push(await memoryMb())
      return watchers.slice(1).filter((watcher) => !isRight(watcher)).length
    }
    await expect.poll(isOver, { timeout, interval: isWhole ? 10_000 : 2000 }).toBe(0)
    const tookMs = performance.now() - startedMs
    stalled!.socket.resume()
    await expect
      .poll(() => stalled!.socket.readyState > 1 || isRight(stalled!), { timeout: 60_000 })
      .toBe(true)
    for (const { ticks } of watchers)
      expect(ticks).toBeLessThanOrEqual((tookMs / windowMs + 2) * symbols.length)
    expect(Math.max(...peaks) - before).toBeLessThan(mostGrowthMb)
    if (!isWhole) return
    const told = watchers.filter(({ notices }) => notices > 0).length
    const sent = watchers.reduce((sum, { ticks }) => sum + ticks, 0)
    process.stderr.write(
      `${session.ticks} ticks of ${symbols.length} instruments in ${(tookMs / 1000).toFixed(0)} s to ${clients} clients: ` +
        `${sent} messages, ${told} told of slowness, ${before.toFixed(0)} MB before, ${Math.max(...peaks).toFixed(0)} MB at most\n`,
    )
  },
)
