import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { beforeAll, describe, expect, it } from 'vitest'

import { Client } from './support/client.ts'
import { FeedSocket } from './support/feed-socket.ts'
import { readyApp } from './support/ready-app.ts'
import { startServer, temporaryDirectory } from './support/running-server.ts'

let client: Client
let apikey: string
let future: { symbol: string; exchange: string; lotSize: number }

beforeAll(async () => {
  client = (await readyApp({ WS_AUTH_GRACE_SECONDS: '1', WS_MAX_CONNECTIONS: '40' })).client
  apikey = await client.makeApiKey()
  const found = (await client.get('/web/symbols?q=NIFTY%20FUT&exchange=NFO')).body.results[0]
  future = { symbol: found.symbol, exchange: found.exchange, lotSize: found.lotSize }
})

async function signedIn(): Promise<FeedSocket> {
  const feed = new FeedSocket(client.address)
  await feed.ask({ action: 'authenticate', api_key: apikey }, 'auth')
  return feed
}

describe('the feed', () => {
  it('lets a key in, by either name of it, and answers with the request id', async () => {
    const feed = new FeedSocket(client.address)
    expect(await feed.ask({ action: 'authenticate', apikey, request_id: 7 }, 'auth')).toEqual({
      type: 'auth',
      status: 'success',
      message: 'Authentication successful',
      broker: 'simulated',
      request_id: 7,
    })
  })

  it('ends a connection that brings a wrong key, or none in time', async () => {
    const wrong = new FeedSocket(client.address)
    expect(await wrong.ask({ action: 'authenticate', api_key: 'nonsense' }, 'auth')).toMatchObject({
      status: 'error',
      code: 'AUTHENTICATION_ERROR',
    })
    expect(await wrong.closed()).toBe(4401)
    expect(await new FeedSocket(client.address).closed()).toBe(4401)
  })

  it.each([
    ['LTP', 1, ['ltp', 'ltt', 'timestamp']],
    [2, 2, ['ltp', 'open', 'volume', 'prev_close']],
    ['Depth', 3, ['ltp', 'depth', 'total_buy_quantity']],
  ] as const)('sends prices in mode %s', async (mode, number, fields) => {
    const feed = await signedIn()
    const answer = await feed.ask(
      { action: 'subscribe', symbols: [future], mode, request_id: 'r1' },
      'subscribe',
    )
    expect(answer).toMatchObject({ status: 'success', request_id: 'r1' })
    expect(answer.subscriptions).toMatchObject([{ symbol: future.symbol, status: 'success', mode: number }])
    const tick = await feed.next('market_data')
    expect(tick).toMatchObject({ symbol: future.symbol, exchange: 'NFO', mode: number, broker: 'simulated' })
    for (const field of fields) expect(tick.data).toHaveProperty(field)
    expect('open' in tick.data).toBe(number > 1)
    if (number === 3) expect(tick.data.depth.buy).toHaveLength(5)
  })

  it('gives a late subscriber the last price at once, and stops when asked to', async () => {
    const [first, second] = [await signedIn(), await signedIn()]
    await first.ask({ action: 'subscribe', symbols: [future], mode: 'Quote' }, 'subscribe')
    await first.next('market_data')
    await second.ask({ action: 'subscribe', instruments: [future], mode: 1 }, 'subscribe')
    expect((await second.next('market_data')).mode).toBe(1)
    const gone = await second.ask({ action: 'unsubscribe', symbols: [future] }, 'unsubscribe')
    expect(gone.status).toBe('success')
    const seen = second.messages.length
    await first.next('market_data', first.messages.length)
    expect(second.messages).toHaveLength(seen)
  })

  it('sends the same symbol in every mode that is subscribed, until that one ends', async () => {
    const feed = await signedIn()
    for (const mode of [1, 3]) await feed.ask({ action: 'subscribe', symbols: [future], mode }, 'subscribe')
    const modesSince = (from: number): Set<number> =>
      new Set(feed.messages.slice(from).flatMap(({ type, mode }) => (type === 'market_data' ? [mode] : [])))
    await expect.poll(() => modesSince(0), { timeout: 20_000 }).toEqual(new Set([1, 3]))
    const ending = { action: 'unsubscribe', symbols: [{ ...future, mode: 3 }] }
    await feed.ask(ending, 'unsubscribe')
    const seen = feed.messages.length
    await feed.next('market_data', seen)
    expect(modesSince(seen)).toEqual(new Set([1]))
  })

  it.each([
    ['{', 'INVALID_JSON'],
    ['[]', 'INVALID_JSON'],
    [{ hello: 1 }, 'INVALID_ACTION'],
    [{ action: 'dance' }, 'INVALID_ACTION'],
    [{ action: 'subscribe', symbols: [{ symbol: 'A', exchange: 'B' }], mode: 9 }, 'INVALID_MODE'],
    [{ action: 'subscribe', symbols: 'all' }, 'INVALID_PARAMETERS'],
    [{ action: 'subscribe' }, 'INVALID_PARAMETERS'],
  ])('refuses %j with a code, and goes on', async (message, code) => {
    const feed = await signedIn()
    await feed.send(message)
    expect(await feed.next('error')).toMatchObject({ status: 'error', code })
    expect(await feed.ask({ action: 'ping', timestamp: 5, _pingId: 'p' }, 'pong')).toMatchObject({
      client_timestamp: 5,
      _pingId: 'p',
      server_timestamp: expect.any(Number),
    })
  })

  it('takes nothing before the key', async () => {
    const feed = new FeedSocket(client.address)
    await feed.send({ action: 'subscribe', symbols: [future] })
    expect((await feed.next('error')).code).toBe('NOT_AUTHENTICATED')
  })

  it('says which symbols it does not know', async () => {
    const feed = await signedIn()
    const symbols = [future, { symbol: 'NONE', exchange: 'NSE' }]
    const answer = await feed.ask({ action: 'subscribe', symbols }, 'subscribe')
    expect(answer).toMatchObject({
      status: 'partial',
      subscriptions: [{ status: 'success' }, { code: 'SYMBOL_NOT_FOUND' }],
    })
  })

  it('tells of orders as they change', async () => {
    const feed = await signedIn()
    await feed.ask({ action: 'subscribe_orders' }, 'subscribe_orders')
    const { symbol, exchange, lotSize } = future
    const order = {
      apikey,
      strategy: 's',
      symbol,
      exchange,
      action: 'BUY',
      quantity: lotSize,
      product: 'NRML',
    }
    const { body } = await client.post('/api/v1/placeorder', order)
    await expect
      .poll(() => feed.messages.findLast(({ type }) => type === 'order_update')?.order_status, {
        timeout: 20_000,
      })
      .toBe('complete')
    expect(feed.messages.find(({ type }) => type === 'order_update')).toMatchObject({
      orderid: body.orderid,
      symbol,
      pricetype: 'MARKET',
      filled_quantity: expect.any(Number),
      pending_quantity: expect.any(Number),
      rejection_reason: '',
      broker: 'simulated',
    })
  })

  it('ends with the key that opened it', async () => {
    const { body } = await client.post('/web/api-keys', { label: 'short' })
    const feed = new FeedSocket(client.address)
    await feed.ask({ action: 'authenticate', api_key: body.key }, 'auth')
    await client.post(`/web/api-keys/${body.id}/revoke`)
    expect(await feed.closed()).toBe(4401)
  })

  it('takes no more connections than it may, and those without a key keep nobody out', async () => {
    const silent = Array.from({ length: 40 }, () => new FeedSocket(client.address))
    await Promise.all(silent.map((feed) => feed.opened()))
    const closed = silent.filter(({ socket }) => socket.readyState > 1)
    expect(closed).toHaveLength(20)
    await Promise.all(silent.map((feed) => feed.closed()))
    const feeds = await Promise.all(Array.from({ length: 15 }, signedIn))
    expect((await feeds[0]!.ask({ action: 'ping' }, 'pong')).server_timestamp).toBeGreaterThan(0)
  })

  it('is not for pages of other sites, and only at its path', async () => {
    const foreign = new FeedSocket(client.address, '/ws', { origin: 'http://evil.example' })
    expect(await foreign.closed()).toBe(1006)
    expect(await new FeedSocket(client.address, '/elsewhere').closed()).toBe(1006)
  })
})

