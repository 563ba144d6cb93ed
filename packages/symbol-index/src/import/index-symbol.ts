/** Names under which brokers list the indices that have a symbol of their own. */
const ALIASES: Readonly<Record<string, string>> = {
  NIFTY50: 'NIFTY',
  NIFTYBANK: 'BANKNIFTY',
  NIFTYFINSERVICE: 'FINNIFTY',
  NIFTYFINANCIALSERVICES: 'FINNIFTY',
  NIFTYNEXT50: 'NIFTYNXT50',
  NIFTYMIDSELECT: 'MIDCPNIFTY',
  NIFTYMIDCAPSELECT: 'MIDCPNIFTY',
  SNSX50: 'SENSEX50',
  BSESENSEX50: 'SENSEX50',
}

/** OpenAlgo's symbol of an index: upper case, without blanks. */
export function indexSymbol(name: string): string {
  const plain = name.toUpperCase().replaceAll(/\s+/g, '')
  return ALIASES[plain] ?? plain
}

const SERIES = /-(?:EQ|BE|MF|SG)$/

/** Takes the series off an NSE symbol, at its end only. */
export function withoutSeries(symbol: string): string {
  return symbol.replace(SERIES, '')
}
