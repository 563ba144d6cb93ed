import type { BrokerInstrument } from '../broker/broker-adapter.ts'
import type { Product } from '../orders/order.ts'

const intradayShare = 0.2
const derivativeShare = 0.15

export interface Exposure {
  readonly instrument: BrokerInstrument
  readonly product: Product
  /** Below 0 when sold. */
  readonly quantity: number
  readonly price: number
}

/** Money that the broker blocks for a position: the premium of a bought option, a share of anything else. */
export function marginOf({ instrument, product, quantity, price }: Exposure): number {
  const { instrumentType, strike = 0 } = instrument
  const units = Math.abs(quantity)
  const isOption = instrumentType === 'CE' || instrumentType === 'PE'
  if (isOption) return quantity > 0 ? units * price : units * (strike * derivativeShare + price)
  if (instrumentType === 'FUT' || instrumentType === 'PERPFUT') return units * price * derivativeShare
  return units * price * (product === 'MIS' ? intradayShare : 1)
}
