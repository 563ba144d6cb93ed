import { join } from 'node:path'

import { ManualClock } from '@cache/conformance'
import { dailyAt } from '@cache/core'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { BrokerInstrument } from '../src/broker/broker-adapter.ts'
import type { OrderTicket } from '../src/orders/order.ts'
import { PriceModel } from '../src/simulated-broker/price-model.ts'
import { SimulatedBroker } from '../src/simulated-broker/simulated-broker.ts'
import { temporaryDirectory } from './support/running-server.ts'

const future: BrokerInstrument = {
  symbol: 'NIFTY27AUG26FUT',
  exchange: 'NFO',
  token: '1',
  instrumentType: 'FUT',
  underlying: 'NIFTY',
  expiry: '27-AUG-26',
  strike: undefined,
  lotSize: 75,
  tickSize: 0.05,
}
const share: BrokerInstrument = {
  ...future,
  symbol: 'ACME',
  exchange: 'NSE',
  instrumentType: 'EQ',
  underlying: undefined,
  expiry: undefined,
  lotSize: 1,
}
const startMs = Date.UTC(2026, 7, 20, 6)

function order(changes: Partial<OrderTicket> = {}): OrderTicket {
  return {
    symbol: future.symbol,
    exchange: future.exchange,
    action: 'BUY',
    product: 'NRML',
    priceType: 'MARKET',
    quantity: 75,
    price: 0,
    triggerPrice: 0,
    strategy: 't',
    ...changes,
  }
}

async function openBroker() {
  const clock = new ManualClock({ wallMs: startMs })
  const errors: unknown[] = []
  const broker = new SimulatedBroker({
    path: join(await temporaryDirectory(), 'broker.db'),
    clock,
    tokenLifetimeMs: dailyAt('03:00', 'Asia/Kolkata'),
    market: new PriceModel(() => 1000),
    onError: (error) => errors.push(error),
  })
  onTestFinished(async () => {
    await broker.close()
    expect(errors).toEqual([])
  })
  const { token, expiresAtMs } = await broker.grant(broker.authorize('SIM001'))
  return { broker, clock, token, expiresAtMs }
}

