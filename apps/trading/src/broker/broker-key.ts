import type { BrokerInstrument } from './broker-adapter.ts'

/**
 * How an instrument is named to the simulated broker: exchange, token and symbol. Tokens are used again for other
 * contracts; with the symbol, none is taken for another.
 */
export type BrokerKey = readonly [exchange: string, token: string, symbol: string]

export function keyTuple({ exchange, token, symbol }: BrokerInstrument): BrokerKey {
  return [exchange, token, symbol]
}
