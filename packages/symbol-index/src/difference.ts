import type { Instrument, InstrumentData } from './instrument.ts'
import type { SymbolSet } from './symbol-set.ts'

/** A symbol that is in both masters, with fields that differ. */
export interface ChangedInstrument {
  readonly symbol: string
  readonly exchange: string
  readonly fields: readonly (keyof InstrumentData)[]
}

/** A token that names another symbol than before. */
export interface TokenChange {
  readonly token: string
  readonly exchange: string
  readonly before: string
  readonly after: string
}

/** Changes of one kind: all counted, the first of them kept. */
export interface Changes<Change> {
  readonly total: number
  readonly first: readonly Change[]
}

/** What one master has that another had not. */
export interface MasterDifference {
  readonly added: Changes<{ readonly symbol: string; readonly exchange: string }>
  readonly removed: Changes<{ readonly symbol: string; readonly exchange: string }>
  /** The token stayed, and so did expiry, strike and type: the same contract under another symbol. */
  readonly renamed: Changes<TokenChange>
  readonly changed: Changes<ChangedInstrument>
  /** The token stayed, but names another contract: dangerous for whoever kept it. */
  readonly reusedTokens: Changes<TokenChange>
}

const MAX_LISTED = 1000
const COMPARED: readonly (keyof InstrumentData)[] = [
  'brokerSymbol',
  'name',
  'brokerExchange',
  'token',
  'instrumentType',
  'underlying',
  'expiry',
  'strike',
  'lotSize',
  'tickSize',
]

/** Compares two sets. Takes some 0.3 s for 130,000 rows; imports do it in their worker. */
export function diffMasters(before: SymbolSet, after: SymbolSet): MasterDifference {
  const difference = {
    added: new ChangeList<{ symbol: string; exchange: string }>(),
    removed: new ChangeList<{ symbol: string; exchange: string }>(),
    renamed: new ChangeList<TokenChange>(),
    changed: new ChangeList<ChangedInstrument>(),
    reusedTokens: new ChangeList<TokenChange>(),
  }
  for (const instrument of after.instruments()) {
    const { symbol, exchange, token } = instrument
    const sameSymbol = before.get(symbol, exchange)
    if (sameSymbol === undefined) difference.added.add({ symbol, exchange })
    else compareFields(sameSymbol, instrument, difference.changed)
    const sameToken = before.getByToken(token, exchange)
    if (sameToken === undefined || sameToken.symbol === symbol) continue
    const change = { token, exchange, before: sameToken.symbol, after: symbol }
    difference[isRenamed(sameToken, instrument) ? 'renamed' : 'reusedTokens'].add(change)
  }
  for (const { symbol, exchange } of before.instruments()) {
    if (!after.has(symbol, exchange)) difference.removed.add({ symbol, exchange })
  }
  return difference
}

class ChangeList<Change> implements Changes<Change> {
  total = 0
  readonly first: Change[] = []

  add(change: Change): void {
    this.total++
    if (this.first.length < MAX_LISTED) this.first.push(change)
  }
}

function compareFields(before: Instrument, after: Instrument, changed: ChangeList<ChangedInstrument>): void {
  const fields = COMPARED.filter((field) => before[field] !== after[field])
  if (fields.length > 0) changed.add({ symbol: after.symbol, exchange: after.exchange, fields })
}

function isRenamed(before: Instrument, after: Instrument): boolean {
  return (
    before.expiry === after.expiry &&
    before.strike === after.strike &&
    before.instrumentType === after.instrumentType
  )
}
