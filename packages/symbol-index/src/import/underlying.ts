import { unitsToText } from '../decimal.ts'
import { compactExpiry } from '../expiry.ts'
import type { InstrumentType } from '../instrument.ts'

const DAY_MS = 86_400_000
/** Months in weekly symbols: 1–9, then the initials of October, November and December. */
const WEEKLY_MONTHS = '123456789OND'

/** What is known of a contract apart from its underlying. */
export interface ContractTerms {
  readonly type: InstrumentType
  readonly expiryDay: number
  readonly strikeUnits: number
}

/**
 * Reads the underlying from a broker's symbol by taking away what is known: `SENSEX25O2389800CE` without
 * `89800CE` and the weekly date `25O23` is `SENSEX`. Empty when the symbol isn't built that way.
 */
export function readUnderlying(brokerSymbol: string, terms: ContractTerms): string {
  const symbol = brokerSymbol.toUpperCase().replaceAll(/\s+/g, '')
  for (const tail of contractTails(terms)) {
    if (!symbol.endsWith(tail)) continue
    const stem = symbol.slice(0, -tail.length)
    const date = dateCodes(terms.expiryDay).find((code) => stem.endsWith(code))
    if (date !== undefined) return stem.slice(0, -date.length)
  }
  return ''
}

function contractTails({ type, strikeUnits }: ContractTerms): string[] {
  if (type === 'FUT') return ['FUT']
  const strike = unitsToText(strikeUnits)
  return strike.startsWith('0.') ? [strike + type, strike.slice(1) + type] : [strike + type]
}

/** How brokers write an expiry: `28OCT25`, `25OCT`, `25O28`, `251028`. */
function dateCodes(day: number): string[] {
  const compact = compactExpiry(day)
  const [date, month, year] = [compact.slice(0, 2), compact.slice(2, 5), compact.slice(5)]
  const monthNumber = new Date(day * DAY_MS).getUTCMonth()
  return [compact, year + month, year + (WEEKLY_MONTHS[monthNumber] ?? '') + date]
}
