import { setTimeout as sleep } from 'node:timers/promises'

import { beforeAll, describe, expect, it } from 'vitest'

import { type Answer, Client, credentials } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'
import { startServer } from './support/running-server.ts'

let client: Client
let apikey: string
let future: { symbol: string; exchange: string; lotSize: number; tickSize: number }
let share: { symbol: string; exchange: string }

beforeAll(async () => {
  client = (await readyApp({ ORDER_RATE_LIMIT: '25 per second', API_RATE_LIMIT: '1000 per second' })).client
  apikey = await client.makeApiKey()
  future = (await client.get('/web/symbols?q=NIFTY%20FUT&exchange=NFO')).body.results[0]
  const { body } = await client.get('/web/symbols?q=-EQ&exchange=NSE')
  share = body.results.find(({ instrumentType }: { instrumentType: string }) => instrumentType === 'EQ')
})

function call(route: string, body: object = {}): Promise<Answer> {
  return client.post(`/api/v1/${route}`, { apikey, ...body })
}

function order(changes: object = {}): object {
  const { symbol, exchange, lotSize } = future
  return {
    strategy: 'Test',
    symbol,
    exchange,
    action: 'BUY',
    quantity: String(lotSize),
    product: 'NRML',
    ...changes,
  }
}

async function finished(orderid: string): Promise<Answer['body']> {
  for (;;) {
    const { body } = await call('orderstatus', { strategy: 'Test', orderid })
    if (body.data.order_status !== 'open') return body.data
    await sleep(20)
  }
}

async function loadsOf(name: string): Promise<number> {
  const { body } = await client.get('/web/caches')
  return body.caches.find(({ cache }: { cache: string }) => cache === name).loads
}

