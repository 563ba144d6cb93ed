import type { BrokerInstrument, Depth, DepthLevel, Quote } from '../broker/broker-adapter.ts'
import { roundTo, tickOf } from './price-model.ts'
import { unit } from './price-maths.ts'

const levels = 5
const changesEveryMs = 500

/** Invents the orders behind a quote: five prices on each side, the best of them the quote's own. */
export function depthOf(instrument: BrokerInstrument, quote: Quote): Depth {
  const moment = Math.floor(quote.atMs / changesEveryMs)
  const side = (name: 'bid' | 'ask'): DepthLevel[] => {
    const tick = tickOf(instrument) * (name === 'bid' ? -1 : 1)
    return Array.from({ length: levels }, (_none, step) => ({
      price: Math.max(0, roundTo(quote[name] + step * tick, Math.abs(tick))),
      quantity: quantityAt(instrument, `${moment}/${name}/${step}`),
    }))
  }
  const [bids, asks] = [side('bid'), side('ask')]
  return {
    ...quote,
    ltq: quantityAt(instrument, `${moment}/last`),
    totalBuyQuantity: total(bids) * 40,
    totalSellQuantity: total(asks) * 40,
    bids,
    asks,
  }
}

function quantityAt({ symbol, lotSize, instrumentType }: BrokerInstrument, place: string): number {
  if (instrumentType === 'INDEX') return 0
  return Math.ceil(60 * unit(`${place}/${symbol}`) ** 2 + 0.01) * Math.max(1, lotSize)
}

function total(side: readonly DepthLevel[]): number {
  return side.reduce((sum, { quantity }) => sum + quantity, 0)
}
