import { formatExpiry } from '../expiry.ts'
import { unitsToNumber } from '../decimal.ts'
import { INSTRUMENT_TYPES } from '../instrument.ts'
import type { InstrumentType } from '../instrument.ts'
import { Dictionary } from './dictionary.ts'
import { openSections } from './layout.ts'
import type { Sections } from './layout.ts'

/** What a set says of itself; kept as JSON inside the buffer. */
export interface SetMetadata {
  /** Format of the source, such as `angel-json`. */
  readonly format: string
  /** Where the rows came from, for people. */
  readonly source: string
  readonly importedAtMs: number
  /** Exchange names; the position is the exchange's number. */
  readonly exchanges: readonly string[]
  /** Whether any symbol holds a blank, so that a query of several words can be its beginning. */
  readonly blankInSymbols: boolean
}

/**
 * The decoded face of a buffer: typed arrays for those who scan, and one accessor for each field of a row.
 *
 * A text such as `NIFTY28OCT2524000CE` is a head shared by its group (`NIFTY28OCT25`) and a tail
 * (`24000CE`), each in a dictionary. Rows are ordered by exchange, length of symbol and symbol; a group is a
 * run of rows with everything but tail, token, strike, lot and tick in common.
 */
export class SymbolColumns {
  readonly buffer: SharedArrayBuffer
  readonly sections: Sections
  readonly metadata: SetMetadata
  readonly size: number
  readonly heads: Dictionary
  readonly tails: Dictionary
  readonly tokenHeads: Dictionary
  readonly tokenTails: Dictionary

  constructor(buffer: SharedArrayBuffer) {
    const sections = openSections(buffer)
    this.buffer = buffer
    this.sections = sections
    this.metadata = JSON.parse(Buffer.from(sections.meta).toString('utf8')) as SetMetadata
    this.size = sections.rowGroup.length
    this.heads = dictionary(sections.heads, sections.headOffsets, sections.headMasks)
    this.tails = dictionary(sections.tails, sections.tailOffsets, sections.tailMasks)
    this.tokenHeads = dictionary(sections.tokenHeads, sections.tokenHeadOffsets, sections.tokenHeadMasks)
    this.tokenTails = dictionary(sections.tokenTails, sections.tokenTailOffsets, sections.tokenTailMasks)
  }

  symbol(row: number): string {
    const { groupSymbol, rowSymbolTail } = this.sections
    return this.heads.text(groupSymbol[this.group(row)] ?? 0) + this.tails.text(rowSymbolTail[row] ?? 0)
  }

  brokerSymbol(row: number): string {
    const { groupBrokerSymbol, rowBrokerTail } = this.sections
    return this.heads.text(groupBrokerSymbol[this.group(row)] ?? 0) + this.tails.text(rowBrokerTail[row] ?? 0)
  }

  token(row: number): string {
    const { rowTokenHead, rowTokenTail } = this.sections
    return this.tokenHeads.text(rowTokenHead[row] ?? 0) + this.tokenTails.text(rowTokenTail[row] ?? 0)
  }

  name(row: number): string {
    return this.heads.text(this.sections.groupName[this.group(row)] ?? 0)
  }

  exchange(row: number): string {
    return this.metadata.exchanges[this.exchangeNumber(row)] ?? ''
  }

  brokerExchange(row: number): string {
    return this.heads.text(this.sections.groupBrokerExchange[this.group(row)] ?? 0)
  }

  instrumentType(row: number): InstrumentType {
    return INSTRUMENT_TYPES[this.sections.specTypes[this.sections.rowSpec[row] ?? 0] ?? 0] ?? 'EQ'
  }

  underlying(row: number): string | undefined {
    return this.groupUnderlying(this.group(row))
  }

  /** The underlying of a group's rows; 0 in the store means none. */
  groupUnderlying(group: number): string | undefined {
    const id = this.sections.groupUnderlying[group] ?? 0
    return id === 0 ? undefined : this.heads.text(id - 1)
  }

  expiry(row: number): string | undefined {
    const day = this.expiryDay(row)
    return day === 0 ? undefined : formatExpiry(day)
  }

  /** Days since 1970-01-01; 0 for none. */
  expiryDay(row: number): number {
    return this.sections.groupExpiry[this.group(row)] ?? 0
  }

  strike(row: number): number | undefined {
    const units = this.strikeUnits(row)
    return units === 0 ? undefined : unitsToNumber(units)
  }

  /** Strike in scaled units; 0 for none. */
  strikeUnits(row: number): number {
    return this.sections.strikes[this.sections.rowStrike[row] ?? 0] ?? 0
  }

  lotSize(row: number): number {
    return this.sections.specLots[this.sections.rowSpec[row] ?? 0] ?? 0
  }

  tickSize(row: number): number {
    return unitsToNumber(this.sections.specTicks[this.sections.rowSpec[row] ?? 0] ?? 0)
  }

  group(row: number): number {
    return this.sections.rowGroup[row] ?? 0
  }

  exchangeNumber(row: number): number {
    const { exchangeGroups } = this.sections
    const group = this.group(row)
    let exchange = 0
    while ((exchangeGroups[exchange + 1] ?? Infinity) <= group) exchange++
    return exchange
  }
}

function dictionary(bytes: Uint8Array, offsets: Uint32Array, masks: Uint32Array): Dictionary {
  return new Dictionary({ bytes, offsets, masks })
}
