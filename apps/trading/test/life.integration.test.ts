import { beforeAll, describe, expect, it } from 'vitest'

import { buyFuture } from './support/buy-future.ts'
import { Client } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'
import { startServer, temporaryDirectory } from './support/running-server.ts'

describe('the app from its first day on', () => {
  it('sets up, connects, downloads 142,338 instruments, searches, quotes and trades', async () => {
    const server = await startServer({ directory: await temporaryDirectory() })
    const client = new Client(server.address)
    expect((await client.get('/web/session')).body).toEqual({ signedIn: false, setUp: false })
    await client.setUp()
    expect((await client.get('/web/symbols?q=NIFTY')).body.code).toBe('NO_MASTER')
    expect((await client.get('/web/orders')).body.code).toBe('BROKER_NOT_CONNECTED')
    expect((await client.connect()).headers.get('location')).toBe('/')
    await client.download()
    expect((await client.get('/health')).body.symbol_cache.total_symbols).toBe(142_338)
    const symbol = await buyFuture(client)
    const { body: quotes } = await client.get(`/web/quotes?symbols=NFO:${symbol}`)
    expect(quotes[0]).toMatchObject({ symbol, exchange: 'NFO' })
    expect(quotes[0].low).toBeLessThanOrEqual(quotes[0].ltp)
    const { body: held } = await client.get('/web/positions')
    expect(held.positions).toMatchObject([{ symbol, product: 'NRML' }])
    expect(held.funds.availableCash).toBeLessThan(1_000_000)
  })

  it.each(['SIGINT', 'SIGKILL'] as const)('is as before after %s and a new start', async (signal) => {
    const { server, client } = await readyApp()
    const key = await client.makeApiKey()
    await client.post('/web/settings', { theme: 'dark' })
    const symbol = await buyFuture(client)
    expect(await server.stop(signal)).toBe(signal === 'SIGINT' ? 0 : null)

    const again = await startServer({ directory: server.directory })
    const same = new Client(again.address, client)
    expect((await same.get('/web/session')).body).toMatchObject({
      signedIn: true,
      settings: { theme: 'dark' },
    })
    expect((await same.get('/web/broker')).body.connection).toMatchObject({ account: 'SIM001' })
    await same.until('/web/master', ({ phase }) => phase === 'ready')
    expect((await same.get('/web/orders')).body.orders).toMatchObject([{ symbol, status: 'complete' }])
    expect((await same.get('/web/positions')).body.positions).toMatchObject([{ symbol }])
    expect((await same.post('/api/v1/ping', { apikey: key })).body.data).toEqual({
      message: 'pong',
      broker: 'simulated',
    })
    expect((await same.get(`/web/quotes?symbols=NFO:${symbol}`)).body[0].symbol).toBe(symbol)
  })

  it('works on orders that waited when it was killed', async () => {
    const { server, client } = await readyApp()
    const { body } = await client.get('/web/symbols?q=NIFTY%20FUT&exchange=NFO')
    const { symbol, exchange, lotSize } = body.results[0]
    const order = { symbol, exchange, action: 'BUY', product: 'NRML', quantity: lotSize }
    await client.post('/web/orders', order)
    await server.stop('SIGKILL')
    const same = new Client((await startServer({ directory: server.directory })).address, client)
    const after = await same.until('/web/orders', ({ orders }) => orders[0].status === 'complete')
    expect(after.orders).toHaveLength(1)
  })
})

describe('the app in use', () => {
  let address: string

  beforeAll(async () => {
    address = (await readyApp()).client.address
  })

  async function signedIn(): Promise<Client> {
    const client = new Client(address)
    await client.signIn()
    return client
  }

  it('ends a session where it is told to, and nowhere else', async () => {
    const [client, other] = [await signedIn(), await signedIn()]
    const { cookie } = client
    await client.post('/web/sign-out')
    client.cookie = cookie
    expect((await client.get('/web/session')).body.signedIn).toBe(false)
    expect((await client.get('/web/orders')).status).toBe(401)
    expect((await other.get('/web/session')).body.signedIn).toBe(true)
  })

  it('lists the sessions of a user and ends them, and those of nobody else', async () => {
    const [client, other] = [await signedIn(), await signedIn()]
    const listed = async (): Promise<{ handle: string; current: boolean }[]> =>
      (await client.get('/web/sessions')).body
    const before = await listed()
    expect(before.filter(({ current }) => current)).toHaveLength(1)
    expect(before.at(-1)).toMatchObject({ current: false, clientAddress: '127.0.0.1' })
    expect((await client.post('/web/sessions/end', { handle: 'unknown' })).status).toBe(404)
    const { handle } = before.at(-1) ?? { handle: '' }
    expect((await client.post('/web/sessions/end', { handle })).body).toEqual({ ended: 1 })
    expect((await other.get('/web/session')).body.signedIn).toBe(false)
    await signedIn()
    await client.post('/web/sessions/end-others')
    expect(await listed()).toMatchObject([{ current: true }])
    expect((await client.get('/web/session')).body.signedIn).toBe(true)
  })

  it('ends the former session of a browser that signs in again', async () => {
    const client = await signedIn()
    const { cookie } = client
    await client.signIn()
    expect(client.cookie).not.toBe(cookie)
    expect((await client.get('/web/session')).body.signedIn).toBe(true)
    client.cookie = cookie
    expect((await client.get('/web/session')).body.signedIn).toBe(false)
  })

  it('ends streams of prices with their session', async () => {
    const client = await signedIn()
    const { body } = await client.get('/web/symbols?q=NIFTY&exchange=NSE_INDEX')
    const { symbol, exchange } = body.results[0]
    const path = `${client.address}/web/quotes/stream?symbols=${exchange}:${symbol}`
    const stream = await fetch(path, { headers: { cookie: client.cookie } })
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    await client.post('/web/sign-out')
    expect(await stream.text()).toContain(`"symbol":"${symbol}"`)
  })

  it('shows and clears caches', async () => {
    const client = await signedIn()
    const { body } = await client.get('/web/caches')
    expect(body.caches.map(({ cache }: { cache: string }) => cache)).toContain('sessions')
    expect((await client.post('/web/caches/sessions/clear')).status).toBe(200)
    expect((await client.get('/web/session')).body.signedIn).toBe(true)
    expect((await client.post('/web/caches/nothing/clear')).status).toBe(404)
    expect((await client.post('/web/caches/invalidate', { tag: 'user:1' })).status).toBe(200)
  })

  it('answers with the state of its caches in the documented shape', async () => {
    const client = await signedIn()
    const { body } = await client.get('/diagnostics/cache-state')
    expect(body).toMatchObject({ backend: 'sqlite', instance_id: 'instance-1', uptime: expect.any(Number) })
    expect(body.caches.sessions).toEqual({
      size: expect.any(Number),
      hit_rate: expect.stringMatching(/^\d+\.\d%$/),
      avg_latency_ms: expect.any(Number),
      memory_mb: expect.any(Number),
      encrypted: true,
    })
    expect(body.caches.symbols.size).toBe(3000)
  })

  it('disconnects the broker at once', async () => {
    const client = await signedIn()
    expect((await client.get('/web/positions')).status).toBe(200)
    await client.post('/web/broker/disconnect')
    expect((await client.get('/web/positions')).body.code).toBe('BROKER_NOT_CONNECTED')
    expect((await client.get('/web/broker')).body.connection).toBeNull()
  })
})
