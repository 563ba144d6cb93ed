import type { BrokerInstrument, Quote } from '../broker/broker-adapter.ts'
import { black } from '../instruments/black.ts'
import type { Market } from './market.ts'
import { lastOpenMs, previousCloseMs, yearsToExpiry } from './clock-times.ts'
import { bestQuantities } from './order-sizes.ts'
import { unit } from './price-maths.ts'

/** What an underlying is worth at the middle of its range, if something better than invention is known. */
export type PriceAnchor = (underlying: string) => number | undefined

const indexLevels: Readonly<Record<string, number>> = {
  NIFTY: 24_800,
  BANKNIFTY: 54_200,
  FINNIFTY: 25_900,
  MIDCPNIFTY: 12_900,
  NIFTYNXT50: 67_400,
  SENSEX: 81_300,
  BANKEX: 61_500,
  SENSEX50: 25_600,
  INDIAVIX: 13.4,
}

/** Amplitude and period of each wave that a price rides on; each underlying bends them a little. */
const waves = [
  [0.0045, 26_000_000],
  [0.0022, 3_170_000],
  [0.0011, 541_000],
  [0.0007, 97_000],
  [0.0003, 23_000],
] as const

const carryPerYear = 0.065
const defaultTick = 0.05
const rangeStepMs = 1_800_000
const jitterStepMs = 500
const maxCharacters = 20_000

interface Wave {
  readonly amplitude: number
  readonly periodMs: number
  readonly phase: number
}

/** How an underlying behaves. */
interface Character {
  readonly base: number
  readonly waves: readonly Wave[]
  readonly jitter: number
  readonly volatility: number
}

/**
 * Prices of a market that never sleeps. A price is a function of the instrument and the time alone, so that it is the
 * same in every process and after every restart, and options agree with their underlying.
 */
export class PriceModel implements Market {
  readonly #anchor: PriceAnchor
  readonly #characters = new Map<string, Character>()

  constructor(anchor: PriceAnchor) {
    this.#anchor = anchor
  }

  quote(instrument: BrokerInstrument, wallMs: number): Quote {
    const tick = tickOf(instrument)
    const openedAtMs = lastOpenMs(wallMs)
    const ltp = this.price(instrument, wallMs)
    const today = [ltp]
    for (let atMs = openedAtMs; atMs < wallMs; atMs += rangeStepMs) today.push(this.price(instrument, atMs))
    const spread = Math.max(tick, roundTo(ltp * 0.0002, tick))
    return {
      symbol: instrument.symbol,
      exchange: instrument.exchange,
      ltp,
      open: this.price(instrument, openedAtMs),
      high: Math.max(...today),
      low: Math.min(...today),
      prevClose: this.price(instrument, previousCloseMs(wallMs)),
      bid: Math.max(tick, roundTo(ltp - spread, tick)),
      ask: roundTo(ltp + spread, tick),
      ...bestQuantities(instrument, wallMs),
      ...turnover(instrument, wallMs - openedAtMs),
      atMs: wallMs,
    }
  }

  /** The last traded price, on the instrument's tick. */
  price(instrument: BrokerInstrument, wallMs: number): number {
    const tick = tickOf(instrument)
    return Math.max(tick, roundTo(this.#fairPrice(instrument, wallMs), tick))
  }

  #fairPrice(
    { instrumentType, strike, underlying, symbol, expiry }: BrokerInstrument,
    wallMs: number,
  ): number {
    const root = underlying ?? symbol
    const character = this.#character(root)
    const spot = spotOf(root, character, wallMs)
    if (instrumentType === 'EQ' || instrumentType === 'INDEX' || instrumentType === 'SPOT') return spot
    const years = yearsToExpiry(expiry, wallMs)
    const forward = spot * Math.exp(carryPerYear * years)
    if (strike === undefined || (instrumentType !== 'CE' && instrumentType !== 'PE')) return forward
    return black({ forward, strike, years, volatility: character.volatility, call: instrumentType === 'CE' })
  }

  #character(root: string): Character {
    const known = this.#characters.get(root)
    if (known !== undefined) return known
    const swing = 0.5 + unit(`swing/${root}`)
    const character = {
      base: indexLevels[root] ?? this.#anchor(root) ?? 60 * Math.exp(4 * unit(`base/${root}`)),
      waves: waves.map(([amplitude, periodMs], index) => ({
        amplitude: amplitude * swing,
        periodMs: periodMs * (0.8 + 0.4 * unit(`period/${index}/${root}`)),
        phase: 2 * Math.PI * unit(`phase/${index}/${root}`),
      })),
      jitter: 0.0004 * swing,
      volatility: 0.13 + 0.25 * unit(`volatility/${root}`),
    }
    if (this.#characters.size >= maxCharacters) this.#characters.clear()
    this.#characters.set(root, character)
    return character
  }
}

function spotOf(root: string, { base, waves: own, jitter }: Character, wallMs: number): number {
  let moved = (unit(`${Math.floor(wallMs / jitterStepMs)}/${root}`) - 0.5) * jitter
  for (const { amplitude, periodMs, phase } of own) {
    moved += amplitude * Math.sin((2 * Math.PI * wallMs) / periodMs + phase)
  }
  return base * (1 + moved)
}

/** The step of prices; 0.05 where the master gives none. */
export function tickOf({ tickSize }: BrokerInstrument): number {
  return tickSize > 0 ? tickSize : defaultTick
}

/** To the nearest tick, without the dust of binary fractions. */
export function roundTo(price: number, tick: number): number {
  return Number((Math.round(price / tick) * tick).toFixed(8))
}

function turnover(
  { symbol, instrumentType, lotSize }: BrokerInstrument,
  openForMs: number,
): Pick<Quote, 'volume' | 'oi'> {
  if (instrumentType === 'INDEX') return { volume: 0, oi: 0 }
  const lot = Math.max(1, lotSize)
  const perSecond = 0.2 + 40 * unit(`volume/${symbol}`) ** 4
  const derivative = instrumentType !== 'EQ'
  return {
    volume: Math.floor((openForMs / 1000) * perSecond) * lot,
    oi: derivative ? Math.floor(200 + 90_000 * unit(`oi/${symbol}`) ** 3) * lot : 0,
  }
}
