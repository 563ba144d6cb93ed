import type { BrokerInstrument, Quote } from '../broker/broker-adapter.ts'

/** Where prices come from: invented, or replayed. */
export interface Market {
  quote(instrument: BrokerInstrument, wallMs: number): Quote
  /** The last traded price, on the instrument's tick. */
  price(instrument: BrokerInstrument, wallMs: number): number
}
