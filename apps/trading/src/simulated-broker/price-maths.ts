/** FNV-1a: the same number for the same text, everywhere. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index)
    hash = Math.imul(hash, 0x01000193)
  }
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x7feb352d)
  hash ^= hash >>> 15
  return hash >>> 0
}

/** A number in [0, 1) that a text always gives. */
export function unit(text: string): number {
  return textHash(text) / 2 ** 32
}

export interface OptionTerms {
  readonly forward: number
  readonly strike: number
  readonly years: number
  readonly volatility: number
  readonly call: boolean
}

/** The value of a European option by Black's formula, without discounting. */
export function black({ forward, strike, years, volatility, call }: OptionTerms): number {
  const deviation = volatility * Math.sqrt(years)
  const d1 = Math.log(forward / strike) / deviation + deviation / 2
  const d2 = d1 - deviation
  const callValue = forward * normalShare(d1) - strike * normalShare(d2)
  return Math.max(0, call ? callValue : callValue - forward + strike)
}

/** The normal distribution function, right to seven digits (Abramowitz and Stegun 26.2.17). */
function normalShare(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail =
    0.3989422804 *
    Math.exp((-x * x) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return x >= 0 ? 1 - tail : tail
}