describe('what a client asks for', () => {
  it('is done in the order in which it asks, and what is wrong in it is said in that order', async () => {
    const feed = new FeedSocket(client.address)
    const symbols = [future]
    await feed.send({ action: 'subscribe', symbols, mode: 'LTP', request_id: 1 })
    await feed.send({ action: 'authenticate', api_key: apikey, request_id: 2 })
    for (let id = 3; id < 300; id += 2) {
      await feed.send({ action: 'subscribe', symbols, mode: 'LTP', request_id: id })
      await feed.send({ action: 'unsubscribe', symbols, request_id: id + 1 })
    }
    await feed.send({ action: 'ping', request_id: 'last' })
    await feed.next('pong')
    const answers = feed.messages.filter(({ type }) => type !== 'market_data')
    expect(answers.map(({ request_id: id }) => id)).toEqual([
      ...Array.from({ length: 300 }, (_, at) => at + 1),
      'last',
    ])
    expect(answers[0]).toMatchObject({ code: 'NOT_AUTHENTICATED' })
    expect(answers.slice(1, -1).every(({ status }) => status === 'success')).toBe(true)
    expect((await client.get('/metrics')).body).toMatch(/^trading_feed_symbols 0$/m)
  })
})

describe('a connection that is refused', () => {
  const refusals = {
    'at another path': '/other HTTP/1.1\r\nhost: a',
    'of a page of another site': '/ws HTTP/1.1\r\nhost: a\r\norigin: https://evil.example',
    'that is none': '/ws HTTP/1.1\r\nhost: a\r\nsec-websocket-version: 1',
  }

  it.each(Object.entries(refusals))(
    'leaves the app up when it is gone before it hears of that: one %s',
    async (_name, request) => {
      const { hostname, port } = new URL(client.address)
      for (let round = 0; round < 100; round++) {
        const socket = connect({ host: hostname, port: Number(port) })
        await once(socket, 'connect')
        socket.write(`GET ${request}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)
        await setImmediate()
        socket.resetAndDestroy()
      }
      expect((await client.get('/health')).status).toBe(200)
    },
  )

  it('is closed from here, though the other end keeps its half open', async () => {
    const { hostname, port } = new URL(client.address)
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    socket.write(`GET ${refusals['at another path']}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)
    await once(socket.resume(), 'end')
    const more = setInterval(() => socket.write('x'), 10)
    const closed = once(socket, 'close').finally(() => clearInterval(more))
    await expect(closed).rejects.toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) })
  })
})

