import { seededRandom } from './random.ts'

/** A quote as a trading application caches it: about 200 bytes of JSON. */
export interface Quote {
  readonly symbol: string
  readonly exchange: string
  readonly lastPrice: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly volume: number
  readonly depth: { readonly bid: number; readonly ask: number; readonly quantities: readonly number[] }
  readonly updatedAt: string
}

/** The key of the entry with this number. */
export function keyOf(index: number): string {
  return `NSE-EQ-${String(index).padStart(7, '0')}`
}

/** Makes the value of the entry with a number; the same one each time it is asked for the same number. */
export function quoteOf(index: number): Quote {
  const random = seededRandom(index + 1)
  const price = (): number => Math.round(random() * 500_000) / 100
  return {
    symbol: `SYMBOL${index}`,
    exchange: 'NSE',
    lastPrice: price(),
    open: price(),
    high: price(),
    low: price(),
    volume: Math.floor(random() * 1e7),
    depth: { bid: price(), ask: price(), quantities: [1, 2, 3].map((lots) => lots * 50) },
    updatedAt: new Date(1_760_000_000_000 + index * 1000).toISOString(),
  }
}

/** All reads are hits, so a load is a fault of the contender. */
export function neverLoaded(): Promise<Quote> {
  throw new Error('A value that was stored is missing')
}

/** Long enough for nothing to expire; contenders without a limit of their own get none. */
export const ttlMs = 3_600_000
