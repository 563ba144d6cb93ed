import type { ListedInstrument } from '../api/types.ts'

/** `NSE:INFY` */
export function keyOf({ exchange, symbol }: Pick<ListedInstrument, 'exchange' | 'symbol'>): string {
  return `${exchange}:${symbol}`
}

const kinds: Readonly<Record<string, string>> = {
  EQ: 'share',
  INDEX: 'index',
  FUT: 'future',
  CE: 'call',
  PE: 'put',
  PERPFUT: 'perpetual',
  SPOT: 'reference',
}

/** `25000 call 28-OCT-25` */
export function kindOf({ instrumentType, expiry, strike }: ListedInstrument): string {
  const kind = kinds[instrumentType] ?? instrumentType
  if (expiry === undefined) return kind
  return strike === undefined ? `${kind} ${expiry}` : `${strike} ${kind} ${expiry}`
}
