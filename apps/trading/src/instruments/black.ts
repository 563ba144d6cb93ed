export interface OptionTerms {
  readonly forward: number
  readonly strike: number
  readonly years: number
  readonly volatility: number
  readonly call: boolean
}

/** The value of a European option by Black's formula, without discounting. */
export function black(terms: OptionTerms): number {
  const { forward, strike, call } = terms
  const { d1, d2 } = distances(terms)
  const callValue = forward * normalShare(d1) - strike * normalShare(d2)
  return Math.max(0, call ? callValue : callValue - forward + strike)
}

/** How far the forward is from the strike, in deviations. */
export function distances({ forward, strike, years, volatility }: OptionTerms): {
  readonly d1: number
  readonly d2: number
} {
  const deviation = volatility * Math.sqrt(years)
  const d1 = Math.log(forward / strike) / deviation + deviation / 2
  return { d1, d2: d1 - deviation }
}

/** The normal distribution function, right to seven digits (Abramowitz and Stegun 26.2.17). */
export function normalShare(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail =
    normalDensity(x) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return x >= 0 ? 1 - tail : tail
}

export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
}
