import { black, distances, normalDensity, normalShare, type OptionTerms } from './black.ts'

export interface PricedOption extends Omit<OptionTerms, 'volatility'> {
  readonly price: number
  /** Interest without risk: 0.065 for 6.5 % a year. */
  readonly ratePerYear: number
}

/** How an option's price moves: volatility in percent a year, theta for a day, vega for one percent of volatility. */
export interface Greeks {
  readonly impliedVolatility: number
  readonly delta: number
  readonly gamma: number
  readonly theta: number
  readonly vega: number
}

const leastVolatility = 0.0001
const mostVolatility = 10
const halvings = 60
const daysPerYear = 365

/** By Black's model of 1976; `undefined` where the price tells no volatility: none, at or below what exercise would bring. */
export function greeksOf(option: PricedOption): Greeks | undefined {
  const { forward, years, price, ratePerYear, call } = option
  const discount = Math.exp(-ratePerYear * years)
  const volatility = years > 0 ? impliedVolatility(option, price / discount) : undefined
  if (volatility === undefined) return undefined
  const { d1 } = distances({ ...option, volatility })
  const density = discount * normalDensity(d1)
  const deviation = volatility * Math.sqrt(years)
  const decayPerYear = (-forward * density * volatility) / (2 * Math.sqrt(years)) + ratePerYear * price
  return {
    impliedVolatility: rounded(volatility * 100, 2),
    delta: rounded(discount * (call ? normalShare(d1) : normalShare(d1) - 1), 4),
    gamma: rounded(density / (forward * deviation), 6),
    theta: rounded(decayPerYear / daysPerYear, 4),
    vega: rounded((forward * density * Math.sqrt(years)) / 100, 4),
  }
}

/** The volatility at which the model gives a price, by bisection: the price only grows with it. */
function impliedVolatility(option: PricedOption, undiscounted: number): number | undefined {
  const valueAt = (volatility: number): number => black({ ...option, volatility })
  let [low, high] = [leastVolatility, mostVolatility]
  if (!(option.forward > 0 && option.strike > 0)) return undefined
  if (undiscounted <= valueAt(low) || undiscounted >= valueAt(high)) return undefined
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2
    if (valueAt(middle) < undiscounted) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
