import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { openDatabase } from '../src/database/database.ts'
import { watchedAtMost, WatchlistStore } from '../src/watchlist/watchlist-store.ts'
import { Client } from './support/client.ts'
import { FeedSocket } from './support/feed-socket.ts'
import { readyApp } from './support/ready-app.ts'
import { type RunningServer, startServer, temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

let server: RunningServer
let client: Client

beforeAll(async () => {
  ;({ server, client } = await readyApp())
})

async function find(query: string, by = client) {
  const { symbol, exchange, lotSize } = (await by.get(`/web/symbols?q=${encodeURIComponent(query)}`)).body
    .results[0] as { symbol: string; exchange: string; lotSize: number }
  return { symbol, exchange, lotSize }
}

describe('the watchlist', () => {
  it('is kept in its own order, over a restart and for every browser of its user', async () => {
    const before = await readyApp()
    const [first, second, third] = await Promise.all(
      ['NIFTY', 'NIFTY FUT', 'BANKNIFTY FUT'].map(async (query) => {
        const { symbol, exchange } = await find(query, before.client)
        return { symbol, exchange }
      }),
    )
    for (const watched of [first, second, third, second])
      await before.client.post('/web/watchlist/add', watched)
    await before.client.post('/web/watchlist/move', { ...third, to: 0 })
    await before.client.post('/web/watchlist/remove', first)
    expect(await before.server.stop()).toBe(0)
    const after = await startServer({ directory: before.server.directory })
    const other = new Client(after.address)
    await other.signIn()
    expect((await other.get('/web/watchlist')).body).toEqual({ watched: [third, second] })
  })

  it('refuses what is no instrument', async () => {
    expect(await client.post('/web/watchlist/add', { symbol: 'NOPE', exchange: 'NSE' })).toMatchObject({
      status: 404,
      body: { message: 'Symbol NOPE not found in exchange NSE' },
    })
    expect((await client.post('/web/watchlist/add', { symbol: 'NOPE' })).status).toBe(400)
  })

  it('holds a hundred and no more, also when several are added at once', async () => {
    const database = await openDatabase({ file: join(await temporaryDirectory(), 'app.db') })
    whenOver(() => database.destroy())
    const { id } = await database
      .insertInto('users')
      .values({ name: 'asha', password_hash: '', is_admin: 1, created_at_ms: 0 })
      .returning('id')
      .executeTakeFirstOrThrow()
    const store = new WatchlistStore(database)
    const added = await Promise.all(
      Array.from({ length: 105 }, (_, at) => store.add(id, { exchange: 'NSE', symbol: `S${at}` })),
    )
    expect(added.filter(Boolean)).toHaveLength(watchedAtMost)
    expect(await store.list(id)).toHaveLength(watchedAtMost)
    await store.move(id, { exchange: 'NSE', symbol: 'S99' }, 1000)
    await store.move(id, { exchange: 'NSE', symbol: 'unknown' }, 0)
    expect((await store.list(id)).at(-1)).toEqual({ exchange: 'NSE', symbol: 'S99' })
  })

  it('needs a session, and for changes the token of the page', async () => {
    expect((await new Client(server.address).get('/web/watchlist')).status).toBe(401)
    const forged = new Client(server.address, client)
    forged.csrf = 'wrong'
    expect((await forged.post('/web/watchlist/add', { symbol: 'A', exchange: 'B' })).status).toBe(403)
  })
})

describe('the feed of the page', () => {
  it('lets a session in without an API key, until it signs out', async () => {
    const page = new Client(server.address)
    await page.signIn()
    const { ticket } = (await page.post('/web/feed/ticket')).body
    const feed = new FeedSocket(server.address)
    expect(await feed.ask({ action: 'authenticate', ticket }, 'auth')).toMatchObject({ status: 'success' })
    const { symbol, exchange } = await find('NIFTY FUT')
    await feed.ask({ action: 'subscribe', symbols: [{ symbol, exchange }], mode: 'Quote' }, 'subscribe')
    expect(await feed.next('market_data')).toMatchObject({ symbol, exchange })
    await page.post('/web/sign-out')
    expect(await feed.closed()).toBe(4401)
  })

  it('refuses a forged ticket, and one of a session that has ended', async () => {
    const page = new Client(server.address)
    await page.signIn()
    const { ticket } = (await page.post('/web/feed/ticket')).body
    await page.post('/web/sign-out')
    for (const wrong of [ticket, 'forged', `${ticket.slice(0, -2)}AA`]) {
      const feed = new FeedSocket(server.address)
      expect(await feed.ask({ action: 'authenticate', ticket: wrong }, 'auth')).toMatchObject({
        code: 'AUTHENTICATION_ERROR',
      })
      expect(await feed.closed()).toBe(4401)
    }
  })
})

describe('the option chain of the page', () => {
  it('tells underlyings, live expiries and the strikes around the money', async () => {
    const { underlyings } = (await client.get('/web/options/underlyings?exchange=NFO')).body
    expect(underlyings).toContain('NIFTY')
    const { expiries } = (await client.get('/web/options/expiries?exchange=NFO&underlying=NIFTY')).body
    expect(expiries.length).toBeGreaterThan(0)
    const path = `/web/options/chain?exchange=NFO&underlying=NIFTY&expiry=${expiries[0]}&around=2`
    const { rows, atTheMoney, quote } = (await client.get(path)).body
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.length).toBeLessThanOrEqual(5)
    expect(rows.map(({ strike }: { strike: number }) => strike)).toContain(atTheMoney)
    expect(quote).toMatchObject({ symbol: 'NIFTY', exchange: 'NSE_INDEX' })
    expect(await client.get(path.replace(expiries[0], '01-JAN-20'))).toMatchObject({ status: 404 })
    expect(await client.get(path.replace(expiries[0], 'soon'))).toMatchObject({ status: 400 })
  })
})

describe('orders and positions of the page', () => {
  it('changes an order that waits, cancels all, and closes a position', async () => {
    const { symbol, exchange, lotSize } = await find('NIFTY FUT')
    const order = { symbol, exchange, action: 'BUY', product: 'NRML', quantity: lotSize }
    const { ltp } = (await client.get(`/web/quotes?symbols=${exchange}:${symbol}`)).body[0]
    const price = Math.round(ltp * 0.95)
    const waiting = { ...order, pricetype: 'LIMIT', price }
    const { orderId } = (await client.post('/web/orders', waiting)).body
    const changed = { ...waiting, price: price - 5, quantity: 2 * lotSize }
    expect((await client.post(`/web/orders/${orderId}/modify`, changed)).status).toBe(200)
    const { orders } = (await client.get('/web/orders')).body
    expect(orders[0]).toMatchObject({ orderId, price: price - 5, quantity: 2 * lotSize, status: 'open' })
    expect((await client.post('/web/orders/cancel-all')).body).toEqual({ done: [orderId], failed: [] })

    await client.post('/web/orders', order)
    const held = (body: { positions: { symbol: string; quantity: number }[] }): number | undefined =>
      body.positions.find((one) => one.symbol === symbol)?.quantity
    await client.until('/web/positions', (body) => held(body) === lotSize)
    const closed = await client.post('/web/positions/close', { symbol, exchange, product: 'NRML' })
    expect(closed.body.orderIds).toHaveLength(1)
    await client.until('/web/positions', (body) => held(body) === 0)
    expect((await client.get('/web/trades')).body.trades).toHaveLength(2)
    expect((await client.get('/web/holdings')).body).toEqual({ holdings: [] })
  })
})
