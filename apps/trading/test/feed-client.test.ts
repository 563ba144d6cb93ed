import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

import type { Tick } from '../src/broker/broker-adapter.ts'
import { FeedClient } from '../src/feed/feed-client.ts'
import { modes } from '../src/feed/feed-messages.ts'
import { whenOver } from './support/when-over.ts'

const place = 'NSE:INFY'

function tick(ltp: number): Tick {
  const prices = {
    ltp,
    open: 1,
    high: ltp,
    low: 1,
    prevClose: 1,
    bid: 1,
    ask: 2,
    bidQuantity: 1,
    askQuantity: 1,
  }
  return { symbol: 'INFY', exchange: 'NSE', ...prices, volume: 0, oi: 0, atMs: 0 }
}

/** Both ends of a connection, of which the far one does not read yet, and more waits than may. */
async function slowClient() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  whenOver(() => server.close())
  await once(server, 'listening')
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const messages: { type: string; skipped?: number; data?: { ltp: number } }[] = []
  far.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
  const [[socket, request]] = await Promise.all([once(server, 'connection'), once(far, 'open')])
  whenOver(() => far.terminate())
  far.pause()
  const client = new FeedClient(socket, request.socket, '127.0.0.1')
  client.want(place, modes.LTP)
  while (socket.bufferedAmount < 2 * 1024 * 1024) client.send({ type: 'filler', text: 'x'.repeat(100_000) })
  return { client, far, socket: socket as WebSocket, messages }
}

describe('a client that reads too slowly', () => {
  it('is sent nothing more, then told what it missed, and gets the last price', async () => {
    const { client, far, socket, messages } = await slowClient()
    const waiting = socket.bufferedAmount
    for (let count = 1; count <= 1000; count++) {
      client.offer(place, tick(count))
      client.flush(count, 'simulated')
    }
    expect(socket.bufferedAmount).toBeLessThanOrEqual(waiting)
    far.resume()
    await expect.poll(() => socket.bufferedAmount, { timeout: 20_000 }).toBe(0)
    client.flush(2000, 'simulated')
    const told = (): unknown => messages.filter(({ type }) => type !== 'filler')
    await expect.poll(told, { timeout: 20_000 }).toMatchObject([
      { type: 'notice', code: 'SLOW_CLIENT', skipped: 999 },
      { type: 'market_data', symbol: 'INFY', data: { ltp: 1000 } },
    ])
    client.offer(place, tick(1001))
    client.flush(2050, 'simulated')
    await expect.poll(() => messages.at(-1)?.data?.ltp, { timeout: 20_000 }).toBe(1001)
    expect(messages.filter(({ type }) => type === 'notice')).toHaveLength(1)
  })

  it('is disconnected when that lasts, and not before', async () => {
    const { client, far, socket } = await slowClient()
    for (const nowMs of [0, 15_000, 30_000]) {
      client.offer(place, tick(nowMs + 1))
      client.flush(nowMs, 'simulated')
    }
    expect(socket.readyState).toBe(WebSocket.OPEN)
    client.flush(30_001, 'simulated')
    expect(socket.readyState).toBe(WebSocket.CLOSING)
    far.resume()
    const [code] = await once(far, 'close')
    expect(code).toBe(1013)
  })
})
