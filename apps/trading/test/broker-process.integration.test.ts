import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { SymbolIndex } from '@cache/symbol-index'
import { beforeAll, describe, expect, it } from 'vitest'

import type { BrokerInstrument, StreamListener, Tick } from '../src/broker/broker-adapter.ts'
import type { Order, OrderTicket } from '../src/orders/order.ts'
import { type RunningBroker, startBroker } from './support/running-broker.ts'
import { temporaryDirectory } from './support/running-server.ts'

let running: RunningBroker
let token: string
let future: BrokerInstrument
let share: BrokerInstrument

async function masterOf({ broker }: RunningBroker, of: string): Promise<SymbolIndex> {
  const index = new SymbolIndex()
  const { source, label } = await broker.master(of)
  await index.import(source, { label, force: true })
  return index
}

beforeAll(async () => {
  running = await startBroker()
  token = await running.signIn()
  const index = await masterOf(running, token)
  future = index.search({ query: 'NIFTY', exchange: 'NFO', instrumentType: 'FUT' }).results[0]!.toJSON()
  share = index.search({ query: 'RELIANCE', exchange: 'NSE', instrumentType: 'EQ' }).results[0]!.toJSON()
})

function ticket(instrument: BrokerInstrument, changes: Partial<OrderTicket> = {}): OrderTicket {
  const { symbol, exchange, lotSize, instrumentType } = instrument
  return {
    symbol,
    exchange,
    action: 'BUY',
    product: instrumentType === 'EQ' ? 'MIS' : 'NRML',
    priceType: 'MARKET',
    quantity: Math.max(1, lotSize),
    price: 0,
    triggerPrice: 0,
    strategy: 'test',
    ...changes,
  }
}

interface Heard extends StreamListener {
  readonly orders: Order[]
  readonly seen: Map<string, Tick>
  readonly reasons: string[]
}

function listener(): Heard {
  const orders: Order[] = []
  const seen = new Map<string, Tick>()
  const reasons: string[] = []
  return {
    orders,
    seen,
    reasons,
    ready: () => undefined,
    ticks: (ticks) => ticks.forEach((tick) => seen.set(tick.symbol, tick)),
    order: (order) => void orders.push(order),
    ended: (reason) => void reasons.push(reason),
  }
}

