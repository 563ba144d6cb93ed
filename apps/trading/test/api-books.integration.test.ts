import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, it } from 'vitest'

import { ApiDescription } from './support/api-description.ts'
import type { Answer, Client } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'

interface Described {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly [string]
  readonly responses: object
}

let client: Client
let apikey: string
let description: ApiDescription
let future: { symbol: string; exchange: string; lotSize: number; expiry: string }

beforeAll(async () => {
  const rates = { ORDER_RATE_LIMIT: '1000 per second', API_RATE_LIMIT: '1000 per second' }
  client = (await readyApp({ ...rates, SMART_ORDER_RATE_LIMIT: '1000 per second' })).client
  apikey = await client.makeApiKey()
  description = await ApiDescription.of(client)
  future = (await client.get('/web/symbols?q=NIFTY%20FUT&exchange=NFO')).body.results[0]
})

/** Every answer is held against the API's own description. */
async function call(route: string, body: object = {}): Promise<Answer> {
  const answer = await client.post(`/api/v1/${route}`, { apikey, ...body })
  description.check(`/api/v1/${route}`, 'post', answer)
  return answer
}

function order(changes: object = {}) {
  const { symbol, exchange, lotSize } = future
  const fields = { strategy: 'T', symbol, exchange, action: 'BUY', quantity: lotSize, product: 'NRML' }
  return { ...fields, ...changes }
}

async function held(): Promise<number> {
  const { symbol, exchange } = future
  return Number(
    (await call('openposition', { strategy: 'T', symbol, exchange, product: 'NRML' })).body.quantity,
  )
}

describe('orders of OpenAlgo clients', () => {
  it('bring a position to a size once, however many ask at the same time', async () => {
    const size = 2 * future.lotSize
    const asked = Array.from({ length: 5 }, () =>
      call('placesmartorder', order({ position_size: size, quantity: 0 })),
    )
    expect((await Promise.all(asked)).every(({ status }) => status === 200)).toBe(true)
    await expect.poll(held, { timeout: 20_000 }).toBe(size)
  })

  it('close every position', async () => {
    const { body } = await call('closeposition', { strategy: 'T' })
    expect(body).toMatchObject({ status: 'success', message: 'All Open Positions Squared Off' })
    await expect.poll(held, { timeout: 20_000 }).toBe(0)
    expect((await call('closeposition', { strategy: 'T' })).body.message).toBe('No Open Positions Found')
  })

  it('change and cancel what waits', async () => {
    const { body: quote } = await call('quotes', future)
    const price = Math.floor(quote.data.ltp * 0.9)
    const limit = order({ pricetype: 'LIMIT', price })
    const { body } = await call('placeorder', limit)
    const changed = await call('modifyorder', { ...limit, orderid: body.orderid, price: price - 1 })
    expect(changed.body).toEqual({ status: 'success', orderid: body.orderid })
    expect((await call('orderstatus', { orderid: body.orderid })).body.data.price).toBe(price - 1)
    const other = await call('modifyorder', { ...limit, orderid: body.orderid, action: 'SELL' })
    expect(other.status).toBe(400)
    await call('placeorder', limit)
    const all = await call('cancelallorder', { strategy: 'T' })
    expect(all.body.message).toBe('Canceled 2 orders. Failed to cancel 0 orders.')
  })

  it('go in a basket, each with its own outcome', async () => {
    const { strategy: _strategy, ...one } = order()
    const orders = [{ ...one, action: 'SELL' }, one, { ...one, symbol: 'NONE' }, 'nonsense']
    const { body } = await call('basketorder', { strategy: 'T', orders })
    expect(body.results.map(({ status }: { status: string }) => status).sort()).toEqual([
      'error',
      'error',
      'success',
      'success',
    ])
  })

  it('are checked only for whoever switched the analyzer on', async () => {
    expect((await call('analyzer')).body.data).toEqual({ mode: 'live', analyze_mode: false, total_logs: 0 })
    const on = await call('analyzer/toggle', { mode: true })
    expect(on.body).toEqual({
      status: 'success',
      mode: 'analyze',
      data: {
        mode: 'analyze',
        analyze_mode: true,
        total_logs: 0,
        message: 'Analyzer mode switched to analyze',
      },
    })
    await call('placeorder', order())
    expect((await call('analyzer')).body.data.total_logs).toBe(1)
    const search = async (): Promise<Answer['body']> =>
      (await call('search', { query: 'no such thing' })).body
    const found = { status: 'success', message: 'No matching symbols found', data: [] }
    for (let time = 0; time < 2; time++) expect(await search()).toEqual({ ...found, mode: 'analyze' })
    expect((await call('analyzer/toggle', { mode: false })).body.data.mode).toBe('live')
    // What is kept of a search is nobody's.
    expect(await search()).toEqual(found)
    expect((await call('analyzer/toggle', { mode: 'yes' })).status).toBe(400)
  })

  it('are only checked in analyze mode, everywhere at once', async () => {
    expect((await client.post('/web/admin/settings', { analyze_mode: true })).status).toBe(200)
    const before = (await call('orderbook')).body
    expect(before.mode).toBe('analyze')
    const { body } = await call('placeorder', order())
    expect(body).toEqual({ status: 'success', orderid: expect.stringMatching(/^\d{17}$/), mode: 'analyze' })
    expect((await call('placeorder', order({ quantity: 1 }))).status).toBe(400)
    expect((await call('orderbook')).body.data.orders).toHaveLength(before.data.orders.length)
    await client.post('/web/admin/settings', { analyze_mode: false })
    expect((await call('orderbook')).body.mode).toBeUndefined()
  })
})

