import { describe, expect, it } from 'vitest'

import { black } from '../src/instruments/black.ts'
import { greeksOf, type PricedOption } from '../src/instruments/greeks.ts'

const option = { forward: 25_000, strike: 25_200, years: 30 / 365, call: true, ratePerYear: 0.06 }

function priceAt(volatility: number, changes: Partial<typeof option> = {}): number {
  const asked = { ...option, ...changes }
  return black({ ...asked, volatility }) * Math.exp(-asked.ratePerYear * asked.years)
}

describe('the Greeks of an option', () => {
  it.each([true, false])('find the volatility that its price was made with (call: %s)', (call) => {
    for (const volatility of [0.05, 0.15, 0.8, 2.5]) {
      const greeks = greeksOf({ ...option, call, price: priceAt(volatility, { call }) })
      expect(greeks?.impliedVolatility).toBeCloseTo(volatility * 100, 1)
    }
  })

  it.each([true, false])('are how its price moves (call: %s)', (call) => {
    const changed = (changes: Partial<typeof option>, volatility = 0.15): number =>
      priceAt(volatility, { call, ...changes })
    const greeks = greeksOf({ ...option, call, price: changed({}) })
    const up = changed({ forward: option.forward + 1 })
    const down = changed({ forward: option.forward - 1 })
    expect(greeks?.delta).toBeCloseTo((up - down) / 2, 3)
    expect(greeks?.gamma).toBeCloseTo(up - 2 * changed({}) + down, 4)
    expect(greeks?.vega).toBeCloseTo(changed({}, 0.155) - changed({}, 0.145), 1)
    expect(greeks?.theta).toBeCloseTo(
      changed({ years: option.years - 0.01 / 365 }) * 100 - changed({}) * 100,
      1,
    )
  })

  it.each<[string, Partial<PricedOption>]>([
    ['no price', { price: 0 }],
    ['a price below what exercise brings', { strike: 20_000, price: 4000 }],
    ['a price that no volatility gives', { price: 30_000 }],
    ['a contract that has ended', { years: 0, price: 100 }],
    ['no forward', { forward: 0, price: 100 }],
  ])('are none for %s', (_name, changes) => {
    expect(greeksOf({ ...option, price: 100, ...changes })).toBeUndefined()
  })
})
