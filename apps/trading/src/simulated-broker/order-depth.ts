import type { BrokerInstrument, Depth, DepthLevel, Quote } from '../broker/broker-adapter.ts'
import { momentOf, quantityAt } from './order-sizes.ts'
import { roundTo, tickOf } from './price-model.ts'

const levels = 5

/** Invents the orders behind a quote: five prices on each side, the best of them the quote's own. */
export function depthOf(instrument: BrokerInstrument, quote: Quote): Depth {
  const moment = momentOf(quote.atMs)
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

function total(side: readonly DepthLevel[]): number {
  return side.reduce((sum, { quantity }) => sum + quantity, 0)
}