describe('the sign-in at the broker', () => {
  it('gives a token until 03:00 in Kolkata', async () => {
    const { broker, clock, token, expiresAtMs } = await openBroker()
    expect(new Date(expiresAtMs).toISOString()).toBe('2026-08-20T21:30:00.000Z')
    clock.advance(expiresAtMs - startMs - 1)
    await broker.funds(token)
    clock.advance(1)
    await expect(broker.funds(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  it('takes a code once, and not after two minutes', async () => {
    const { broker, clock } = await openBroker()
    const code = broker.authorize('SIM001')
    await broker.grant(code)
    await expect(broker.grant(code)).rejects.toMatchObject({ code: 'CODE_INVALID' })
    const late = broker.authorize('SIM001')
    clock.advance(120_000)
    await expect(broker.grant(late)).rejects.toMatchObject({ code: 'CODE_INVALID' })
    await expect(broker.grant('guessed')).rejects.toMatchObject({ code: 'CODE_INVALID' })
  })

  it('ends where it is revoked, and keeps accounts apart', async () => {
    const { broker, clock, token } = await openBroker()
    await broker.placeOrder(token, order(), future)
    clock.advance(1000)
    const other = await broker.grant(broker.authorize('SIM002'))
    expect(await broker.orders(other.token)).toEqual([])
    expect(await broker.orders(token)).toHaveLength(1)
    await broker.revoke(token)
    await expect(broker.orders(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })
})

describe('an order at the broker', () => {
  it('fills at the ask after its latency', async () => {
    const { broker, clock, token } = await openBroker()
    const { orderId } = await broker.placeOrder(token, order(), future)
    expect(orderId).toBe('260820000000001')
    expect(await broker.order(token, orderId)).toMatchObject({ status: 'open' })
    clock.advance(400)
    const done = await broker.order(token, orderId)
    expect(done).toMatchObject({ status: 'complete', filledQuantity: 75 })
    expect(await broker.positions(token)).toMatchObject([{ quantity: 75, averagePrice: done!.averagePrice }])
  })

  it('fills in parts when it is large', async () => {
    const { broker, clock, token } = await openBroker()
    const cheap = { ...share, symbol: 'ACME' }
    const ticket = order({ symbol: 'ACME', exchange: 'NSE', product: 'MIS', quantity: 600 })
    const { orderId } = await broker.placeOrder(token, ticket, cheap)
    clock.advance(250)
    expect(await broker.order(token, orderId)).toMatchObject({ status: 'open', filledQuantity: 250 })
    clock.advance(1000)
    expect(await broker.order(token, orderId)).toMatchObject({ status: 'complete', filledQuantity: 600 })
  })

  it('waits for its limit, and can be cancelled until then', async () => {
    const { broker, clock, token } = await openBroker()
    const [quote] = await broker.quotes(token, [future])
    const limit = order({ priceType: 'LIMIT', price: quote!.ltp * 0.9 })
    const { orderId } = await broker.placeOrder(token, limit, future)
    clock.advance(5000)
    expect(await broker.order(token, orderId)).toMatchObject({ status: 'open', filledQuantity: 0 })
    await broker.cancelOrder(token, orderId)
    await expect(broker.cancelOrder(token, orderId)).rejects.toMatchObject({ code: 'ORDER_NOT_OPEN' })
    await expect(broker.cancelOrder(token, '1')).rejects.toMatchObject({ code: 'NO_SUCH_ORDER' })
  })

  it('waits for its trigger first', async () => {
    const { broker, clock, token } = await openBroker()
    const [quote] = await broker.quotes(token, [future])
    const far = order({ priceType: 'SL-M', triggerPrice: quote!.ltp * 2 })
    const near = order({ priceType: 'SL-M', triggerPrice: quote!.ltp * 0.9 })
    const waiting = await broker.placeOrder(token, far, future)
    const reached = await broker.placeOrder(token, near, future)
    clock.advance(1000)
    expect(await broker.order(token, waiting.orderId)).toMatchObject({ status: 'trigger pending' })
    expect(await broker.order(token, reached.orderId)).toMatchObject({ status: 'complete' })
  })

  it('is rejected with a reason that stays in the book', async () => {
    const { broker, token } = await openBroker()
    const dear = await broker.placeOrder(token, order({ quantity: 75_000 }), future)
    expect(dear).toMatchObject({ accepted: false, reason: expect.stringContaining('Insufficient funds') })
    expect(await broker.order(token, dear.orderId)).toMatchObject({ status: 'rejected' })
    const bare = order({ symbol: 'ACME', exchange: 'NSE', action: 'SELL', product: 'CNC', quantity: 1 })
    expect(await broker.placeOrder(token, bare, share)).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('CNC sells what is held: 0'),
    })
  })

  it('blocks margin while it waits, and gives it back', async () => {
    const { broker, clock, token } = await openBroker()
    const [quote] = await broker.quotes(token, [future])
    const { orderId } = await broker.placeOrder(
      token,
      order({ priceType: 'LIMIT', price: quote!.ltp * 0.9 }),
      future,
    )
    expect((await broker.funds(token)).availableCash).toBeLessThan(1_000_000)
    await broker.cancelOrder(token, orderId)
    expect(await broker.funds(token)).toMatchObject({ availableCash: 1_000_000, utilisedMargin: 0 })
    await broker.placeOrder(token, order(), future)
    clock.advance(1000)
    await broker.placeOrder(token, order({ action: 'SELL' }), future)
    clock.advance(1000)
    const { utilisedMargin, availableCash, realisedPnl, unrealisedPnl } = await broker.funds(token)
    expect([utilisedMargin, unrealisedPnl]).toEqual([0, 0])
    expect(availableCash).toBeCloseTo(1_000_000 + realisedPnl)
  })
})

describe('the prices', () => {
  const prices = new PriceModel(() => undefined)
  const option = { ...future, instrumentType: 'CE', strike: 25_000 }

  it('are the same wherever and whenever they are asked for', () => {
    const again = new PriceModel(() => undefined)
    expect(again.quote(option, startMs)).toEqual(prices.quote(option, startMs))
  })

  it('move, stay above zero and on the tick, and within the range they tell', () => {
    const seen = new Set<number>()
    for (let atMs = startMs; atMs < startMs + 3_600_000; atMs += 60_000) {
      const { ltp, low, high, bid, ask } = prices.quote(option, atMs)
      seen.add(ltp)
      expect(ltp).toBeGreaterThan(0)
      expect(Math.abs(ltp / 0.05 - Math.round(ltp / 0.05))).toBeLessThan(1e-6)
      expect(low <= ltp && ltp <= high && bid < ask).toBe(true)
    }
    expect(seen.size).toBeGreaterThan(20)
  })

  it('of options agree with their underlying', () => {
    const strikes = [20_000, 24_000, 26_000, 30_000]
    const calls = strikes.map((strike) => prices.price({ ...option, strike }, startMs))
    const puts = strikes.map((strike) => prices.price({ ...option, instrumentType: 'PE', strike }, startMs))
    expect(calls).toEqual([...calls].sort((left, right) => right - left))
    expect(puts).toEqual([...puts].sort((left, right) => left - right))
    const forward = prices.price(future, startMs)
    expect(calls[1]! - puts[1]!).toBeCloseTo(forward - 24_000, 0)
  })
})