describe('what OpenAlgo clients read', () => {
  it('is trades, holdings, depth, history and intervals', async () => {
    const { body: trades } = await call('tradebook')
    expect(trades.data[0]).toMatchObject({ symbol: future.symbol, trade_value: expect.any(Number) })
    expect((await call('holdings')).body.data).toMatchObject({
      holdings: [],
      statistics: { totalinvvalue: 0 },
    })
    const { body: depth } = await call('depth', future)
    expect(depth.data.bids).toHaveLength(5)
    expect(depth.data.totalbuyqty).toBeGreaterThan(0)
    const days = { start_date: '2026-08-17', end_date: '2026-08-21' }
    const { body: past } = await call('history', { ...future, ...days, interval: 'D' })
    expect(past.data).toHaveLength(5)
    expect(past.data[0]).toMatchObject({ timestamp: Date.parse('2026-08-17T09:15:00+05:30') / 1000 })
    const wrong = await call('history', {
      ...future,
      start_date: '2026-02-30',
      end_date: 'x',
      interval: '7m',
    })
    expect(Object.keys(wrong.body.message).sort()).toEqual(['end_date', 'interval', 'start_date'])
    expect((await call('intervals')).body.data.minutes).toContain('5m')
  })

  it('is the past from the database, once the broker has told it', async () => {
    const days = { start_date: '2026-07-06', end_date: '2026-07-17', source: 'db' }
    const nothing = await call('history', { ...future, ...days, interval: 'D' })
    expect(nothing).toMatchObject({ status: 404, body: { message: expect.stringContaining('source api') } })
    for (const interval of ['D', '1m']) await call('history', { ...future, ...days, source: 'api', interval })
    const daily = (await call('history', { ...future, ...days, interval: 'D' })).body.data
    expect(daily).toHaveLength(10)
    const weekly = (await call('history', { ...future, ...days, interval: 'W' })).body.data
    expect(weekly).toHaveLength(2)
    expect(weekly[0]).toMatchObject({
      timestamp: daily[0].timestamp,
      open: daily[0].open,
      close: daily[4].close,
      high: Math.max(...daily.slice(0, 5).map(({ high }: { high: number }) => high)),
      volume: daily.slice(0, 5).reduce((sum: number, { volume }: { volume: number }) => sum + volume, 0),
    })
    const hourly = (await call('history', { ...future, ...days, interval: '1h' })).body.data
    expect(hourly).toHaveLength(10 * 7)
    expect(hourly[1].timestamp - hourly[0].timestamp).toBe(3600)
    expect((await call('history', { ...future, ...days, interval: '5s' })).status).toBe(400)
  })

  it('is expiries, options by offset, and the chain', async () => {
    const expiries = await call('expiry', { symbol: 'NIFTY', exchange: 'NFO', instrumenttype: 'options' })
    expect(expiries.body.data[0]).toMatch(/^\d\d-[A-Z]{3}-\d\d$/)
    const expiry_date = expiries.body.data[0].replaceAll('-', '')
    const asked = { strategy: 'T', underlying: 'NIFTY', exchange: 'NSE_INDEX', expiry_date }
    const chain = (await call('optionchain', { ...asked, strike_count: 2 })).body
    const atTheMoney = chain.chain.findIndex(({ strike }: { strike: number }) => strike === chain.atm_strike)
    const label = (side: 'ITM' | 'OTM', steps: number): string => (steps === 0 ? 'ATM' : `${side}${steps}`)
    for (const [at, { ce, pe }] of chain.chain.entries()) {
      const steps = Math.abs(at - atTheMoney)
      expect(ce).toMatchObject({
        label: label(at < atTheMoney ? 'ITM' : 'OTM', steps),
        ltp: expect.any(Number),
      })
      expect(pe.label).toBe(label(at < atTheMoney ? 'OTM' : 'ITM', steps))
      const option = await call('optionsymbol', { ...asked, offset: ce.label, option_type: 'CE' })
      expect(option.body).toMatchObject({ symbol: ce.symbol, exchange: 'NFO', freeze_qty: 1800 })
    }
    expect((await call('optionsymbol', { ...asked, offset: 'ITM50', option_type: 'CE' })).status).toBe(404)
    expect(chain).toMatchObject({ greeks_included: false, forward_price: null })
    expect(chain.expiry_ts).toBe(
      Date.parse(`${expiries.body.data[0].replaceAll('-', ' ')} 15:30 +05:30`) / 1000,
    )
    expect(chain.server_ts).toBeLessThan(chain.expiry_ts)
    const wrong = await call('optionsymbol', { ...asked, offset: 'DEEP', option_type: 'XX' })
    expect(wrong).toMatchObject({
      status: 400,
      body: { message: 'Validation error', errors: { offset: expect.any(Array) } },
    })
  })

  it('is the chain with its Greeks, and what waits at the best prices', async () => {
    const { body: found } = await call('expiry', {
      symbol: 'NIFTY',
      exchange: 'NFO',
      instrumenttype: 'options',
    })
    const expiry_date = found.data.at(-1).replaceAll('-', '')
    const asked = { underlying: 'NIFTY', exchange: 'NSE_INDEX', expiry_date, strike_count: 1 }
    const { body } = await call('optionchain', { ...asked, with_greeks: true, interest_rate: 6.5 })
    const { ce, pe } = body.chain.find(({ strike }: { strike: number }) => strike === body.atm_strike)
    expect(body.forward_price).toBeCloseTo(body.atm_strike + ce.ltp - pe.ltp, 2)
    expect(ce).toMatchObject({ implied_volatility: expect.any(Number), vega: expect.any(Number) })
    expect([ce.delta > 0, ce.delta < 1, pe.delta < 0, ce.theta < 0, ce.gamma > 0]).toEqual(
      Array.from({ length: 5 }, () => true),
    )
    expect(ce.implied_volatility).toBeCloseTo(pe.implied_volatility, 0)
    const { body: depth } = await call('depth', { symbol: ce.symbol, exchange: 'NFO' })
    for (const quantity of [ce.bid_qty, ce.ask_qty, depth.data.bids[0].quantity])
      expect(quantity % ce.lotsize).toBe(0)
    expect(depth.data.bids[0].price).toBeLessThan(depth.data.asks[0].price)
  })

  it('is the master, as JSON and as CSV', async () => {
    const csv = await client.get(`/api/v1/instruments?apikey=${apikey}&exchange=NFO&format=csv`)
    const [header, first] = String(csv.body).split('\n')
    expect(header).toBe(
      'symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size',
    )
    expect(first?.split(',')[3]).toBe('NFO')
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="instruments_NFO.csv"')
    const all = await client.get(`/api/v1/instruments?apikey=${apikey}`)
    description.check('/api/v1/instruments', 'get', all)
    expect(all.body.data).toHaveLength(3000)
    expect(all.body.message).toBe('Found 3000 instruments')
  })

  it('is nothing without the key in the query', async () => {
    const answers = await Promise.all(
      [
        '',
        '?apikey=',
        '?apikey=wrong',
        `?apikey=${apikey}&format=xml`,
        `?apikey=${apikey}&exchange=%0d%0a`,
      ].map((query) => client.get(`/api/v1/instruments${query}`)),
    )
    for (const answer of answers) description.check('/api/v1/instruments', 'get', answer)
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 400, 400])
    expect(answers[0]?.body).toEqual({ status: 'error', message: 'API key is required' })
  })

  it('is the calendar', async () => {
    const holidays = await call('market/holidays', { year: 2026 })
    expect(holidays.body.data[0]).toMatchObject({ date: '2026-01-15', holiday_type: 'TRADING_HOLIDAY' })
    const timings = await call('market/timings', { date: '2026-08-20' })
    expect(timings.body.data).toContainEqual({
      exchange: 'NSE',
      start_time: Date.parse('2026-08-20T09:15:00+05:30'),
      end_time: Date.parse('2026-08-20T15:30:00+05:30'),
    })
    expect((await call('market/timings', { date: '2026-13-01' })).status).toBe(400)
  })

  it('is described as OpenAPI', async () => {
    const { body } = await client.get('/api/v1/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    expect(await new Validator().validate(structuredClone(body))).toMatchObject({ valid: true })
    expect(Object.keys(body.paths)).toHaveLength(30)
    for (const path of Object.values<Record<string, Described>>(body.paths)) {
      for (const { operationId, summary, tags, responses } of Object.values(path)) {
        expect([operationId, summary, tags[0]].every((text) => text !== '')).toBe(true)
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '400', '403', '429', '500']))
      }
    }
    const { schema } = body.paths['/api/v1/placeorder'].post.requestBody.content['application/json']
    expect(schema.required).toEqual(
      expect.arrayContaining(['apikey', 'symbol', 'exchange', 'action', 'quantity']),
    )
  })
})