describe('a recorded session in the feed', () => {
  it('brings the last price of each symbol to every client, also to one that reads slowly', async () => {
    const directory = await temporaryDirectory()
    const symbols = ['WIPRO', 'AXISBANK', 'MARUTI']
    const rows = Array.from({ length: 3000 }, (_none, at) => {
      const minute = String(15 + Math.floor(at / 180)).padStart(2, '0')
      const second = String(Math.floor(at / 3) % 60).padStart(2, '0')
      return `2021-06-02 09:${minute}:${second},${symbols[at % 3]},NSE,${100 + at},${at}`
    })
    const ticks = join(directory, 'ticks.csv')
    await writeFile(ticks, `timestamp_ist,symbol,exchange,ltp,volume\n${rows.join('\n')}\n`)
    const master = symbols.map((name, at) => ({
      token: String(at + 1),
      symbol: `${name}-EQ`,
      name,
      expiry: '',
      strike: '-1.000000',
      lotsize: '1',
      instrumenttype: '',
      exch_seg: 'NSE',
      tick_size: '5.000000',
    }))
    await writeFile(join(directory, 'master.json'), JSON.stringify(master))
    const server = await startServer({
      directory,
      args: ['--instruments', join(directory, 'master.json'), '--ticks', ticks, '--speed', '300'],
    })
    const owner = new Client(server.address)
    await owner.setUp()
    await owner.connect()
    await owner.until('/web/master', ({ phase, instruments }) => phase === 'ready' && instruments === 3)
    const key = await owner.makeApiKey()
    const feeds = Array.from({ length: 20 }, () => new FeedSocket(server.address))
    const wanted = symbols.map((symbol) => ({ symbol, exchange: 'NSE' }))
    for (const feed of feeds) {
      await feed.ask({ action: 'authenticate', api_key: key }, 'auth')
      await feed.ask({ action: 'subscribe', symbols: wanted, mode: 'LTP' }, 'subscribe')
    }
    const [slow] = feeds
    slow!.socket.pause()
    const last = (feed: FeedSocket): (number | undefined)[] =>
      symbols.map((symbol) => feed.prices.get(symbol))
    const expected = [3097, 3098, 3099]
    for (const feed of feeds.slice(1)) {
      await expect.poll(() => last(feed), { timeout: 30_000 }).toEqual(expected)
      expect(feed.messages.length).toBeLessThan(3000)
    }
    slow!.socket.resume()
    await expect.poll(() => last(slow!), { timeout: 30_000 }).toEqual(expected)
  })
})
