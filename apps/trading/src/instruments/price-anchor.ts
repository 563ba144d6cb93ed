import type { SymbolIndex } from '@cache/symbol-index'

const optionExchanges = ['NFO', 'BFO', 'MCX', 'CDS', 'BCD', 'NCDEX', 'NCO']

/** The middle strike of an underlying's nearest options: about where its price is. */
export function strikeAnchor(index: SymbolIndex, underlying: string): number | undefined {
  for (const exchange of optionExchanges) {
    const expiry = index.expiries({ exchange, underlying, kind: 'options', nowMs: 0 })[0]
    if (expiry === undefined) continue
    const chain = index.optionChain({ exchange, underlying, expiry })
    return chain[Math.floor(chain.length / 2)]?.strike
  }
  return undefined
}