describe('operators', () => {
  it('read metrics and the health in both forms', async () => {
    const { body, headers } = await client.get('/metrics')
    expect(headers.get('content-type')).toContain('text/plain')
    expect(body).toContain('cache_hits_total{cache="verified-api-keys"')
    expect(body).toContain('trading_feed_clients 0')
    expect((await client.get('/health/status')).body).toMatchObject({ status: 'pass', serviceId: 'openalgo' })
    const whole = await client.get('/health/check')
    expect(whole.headers.get('content-type')).toContain('application/health+json')
    expect(whole.body).toMatchObject({
      status: 'pass',
      checks: {
        'database:connectivity': [{ componentId: 'database', status: 'pass', time: expect.any(String) }],
        'cache:connectivity': [{ status: 'pass' }],
        'system:memory': [{ observedValue: expect.any(Number), observedUnit: 'MB' }],
        'websocket:proxy': [{ observedValue: 0, observedUnit: 'clients' }],
      },
    })
  })

  it('are slowed down at the health check in parts', async () => {
    const answers = await Promise.all(Array.from({ length: 65 }, () => client.get('/health/check')))
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
  })

  it('replace freeze quantities without a restart', async () => {
    const shownBySearch = async (): Promise<unknown> => {
      const { body } = await call('search', { query: future.symbol, exchange: future.exchange })
      return body.data[0].freeze_qty
    }
    expect(await shownBySearch()).toBe(1800)
    const csv = 'SYMBOL,VOL_FRZ_QTY\nNIFTY,900\n'
    expect((await client.post('/web/admin/freeze-quantities', { csv })).body).toEqual({
      exchange: 'NFO',
      symbols: 1,
    })
    expect((await call('symbol', future)).body.data.freeze_qty).toBe(900)
    expect(await shownBySearch()).toBe(900)
  })
})