describe('/api/v1', () => {
  it('describes a symbol in the fields that OpenAlgo gives', async () => {
    const { status, body } = await call('symbol', future)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'success',
      data: {
        symbol: future.symbol,
        brsymbol: expect.any(String),
        name: 'NIFTY',
        exchange: 'NFO',
        brexchange: 'NFO',
        token: expect.any(String),
        expiry: expect.stringMatching(/^\d\d-[A-Z]{3}-\d\d$/),
        strike: 0,
        lotsize: future.lotSize,
        instrumenttype: 'FUT',
        tick_size: future.tickSize,
        freeze_qty: 1800,
        id: expect.any(Number),
      },
    })
  })

  it('finds symbols, and says so when there are none', async () => {
    const { body } = await call('search', { query: 'nifty fut', exchange: 'NFO' })
    expect(body.message).toBe(`Found ${body.data.length} matching symbols`)
    expect(body.data.every(({ exchange }: { exchange: string }) => exchange === 'NFO')).toBe(true)
    expect((await call('search', { query: 'no such thing' })).body).toEqual({
      status: 'success',
      message: 'No matching symbols found',
      data: [],
    })
  })

  it('searches once for what many ask for', async () => {
    const before = await loadsOf('symbol-searches')
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('search', { query: 'bank fut' })))
    expect(await loadsOf('symbol-searches')).toBe(before + 1)
    const [first] = answers
    expect(first?.body.data.length).toBeGreaterThan(0)
    for (const { body } of [...answers, await call('search', { query: 'bank fut' })])
      expect(body).toEqual(first?.body)
    expect(await loadsOf('symbol-searches')).toBe(before + 1)
  })

  it('quotes one symbol, and many with a word about each that is unknown', async () => {
    const { body } = await call('quotes', future)
    const { open, high, low, ltp, ask, bid, prev_close: previous, volume, oi } = body.data
    for (const amount of [open, high, low, ltp, ask, bid, previous, volume, oi])
      expect(amount).toBeGreaterThan(0)
    expect([low <= ltp, ltp <= high, bid < ask]).toEqual([true, true, true])
    const many = await call('multiquotes', { symbols: [future, share, { symbol: 'NONE', exchange: 'NSE' }] })
    expect(many.body.results).toMatchObject([
      { symbol: future.symbol, data: { ltp: expect.any(Number) } },
      { symbol: share.symbol, data: { ltp: expect.any(Number) } },
      { symbol: 'NONE', exchange: 'NSE', error: 'Symbol NONE not found in exchange NSE' },
    ])
  })

  it('places an order, fills it, and tells of it in every book', async () => {
    const { status, body } = await call('placeorder', order())
    expect(status).toBe(200)
    expect(body).toEqual({ status: 'success', orderid: expect.stringMatching(/^\d{15}$/) })
    const done = await finished(body.orderid)
    expect(done).toMatchObject({
      order_status: 'complete',
      quantity: String(future.lotSize),
      pricetype: 'MARKET',
    })
    expect(done.average_price).toBeGreaterThan(0)
    expect(done.timestamp).toMatch(/^\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d$/)
    const book = await call('orderbook')
    expect(book.body.data.orders[0]).toMatchObject({ orderid: body.orderid, order_status: 'complete' })
    expect(book.body.data.statistics).toMatchObject({ total_buy_orders: 1, total_completed_orders: 1 })
    const positions = await call('positionbook')
    expect(positions.body.data[0]).toMatchObject({ symbol: future.symbol, quantity: String(future.lotSize) })
    expect(positions.body.data[0].average_price).toMatch(/^\d+\.\d\d$/)
    const funds = await call('funds')
    expect(funds.body.data).toMatchObject({
      collateral: '0.00',
      utiliseddebits: expect.stringMatching(/^\d+\.\d\d$/),
    })
  })

  it('keeps an order open until its price is reached, and cancels it', async () => {
    const { body: quote } = await call('quotes', future)
    const price = Math.round((quote.data.ltp * 0.9) / future.tickSize) * future.tickSize
    const { body } = await call('placeorder', order({ pricetype: 'LIMIT', price: price.toFixed(2) }))
    expect(body.status).toBe('success')
    const cancelled = await call('cancelorder', { strategy: 'Test', orderid: body.orderid })
    expect(cancelled.body).toEqual({ status: 'success', orderid: body.orderid })
    expect((await finished(body.orderid)).order_status).toBe('cancelled')
    const again = await call('cancelorder', { strategy: 'Test', orderid: body.orderid })
    expect(again).toMatchObject({ status: 400, body: { message: expect.stringContaining('is cancelled') } })
  })

  it.each([
    ['part of a lot', { quantity: 1 }, /not a multiple of the lot size/],
    ['no price for a limit', { pricetype: 'LIMIT' }, 'A LIMIT order needs a price above 0'],
    ['no trigger for a stop', { pricetype: 'SL-M' }, 'An SL-M order needs a trigger price above 0'],
    ['a price off the tick', { pricetype: 'LIMIT', price: 100.013 }, /not a multiple of the tick size/],
    [
      'a price outside the band',
      { pricetype: 'LIMIT', price: 1 },
      /^Order rejected: Price ₹1\.00 is outside/,
    ],
    ['a product for shares', { product: 'CNC' }, 'CNC is for shares; use NRML or MIS'],
    ['more than the exchange allows', { quantity: 750_000 }, /above the freeze quantity 1800/],
  ])('rejects %s with the reason', async (_name, changes, message) => {
    const { status, body } = await call('placeorder', order(changes))
    expect(status).toBe(400)
    expect(body.status).toBe('error')
    expect(body.message).toMatch(message)
  })

  it('puts what the broker rejected into the order book, with the reason', async () => {
    const { body } = await call('placeorder', order({ quantity: 1800 - (1800 % future.lotSize) }))
    expect(await finished(body.orderid)).toMatchObject({
      order_status: 'rejected',
      rejection_reason: expect.stringContaining('Insufficient funds'),
    })
  })

  it('refuses to trade an index', async () => {
    const { body } = await call(
      'placeorder',
      order({ symbol: 'NIFTY', exchange: 'NSE_INDEX', product: 'MIS' }),
    )
    expect(body.message).toContain("can't be traded itself")
  })

  it('takes a slash at the end of a route', async () => {
    expect((await call('ping/')).status).toBe(200)
  })

  it('slows down whoever sends too many orders', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => call('cancelorder', { strategy: 's', orderid: '1' })),
    )
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toMatchObject({
      body: {
        status: 'error',
        message: 'Rate limit exceeded. Please slow down your requests.',
        retry_after: 60,
      },
    })
    expect(refused[0]!.headers.get('retry-after')).toBe('60')
  })

  it('asks nothing of the database on a second call', async () => {
    await call('ping')
    const before = await loadsOf('verified-api-keys')
    await call('ping')
    await call('funds')
    expect(await loadsOf('verified-api-keys')).toBe(before)
  })
})

describe('signing in', () => {
  it('is stopped after five failures, also when all come at once, and a restart forgives nothing', async () => {
    const ready = await readyApp({ LOGIN_RATE_LIMIT_MIN: '5 per hour' })
    const visitor = new Client(ready.server.address)
    const wrong = { ...credentials, password: 'not this one' }
    const answers = await Promise.all(Array.from({ length: 40 }, () => visitor.post('/web/sign-in', wrong)))
    const hashed = answers.filter(({ status }) => status === 401)
    expect(hashed).toHaveLength(5)
    expect(hashed[0]?.body.message).toBe('Name or password is wrong')
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(35)
    expect((await visitor.post('/web/sign-in', credentials)).status).toBe(429)
    await ready.server.stop('SIGKILL')
    const env = { LOGIN_RATE_LIMIT_MIN: '5 per hour' }
    const again = new Client((await startServer({ directory: ready.server.directory, env })).address)
    const answer = await again.post('/web/sign-in', credentials)
    expect(answer).toMatchObject({
      status: 429,
      body: { message: expect.stringContaining('Too many failed sign-ins') },
    })
    expect(ready.server.log()).not.toContain(wrong.password)
  })
})
