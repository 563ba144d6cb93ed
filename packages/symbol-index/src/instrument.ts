import { inspect } from 'node:util'
import type { SymbolColumns } from './store/columns.ts'

/**
 * What an instrument is.
 *
 * - `EQ`: a cash security: share, fund, bond, bill
 * - `INDEX`: an index, which can't be traded itself
 * - `FUT`: a future
 * - `CE`: a call option
 * - `PE`: a put option
 * - `PERPFUT`: a future without expiry
 * - `SPOT`: a commodity or currency that derivatives refer to
 */
export type InstrumentType = 'EQ' | 'INDEX' | 'FUT' | 'CE' | 'PE' | 'PERPFUT' | 'SPOT'

/** Every type; the position is its number in the store. */
export const INSTRUMENT_TYPES: readonly InstrumentType[] = [
  'EQ',
  'INDEX',
  'FUT',
  'CE',
  'PE',
  'PERPFUT',
  'SPOT',
]

/** The fields of an instrument as a plain value. */
export interface InstrumentData {
  /** OpenAlgo symbol: `INFY`, `NIFTY28OCT25FUT`, `NIFTY28OCT2524000CE`. */
  readonly symbol: string
  /** The broker's own symbol. */
  readonly brokerSymbol: string
  /** Company or contract name as the source gives it; the underlying or symbol where it is blank. */
  readonly name: string
  /** OpenAlgo exchange: `NSE`, `NFO`, `NSE_INDEX`… */
  readonly exchange: string
  /** The broker's own exchange or segment. */
  readonly brokerExchange: string
  /** The broker's token: unique within an exchange at one time, and reused later. */
  readonly token: string
  readonly instrumentType: InstrumentType
  /** What a derivative derives from: `NIFTY`. */
  readonly underlying: string | undefined
  /** `DD-MMM-YY`, upper case. */
  readonly expiry: string | undefined
  /** Strike of an option. */
  readonly strike: number | undefined
  /** Units in a lot; 0 where the source gives none. */
  readonly lotSize: number
  /** Smallest price step; 0 where the source gives none. */
  readonly tickSize: number
}

/**
 * A view of one row of an immutable set. It costs one small object; a field is decoded when it is read, and
 * stays right after the index has swapped to another set. `toJSON()` gives a plain copy.
 */
export class Instrument implements InstrumentData {
  readonly #columns: SymbolColumns
  readonly #row: number

  constructor(columns: SymbolColumns, row: number) {
    this.#columns = columns
    this.#row = row
  }

  get symbol(): string {
    return this.#columns.symbol(this.#row)
  }

  get brokerSymbol(): string {
    return this.#columns.brokerSymbol(this.#row)
  }

  get name(): string {
    return this.#columns.name(this.#row)
  }

  get exchange(): string {
    return this.#columns.exchange(this.#row)
  }

  get brokerExchange(): string {
    return this.#columns.brokerExchange(this.#row)
  }

  get token(): string {
    return this.#columns.token(this.#row)
  }

  get instrumentType(): InstrumentType {
    return this.#columns.instrumentType(this.#row)
  }

  get underlying(): string | undefined {
    return this.#columns.underlying(this.#row)
  }

  get expiry(): string | undefined {
    return this.#columns.expiry(this.#row)
  }

  get strike(): number | undefined {
    return this.#columns.strike(this.#row)
  }

  get lotSize(): number {
    return this.#columns.lotSize(this.#row)
  }

  get tickSize(): number {
    return this.#columns.tickSize(this.#row)
  }

  toJSON(): InstrumentData {
    return {
      symbol: this.symbol,
      brokerSymbol: this.brokerSymbol,
      name: this.name,
      exchange: this.exchange,
      brokerExchange: this.brokerExchange,
      token: this.token,
      instrumentType: this.instrumentType,
      underlying: this.underlying,
      expiry: this.expiry,
      strike: this.strike,
      lotSize: this.lotSize,
      tickSize: this.tickSize,
    }
  }

  static {
    // As a method its computed name could not be declared file by file.
    const value = function (this: Instrument): InstrumentData {
      return this.toJSON()
    }
    Object.defineProperty(this.prototype, inspect.custom, { value })
  }
}
