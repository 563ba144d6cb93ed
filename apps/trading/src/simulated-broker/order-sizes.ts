import type { BrokerInstrument, Quote } from '../broker/broker-adapter.ts'
import { unit } from './price-maths.ts'

const changesEveryMs = 500

/** Orders of the market stay for half a second. */
export function momentOf(wallMs: number): number {
  return Math.floor(wallMs / changesEveryMs)
}

/** Units that wait at a place of the order book: `MOMENT/bid/0` is the best bid. */
export function quantityAt({ symbol, lotSize, instrumentType }: BrokerInstrument, place: string): number {
  if (instrumentType === 'INDEX') return 0
  return Math.ceil(60 * unit(`${place}/${symbol}`) ** 2 + 0.01) * Math.max(1, lotSize)
}

/** Units at the best bid and the best ask, the same as in the order book of that moment. */
export function bestQuantities(
  instrument: BrokerInstrument,
  wallMs: number,
): Pick<Quote, 'bidQuantity' | 'askQuantity'> {
  const moment = momentOf(wallMs)
  return {
    bidQuantity: quantityAt(instrument, `${moment}/bid/0`),
    askQuantity: quantityAt(instrument, `${moment}/ask/0`),
  }
}
