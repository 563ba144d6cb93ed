import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, request as send } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { beforeAll, describe, expect, it } from 'vitest'

import { Client } from './support/client.ts'
import { FeedSocket } from './support/feed-socket.ts'
import { readyApp } from './support/ready-app.ts'
import type { RunningServer } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

let server: RunningServer
let client: Client
let apikey: string

beforeAll(async () => {
  const ready = await readyApp({ API_RATE_LIMIT: '1000 per second' })
  server = ready.server
  client = ready.client
  apikey = await client.makeApiKey()
})

/** The status of a ping, over a connection that is kept. */
function statusOf(agent: Agent, body: object): Promise<number | undefined> {
  const options = { agent, method: 'POST', headers: { 'content-type': 'application/json' } }
  return new Promise((resolve, reject) => {
    const asked = send(`${server.address}/api/v1/ping`, options, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify(body))
  })
}

const order = { symbol: 'X', exchange: 'NSE', action: 'BUY', quantity: 1 }

describe('a request that cannot be right', () => {
  it.each([
    { name: 'malformed JSON', body: '{"apikey": ', status: 400, message: 'The body is not valid JSON' },
    { name: 'an empty body', body: '', status: 400, message: 'The body is empty; send a JSON object' },
    { name: 'another type', body: 'a=1', type: 'text/plain', status: 415, message: /^Send JSON/ },
    { name: 'a huge body', body: JSON.stringify('x'.repeat(300_000)), status: 413, message: /too large/ },
    { name: 'what is nested too deeply', body: '['.repeat(200_000), status: 400, message: /not valid JSON/ },
    { name: 'half a letter', body: '{"apikey": "\\ud8', status: 400, message: 'The body is not valid JSON' },
    { name: 'a list', body: '[]', status: 400, message: { _schema: ['Not a valid object.'] } },
    { name: 'null', body: 'null', status: 400, message: { apikey: ['Missing data for required field.'] } },
    {
      name: 'a poisoned prototype',
      body: '{"__proto__": {"apikey": "x"}}',
      status: 400,
      message: /not valid JSON/,
    },
  ])('says what is wrong with $name', async ({ body, type, status, message }) => {
    const headers = type === undefined ? {} : { 'content-type': type }
    const answer = await client.raw('/api/v1/ping', body, headers)
    expect(answer.status).toBe(status)
    expect(answer.body.status).toBe('error')
    if (message instanceof RegExp) expect(answer.body.message).toMatch(message)
    else expect(answer.body.message).toEqual(message)
  })

  it.each([
    ['ping', {}, { apikey: ['Missing data for required field.'] }],
    ['ping', { apikey: 7 }, { apikey: ['Not a valid string.'] }],
    [
      'quotes',
      { apikey: 'k', symbol: 7 },
      { symbol: ['Not a valid string.'], exchange: ['Missing data for required field.'] },
    ],
    ['search', { apikey: 'k', query: '' }, { query: ['Must not be empty.'] }],
    ['multiquotes', { apikey: 'k', symbols: [] }, { symbols: ['Must not be empty.'] }],
    [
      'multiquotes',
      { apikey: 'k', symbols: [{ symbol: 'A' }] },
      { 'symbols.0.exchange': ['Missing data for required field.'] },
    ],
    ['orderstatus', { apikey: 'k', orderid: '../1' }, { orderid: ['Not a valid order id.'] }],
  ])('names each wrong field of %s', async (route, body, message) => {
    const answer = await client.post(`/api/v1/${route}`, body)
    expect(answer).toMatchObject({ status: 400, body: { status: 'error', message } })
  })

  it.each([
    [{ ...order, quantity: 0 }, 'quantity: Quantity must be a positive number.'],
    [{ ...order, quantity: 1.5 }, 'quantity: Quantity must be a whole number.'],
    [{ ...order, quantity: 'ten' }, 'quantity: Not a valid number.'],
    [{ ...order, quantity: undefined }, 'quantity: Missing data for required field.'],
    [{ ...order, action: 'HOLD' }, 'action: Must be one of: BUY, SELL.'],
    [{ ...order, pricetype: 'STOP' }, 'pricetype: Must be one of: MARKET, LIMIT, SL, SL-M.'],
    [{ ...order, price: -1 }, 'price: Must be a non-negative number.'],
    [{ ...order, quantity: Number.MAX_SAFE_INTEGER }, 'quantity: Quantity must be at most 10000000.'],
  ])('tells the faults of an order as text', async (body, message) => {
    const answer = await client.post('/api/v1/placeorder', { apikey, strategy: 's', ...body })
    expect(answer).toMatchObject({ status: 400, body: { status: 'error', message } })
  })

  it.each([
    ['symbol', { symbol: 'NOSUCH', exchange: 'NSE' }, 'Symbol NOSUCH not found in exchange NSE'],
    ['quotes', { symbol: '__proto__', exchange: 'NSE' }, 'Symbol __proto__ not found in exchange NSE'],
    ['placeorder', { ...order, strategy: 's' }, 'Symbol X not found in exchange NSE'],
    ['orderstatus', { orderid: '1' }, 'Order 1 not found'],
    ['cancelorder', { orderid: '1', strategy: 's' }, 'There is no order 1'],
  ])('answers 404 from %s for what does not exist', async (route, body, message) => {
    const answer = await client.post(`/api/v1/${route}`, { apikey, ...body })
    expect(answer).toMatchObject({ status: 404, body: { status: 'error', message } })
  })

  it.each(['\0', '\ud800', ' ', '\u007f:%', ':'.repeat(256), '\ud800'.repeat(256), 'ß'.repeat(256), '\t\n'])(
    'finds nothing for the words %j',
    async (query) => {
      for (const place of [
        { query },
        { query, exchange: 'NSE' },
        { query: 'A', exchange: query.slice(0, 32) },
      ]) {
        const { status, body } = await client.post('/api/v1/search', { apikey, ...place })
        expect([status, body.data]).toEqual([200, []])
      }
    },
  )

  it('answers 404 for unknown routes, and the page for its views', async () => {
    expect((await client.post('/api/v1/nothing')).body.message).toBe(
      'There is nothing at POST /api/v1/nothing',
    )
    expect((await client.get('/web/nothing')).status).toBe(404)
    expect((await client.get('/assets/nothing.js')).status).toBe(404)
    expect((await client.get('/orders')).body).toContain('<div id="root">')
  })

  it.each([
    ['strategy/webhook', '{"symbol": ', 404],
    ['strategy/webhook', '[]', 404],
    ['flow/webhook', 'null', 404],
  ])('says of %s that there is none, whatever is sent to it', async (path, body, status) => {
    const answer = await client.raw(`/${path}/${'x'.repeat(40)}`, body)
    expect([400, status]).toContain(answer.status)
    expect(answer.body.status).toBe('error')
    const long = await client.raw(`/${path}/${'x'.repeat(400)}`, '{}')
    expect(long.status).toBeGreaterThanOrEqual(400)
    expect(long.status).toBeLessThan(500)
  })

  it('takes no header or address without end', async () => {
    const { status } = await client.raw('/api/v1/ping', '{}', { 'x-long': 'x'.repeat(100_000) })
    expect(status).toBe(431)
    expect((await client.get(`/api/v1/instruments?apikey=${'x'.repeat(10_000)}`)).status).toBe(400)
  })

  it('ends a connection of the feed that sends too much at once, and no other', async () => {
    const feeds = [new FeedSocket(client.address), new FeedSocket(client.address)] as const
    await feeds[1].opened()
    await feeds[0].send(JSON.stringify({ action: 'x'.repeat(300_000) }))
    expect(await feeds[0].closed()).toBe(1009)
    await feeds[1].send('{"action": ')
    expect(await feeds[1].next('error')).toMatchObject({ code: 'INVALID_JSON' })
  })

  it('survives what is not HTTP', async () => {
    const { hostname, port } = new URL(server.address)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write('nonsense\r\n\r\n'))
      socket.on('data', (data) => resolve(String(data)))
    })
    expect(answer).toContain('400 Bad Request')
  })
})

