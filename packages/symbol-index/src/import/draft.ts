import { parseUnits, unitsToText } from '../decimal.ts'
import { compactExpiry, parseExpiryDay } from '../expiry.ts'
import type { InstrumentType } from '../instrument.ts'
import type { DraftInstrument } from '../store/builder.ts'
import type { RowOutcome, SourceRow } from './format.ts'
import { readUnderlying } from './underlying.ts'

/** A row's fields as a format found them, before they are checked and put into OpenAlgo's form. */
export interface RawInstrument {
  /** Symbol of a cash instrument; that of a derivative is built. */
  readonly symbol: string
  readonly brokerSymbol: string
  readonly name: string
  readonly exchange: string
  readonly brokerExchange: string
  readonly token: string
  readonly type: InstrumentType
  /** What a derivative derives from; read from the broker's symbol when it is empty. */
  readonly underlying?: string
  readonly expiry?: string
  readonly strike?: string
  readonly lotSize: string
  readonly tickSize: string
  /** Powers of ten by which strike and tick are divided: 2 for paise. */
  readonly strikeShift?: number
  readonly tickShift?: number
}

/** What a derivative's symbol is built from. */
interface Terms {
  readonly underlying: string
  readonly expiryDay: number
  readonly strikeUnits: number
}

const EXCHANGE = /^[A-Z][A-Z0-9_]{0,23}$/
const MAX_LENGTH = 512
const CASH: Terms = { underlying: '', expiryDay: 0, strikeUnits: 0 }

/** Checks a row and brings it into OpenAlgo's form, or says why it can't be used. */
export function toDraft(raw: RawInstrument, row: SourceRow): RowOutcome {
  if (raw.token === '') return 'blank-token'
  if (raw.exchange === '') return 'blank-exchange'
  if (!EXCHANGE.test(raw.exchange)) return 'bad-exchange'
  if (isTooLong(raw)) return 'too-long'
  const lotSize = raw.lotSize === '' ? 0 : Number(raw.lotSize)
  if (!(Math.abs(lotSize) <= Number.MAX_SAFE_INTEGER)) return 'bad-lot-size'
  const tickUnits = raw.tickSize === '' ? 0 : parseUnits(raw.tickSize, raw.tickShift)
  if (!(tickUnits >= 0)) return 'bad-tick-size'
  const terms = isContract(raw.type) ? readTerms(raw) : CASH
  if (typeof terms === 'string') return terms
  const symbol = isContract(raw.type) ? contractSymbol(raw.type, terms) : raw.symbol
  if (symbol === '') return 'blank-symbol'
  if (raw.lotSize !== '' && lotSize <= 0) row.repair('bad-lot-size', `${symbol} ${raw.lotSize}`)
  return draft(raw, row, { symbol, lotSize: Math.max(lotSize, 0), tickUnits, ...terms })
}

function draft(
  raw: RawInstrument,
  row: SourceRow,
  checked: Pick<DraftInstrument, 'symbol' | 'lotSize' | 'tickUnits'> & Terms,
): DraftInstrument {
  if (raw.name === '') row.repair('blank-name', checked.symbol)
  return {
    symbol: checked.symbol,
    brokerSymbol: raw.brokerSymbol === '' ? checked.symbol : raw.brokerSymbol,
    name: raw.name || checked.underlying || checked.symbol,
    exchange: raw.exchange,
    brokerExchange: raw.brokerExchange,
    token: raw.token,
    type: raw.type,
    underlying: checked.underlying,
    expiryDay: checked.expiryDay,
    strikeUnits: checked.strikeUnits,
    lotSize: checked.lotSize,
    tickUnits: checked.tickUnits,
  }
}

/** `NIFTY28OCT25FUT`, `NIFTY28OCT2524000CE`. */
function contractSymbol(type: InstrumentType, { underlying, expiryDay, strikeUnits }: Terms): string {
  const stem = underlying + compactExpiry(expiryDay)
  return type === 'FUT' ? `${stem}FUT` : stem + unitsToText(strikeUnits) + type
}

function readTerms(raw: RawInstrument): Terms | 'bad-expiry' | 'bad-strike' | 'bad-symbol' {
  const expiryDay = parseExpiryDay(raw.expiry ?? '')
  if (Number.isNaN(expiryDay)) return 'bad-expiry'
  const strikeUnits = raw.type === 'FUT' ? 0 : parseUnits(raw.strike ?? '', raw.strikeShift)
  if (raw.type !== 'FUT' && !(strikeUnits > 0)) return 'bad-strike'
  const given = raw.underlying ?? ''
  const found =
    given === ''
      ? readUnderlying(raw.brokerSymbol, { type: raw.type, expiryDay, strikeUnits })
      : normaliseUnderlying(given)
  return found === '' ? 'bad-symbol' : { underlying: found, expiryDay, strikeUnits }
}

/** Upper case and without blanks, as it stands inside symbols. */
export function normaliseUnderlying(text: string): string {
  return text.toUpperCase().replaceAll(/\s+/g, '')
}

function isContract(type: InstrumentType): boolean {
  return type === 'FUT' || type === 'CE' || type === 'PE'
}

function isTooLong({
  symbol,
  brokerSymbol,
  name,
  brokerExchange,
  token,
  underlying,
}: RawInstrument): boolean {
  const longest = Math.max(
    symbol.length,
    brokerSymbol.length,
    name.length,
    brokerExchange.length,
    token.length,
  )
  return longest > MAX_LENGTH || (underlying ?? '').length > MAX_LENGTH
}
