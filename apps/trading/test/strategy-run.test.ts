import { describe, expect, it } from 'vitest'

import { exitReason, type Holding } from '../src/strategies/strategy-run.ts'
import { smartStep } from '../src/orders/position-desk.ts'
import { marketOrder } from './support/market-order.ts'

const ticket = marketOrder
const sinceMs = Date.parse('2026-08-20T10:00:00+05:30')
const held: Holding = { phase: 'holding', ticket, quantity: 10, price: 100, sinceMs }

function at(text: string): number {
  return Date.parse(`${text}:00+05:30`)
}

describe('the end of a position', () => {
  it('is its stop loss or its target, for long and for short', () => {
    const rules = { stopLossPercent: 2, targetPercent: 5, exitAfterDays: 0 }
    expect(exitReason(held, rules, 98.01, sinceMs)).toBeUndefined()
    expect(exitReason(held, rules, 98, sinceMs)).toBe('stop loss')
    expect(exitReason(held, rules, 105, sinceMs)).toBe('target')
    const short: Holding = { ...held, ticket: { ...ticket, action: 'SELL' } }
    expect(exitReason(short, rules, 102, sinceMs)).toBe('stop loss')
    expect(exitReason(short, rules, 95, sinceMs)).toBe('target')
  })

  it('is a time of day, days later, over 03:00', () => {
    const rules = { exitAt: '15:15', exitAfterDays: 2 }
    expect(exitReason(held, rules, 100, at('2026-08-21T03:00'))).toBeUndefined()
    expect(exitReason(held, rules, 100, at('2026-08-22T15:14'))).toBeUndefined()
    expect(exitReason(held, rules, 100, at('2026-08-22T15:15'))).toBe('time')
  })

  it('is the next such time when it was entered after it', () => {
    const rules = { exitAt: '09:30', exitAfterDays: 0 }
    expect(exitReason(held, rules, 100, at('2026-08-20T15:00'))).toBeUndefined()
    expect(exitReason(held, rules, 100, at('2026-08-21T09:30'))).toBe('time')
  })
})

describe('a smart order', () => {
  it.each([
    ['BUY', 10, 0, 0, { action: 'BUY', quantity: 10 }],
    ['SELL', 0, 0, 0, { message: 'No OpenPosition Found. Not placing Exit order.' }],
    ['BUY', 10, 5, 5, { message: 'Positions Already Matched. No Action needed.' }],
    ['BUY', 10, 8, 5, { action: 'BUY', quantity: 3 }],
    ['SELL', 10, 0, 5, { action: 'SELL', quantity: 5 }],
    ['BUY', 10, 0, -5, { action: 'BUY', quantity: 5 }],
    ['SELL', 10, -5, 5, { action: 'SELL', quantity: 10 }],
  ] as const)('%s %i towards %i from %i', (...[action, quantity, wanted, now, step]) => {
    expect(smartStep({ action, quantity }, wanted, now)).toEqual(step)
  })
})