describe('somebody who has no right', () => {
  it('is told that an API key is wrong, and the key is not in the log', async () => {
    const wrong = 'wrong-key-0123456789'
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await client.post('/api/v1/funds', { apikey: wrong })
      expect(answer).toMatchObject({
        status: 403,
        body: { status: 'error', message: 'Invalid openalgo apikey' },
      })
    }
    expect(server.log().match(/An unknown API key was sent/g)).toHaveLength(1)
    expect(server.log()).not.toContain(wrong)
    expect(server.log()).not.toContain(apikey)
  })

  it('keeps nobody waiting with a thousand wrong keys a second', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 100 })
    whenOver(() => agent.destroy())
    const wrong = Array.from({ length: 2000 }, async (_none, at) => {
      await sleep(at)
      return statusOf(agent, { apikey: `wrong-${at}` })
    })
    const right = Array.from({ length: 20 }, async (_none, at) => {
      await sleep(100 * at)
      return (await client.post('/api/v1/funds', { apikey })).status
    })
    expect(new Set(await Promise.all(right))).toEqual(new Set([200]))
    expect(
      [...new Set(await Promise.all(wrong))].filter((status) => status !== 403 && status !== 429),
    ).toEqual([])
    const { body } = await client.get('/web/caches')
    const remembered = body.caches.find(({ cache }: { cache: string }) => cache === 'invalid-api-keys')
    expect(remembered.entries).toBeLessThanOrEqual(512)
    expect(server.log()).not.toContain('wrong-1999')
  })

  // Of another route than the test before, which has used up what its limit lets through.
  it('cannot use a key any more once it is revoked', async () => {
    const key = await client.makeApiKey()
    expect((await client.post('/api/v1/funds', { apikey: key })).status).toBe(200)
    const { body } = await client.get('/web/api-keys')
    await client.post(`/web/api-keys/${body.keys.at(-1).id}/revoke`)
    expect((await client.post('/api/v1/funds', { apikey: key })).status).toBe(403)
  })

  it('gets nothing with a forged session cookie', async () => {
    const forged = new Client(server.address)
    const id = 'a'.repeat(43)
    for (const signature of ['', '.', `.${createHmac('sha256', 'guess').update(id).digest('base64')}`]) {
      forged.cookie = `trading_session=${encodeURIComponent(id + signature)}`
      expect(await forged.get('/web/orders')).toMatchObject({ status: 401, body: { code: 'SIGNED_OUT' } })
    }
    expect(server.log()).toContain('A session cookie was not signed by this server')
    expect(server.log()).not.toContain(id)
  })

  it('changes nothing without the CSRF token', async () => {
    const other = new Client(server.address, client)
    other.csrf = ''
    expect(await other.post('/web/orders', order)).toMatchObject({ status: 403, body: { code: 'CSRF' } })
  })

  it.each([
    [{ origin: 'http://evil.example' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ origin: 'null' }],
  ])('is refused when a page of another site sends it: %o', async (headers) => {
    const answer = await client.raw('/web/sign-in', '{}', headers)
    expect(answer).toMatchObject({ status: 403, body: { message: 'This request comes from another site' } })
  })

  it('cannot come under a foreign host name', async () => {
    const { hostname, port } = new URL(server.address)
    const answer = await new Promise<string>((resolve) => {
      const request = `GET /health HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`
      const socket = connect(Number(port), hostname, () => socket.write(request))
      socket.on('data', (data) => resolve(String(data)))
    })
    expect(answer).toContain('421')
  })

  it('cannot connect a broker account to a session of somebody else', async () => {
    const { headers } = await client.get('/broker/callback?code=x&state=forged')
    expect(headers.get('location')).toBe('/connections?fault=state')
  })

  it('cannot set the app up a second time', async () => {
    const answer = await new Client(server.address).post('/web/setup', {
      name: 'eve',
      password: 'another one 9',
    })
    expect(answer).toMatchObject({ status: 409, body: { code: 'SET_UP' } })
  })
})

describe('the answers', () => {
  it('carry headers that keep other sites out', async () => {
    const { headers } = await client.get('/')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
  })

  it('still come after all of that', async () => {
    expect(await client.get('/health')).toMatchObject({ status: 200, body: { status: 'healthy' } })
    expect(server.log()).not.toContain('"level":50')
  })

  it('never put a password into a file', async () => {
    const files = ['app.db', 'app.db-wal'].map((name) => readFile(`${server.directory}/${name}`))
    const stored = Buffer.concat(await Promise.all(files)).toString('latin1')
    expect(stored).toContain('$argon2id$')
    expect(stored).not.toContain('correct horse')
    expect(stored).not.toContain(apikey)
  })
})
