import type { Instrument } from '@cache/symbol-index'
import { describe, expect, it } from 'vitest'

import { timestamp } from '../src/api-v1/openalgo-forms.ts'
import { expiryEndMs, hasExpired } from '../src/instruments/expiry.ts'
import type { OrderTicket } from '../src/orders/order.ts'
import { orderFault } from '../src/orders/order-check.ts'
import { afterFill, type Holding } from '../src/simulated-broker/holding.ts'

const nowMs = Date.UTC(2026, 7, 20, 6)
const optionFields = { instrumentType: 'CE', expiry: '27-AUG-26', lotSize: 75, tickSize: 0.05 } as const
const option = instrument(optionFields)
const share = instrument({ instrumentType: 'EQ', expiry: undefined, lotSize: 1, tickSize: 0.1 })

function instrument(fields: Partial<Instrument>): Instrument {
  return fields as Instrument
}

function ticket(changes: Partial<OrderTicket> = {}): OrderTicket {
  return {
    symbol: 'X',
    exchange: 'NFO',
    action: 'BUY',
    product: 'MIS',
    priceType: 'MARKET',
    quantity: 75,
    price: 0,
    triggerPrice: 0,
    strategy: 't',
    ...changes,
  }
}

describe('the check of an order', () => {
  it.each([
    [{}, option],
    [{ priceType: 'LIMIT', price: 102.35 }, option],
    [{ priceType: 'SL', price: 101, triggerPrice: 100 }, option],
    [{ priceType: 'SL', action: 'SELL', price: 99, triggerPrice: 100 }, option],
    [{ product: 'CNC', quantity: 7 }, share],
  ] as const)('lets %j pass', (changes, traded) => {
    expect(orderFault(ticket(changes), traded, nowMs)).toBeUndefined()
  })

  it.each([
    [{}, instrument({ ...optionFields, instrumentType: 'INDEX' }), /can't be traded itself/],
    [{}, instrument({ ...optionFields, expiry: '19-AUG-26' }), 'X expired on 19-AUG-26'],
    [{ product: 'NRML' }, share, /^NRML is for futures/],
    [{ product: 'CNC' }, option, /^CNC is for shares/],
    [{ quantity: 76 }, option, /multiple of the lot size 75/],
    [{ priceType: 'LIMIT', price: 102.37 }, option, /multiple of the tick size 0.05/],
    [{ priceType: 'SL', price: 99, triggerPrice: 100 }, option, /at or above its trigger/],
    [{ priceType: 'SL', action: 'SELL', price: 101, triggerPrice: 100 }, option, /at or below its trigger/],
  ] as const)('refuses %j', (changes, traded, fault) => {
    expect(orderFault(ticket(changes), traded, nowMs)).toMatch(fault)
  })
})

describe('a holding', () => {
  const none: Holding = { quantity: 0, averagePrice: 0, realised: 0 }

  it('averages what adds to it', () => {
    expect(afterFill(afterFill(none, 10, 100), 30, 120)).toEqual({
      quantity: 40,
      averagePrice: 115,
      realised: 0,
    })
  })

  it('realises what is closed, of long and of short holdings', () => {
    expect(afterFill({ ...none, quantity: 10, averagePrice: 100 }, -4, 110)).toEqual({
      quantity: 6,
      averagePrice: 100,
      realised: 40,
    })
    expect(afterFill({ ...none, quantity: -10, averagePrice: 100 }, 10, 90)).toEqual({
      quantity: 0,
      averagePrice: 0,
      realised: 100,
    })
  })

  it('turns over at the price of the trade', () => {
    expect(afterFill({ ...none, quantity: 10, averagePrice: 100 }, -15, 104)).toEqual({
      quantity: -5,
      averagePrice: 104,
      realised: 40,
    })
  })
})

describe('times of the market', () => {
  it('let a contract live until midnight in Kolkata after its expiry', () => {
    expect(expiryEndMs('28-OCT-25')).toBe(Date.UTC(2025, 9, 28, 18, 30))
    expect(hasExpired('28-OCT-25', Date.UTC(2025, 9, 28, 18, 29, 59))).toBe(false)
    expect(hasExpired('28-OCT-25', Date.UTC(2025, 9, 28, 18, 30))).toBe(true)
    expect(hasExpired(undefined, nowMs)).toBe(false)
  })

  it('are written as OpenAlgo writes them', () => {
    expect(timestamp(Date.UTC(2025, 3, 8, 8, 28, 3))).toBe('08-Apr-2025 13:58:03')
    expect(timestamp(Date.UTC(2025, 8, 8, 18, 30))).toBe('09-Sep-2025 00:00:00')
  })
})