describe('the broker in its process', () => {
  it('prices what its master holds, and says nothing of the rest', async () => {
    const unknown = { ...share, token: 'none', symbol: 'NONE' }
    const quotes = await running.broker.quotes(token, [future, unknown, share])
    expect(quotes.map((quote) => quote?.symbol)).toEqual([future.symbol, undefined, share.symbol])
    const depth = await running.broker.depth(token, share)
    expect(depth!.bids).toHaveLength(5)
    expect(depth!.bids[0]!.price).toBeLessThan(depth!.asks[0]!.price)
    expect(depth!.bids[4]!.price).toBeLessThan(depth!.bids[0]!.price)
    expect(await running.broker.depth(token, unknown)).toBeUndefined()
  })

  it('takes no contract for another when a token was used again', async () => {
    const reused = { ...share, token: future.token, exchange: future.exchange }
    expect(await running.broker.quotes(token, [reused])).toEqual([undefined])
    const renamed = { ...share, token: 'another' }
    expect((await running.broker.quotes(token, [renamed]))[0]?.symbol).toBe(share.symbol)
  })

  it('tells the past in candles of working days', async () => {
    const fromMs = Date.parse('2026-08-20T00:00:00+05:30')
    const query = { fromMs, toMs: fromMs + 5 * 86_400_000 }
    const days = await running.broker.candles(token, share, { ...query, interval: 'D' })
    expect(days.map(({ startMs }) => new Date(startMs).toISOString())).toEqual([
      '2026-08-20T03:45:00.000Z',
      '2026-08-21T03:45:00.000Z',
      '2026-08-24T03:45:00.000Z',
    ])
    const minutes = await running.broker.candles(token, share, { ...query, interval: '15m' })
    expect(minutes).toHaveLength(3 * 25)
    for (const { open, high, low, close } of minutes) {
      expect(low <= Math.min(open, close) && high >= Math.max(open, close)).toBe(true)
    }
    const tooMany = running.broker.candles(token, share, { ...query, interval: '1s' })
    await expect(tooMany).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  it('takes, changes, fills and cancels orders, and tells of each on the stream', async () => {
    const { broker } = running
    const heard = listener()
    const stream = broker.stream(token, heard)
    stream.subscribe([future], { depth: true })
    await expect.poll(() => heard.seen.get(future.symbol)?.depth?.bids.length).toBe(5)
    const [quote] = await broker.quotes(token, [future])
    const low = Math.floor(quote!.ltp * 0.9)
    const placed = await broker.placeOrder(token, ticket(future, { priceType: 'LIMIT', price: low }), future)
    const change = {
      priceType: 'LIMIT',
      price: low - 1,
      quantity: future.lotSize * 2,
      triggerPrice: 0,
    } as const
    await broker.modifyOrder(token, placed.orderId, change)
    expect(await broker.order(token, placed.orderId)).toMatchObject({
      status: 'open',
      price: low - 1,
      quantity: future.lotSize * 2,
    })
    await broker.modifyOrder(token, placed.orderId, { ...change, priceType: 'MARKET', price: 0 })
    await expect.poll(() => heard.orders.at(-1)?.status).toBe('complete')
    await expect(broker.modifyOrder(token, placed.orderId, change)).rejects.toMatchObject({
      code: 'ORDER_NOT_OPEN',
    })
    await expect(broker.cancelOrder(token, '1')).rejects.toMatchObject({ code: 'NO_SUCH_ORDER' })
    const trades = await broker.trades(token)
    expect(trades.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(future.lotSize * 2)
    stream.close()
    expect(heard.reasons).toEqual(['CLOSED'])
  })

  it('ends the stream of a token that is revoked', async () => {
    const { broker, signIn } = running
    const other = await signIn('SIM002')
    const heard = listener()
    broker.stream(other, heard).subscribe([share], { depth: false })
    await expect.poll(() => heard.seen.size).toBe(1)
    await broker.revoke(other)
    await expect.poll(() => heard.reasons, { timeout: 10_000 }).toEqual(['TOKEN_INVALID'])
    await expect(broker.funds(other)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  it('slows its callers down, who wait and lose nothing', async () => {
    const slow = await startBroker(['--limit-quotes', '5'])
    const of = await slow.signIn()
    const instrument = (await masterOf(slow, of)).get(share.symbol, 'NSE')!.toJSON()
    const answers = await Promise.all(Array.from({ length: 10 }, () => slow.broker.quotes(of, [instrument])))
    expect(answers.every(([quote]) => quote?.symbol === share.symbol)).toBe(true)
  })

  it('is started again when it dies, at the same address, with its books', async () => {
    const mortal = await startBroker()
    const of = await mortal.signIn()
    const instrument = (await masterOf(mortal, of)).get(share.symbol, 'NSE')!.toJSON()
    const heard = listener()
    mortal.broker.stream(of, heard).subscribe([instrument], { depth: false })
    await mortal.broker.placeOrder(of, ticket(instrument), instrument)
    const address = await mortal.endpoint.address()
    mortal.endpoint.kill()
    await expect
      .poll(async () => (await mortal.broker.orders(of).catch(() => []))[0]?.status, { timeout: 20_000 })
      .toBe('complete')
    expect(await mortal.endpoint.address()).toBe(address)
    heard.seen.clear()
    await expect.poll(() => heard.seen.size, { timeout: 20_000 }).toBe(1)
  })
})

describe('a recorded session', () => {
  it('is replayed to the last price once somebody subscribes', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'ticks.csv')
    const rows = Array.from(
      { length: 600 },
      (_none, at) =>
        `2021-06-02 09:${15 + Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')},WIPRO,NSE,${500 + at / 10},${at}`,
    )
    await writeFile(file, `timestamp_ist,symbol,exchange,ltp,volume\n${rows.join('\n')}\n`)
    const master = join(directory, 'master.json')
    const row = { token: '7', symbol: 'WIPRO-EQ', name: 'WIPRO', expiry: '', strike: '-1.000000' }
    const cash = { lotsize: '1', instrumenttype: '', exch_seg: 'NSE', tick_size: '5.000000' }
    await writeFile(master, JSON.stringify([{ ...row, ...cash }]))
    const replayed = await startBroker(['--instruments', master, '--ticks', file, '--speed', '1000'])
    const of = await replayed.signIn()
    const instrument = (await masterOf(replayed, of)).get('WIPRO', 'NSE')!.toJSON()
    const heard = listener()
    replayed.broker.stream(of, heard).subscribe([instrument], { depth: false })
    await expect.poll(() => heard.seen.get('WIPRO')?.ltp, { timeout: 20_000 }).toBe(559.9)
    expect(heard.seen.get('WIPRO')).toMatchObject({ open: 500, high: 559.9, low: 500, volume: 599 })
    const [quote] = await replayed.broker.quotes(of, [instrument])
    expect(quote?.ltp).toBe(559.9)
  })

  it('that is another file is refused with its line', async () => {
    const { readTicks } = await import('../src/simulated-broker/tick-replay.ts')
    const file = join(await temporaryDirectory(), 'ticks.csv')
    await writeFile(file, 'timestamp_ist,symbol,exchange,ltp,volume\nnonsense\n')
    await expect(Array.fromAsync(readTicks(file))).rejects.toThrow('line 2 is not a tick')
    await writeFile(file, '<html>\n')
    await expect(Array.fromAsync(readTicks(file))).rejects.toThrow('does not begin with')
    expect(String(await readFile(file))).toBe('<html>\n')
  })
})
