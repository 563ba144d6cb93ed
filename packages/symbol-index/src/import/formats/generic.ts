import { SymbolIndexError } from '../../errors.ts'
import { INSTRUMENT_TYPES } from '../../instrument.ts'
import type { InstrumentType } from '../../instrument.ts'
import { toDraft } from '../draft.ts'
import type { MasterFormat, SourceRow } from '../format.ts'

/** Where a generic CSV has a field: the name of a column, or one value for all rows. */
export type ColumnSource = string | { readonly value: string }

/**
 * Which column holds what. The symbol of a future or option is built from underlying, expiry and strike; any
 * other is taken as it stands.
 */
export interface ColumnMap {
  readonly symbol: ColumnSource
  readonly exchange: ColumnSource
  /** The symbol stands in when it is left out. */
  readonly token?: ColumnSource | undefined
  readonly brokerSymbol?: ColumnSource | undefined
  readonly name?: ColumnSource | undefined
  readonly brokerExchange?: ColumnSource | undefined
  /** `EQ` for all when it is left out; values as in `InstrumentType`. */
  readonly instrumentType?: ColumnSource | undefined
  readonly contract?: ContractColumns | undefined
  readonly lotSize?: ColumnSource | undefined
  readonly tickSize?: ColumnSource | undefined
}

/** The columns that only futures and options need. */
export interface ContractColumns {
  /** Read from the symbol when it is left out. */
  readonly underlying?: ColumnSource | undefined
  readonly expiry: ColumnSource
  readonly strike?: ColumnSource | undefined
}

/** A CSV with whatever columns the map says. */
export function genericCsv(columns: ColumnMap): MasterFormat {
  const { contract } = columns
  const sources = [...Object.values({ ...columns, contract: undefined }), ...Object.values(contract ?? {})]
  const required = sources.filter((source) => typeof source === 'string')
  if (required.length === 0) {
    throw new SymbolIndexError('INVALID_OPTION', 'columns must name at least one column.')
  }
  return {
    id: 'generic-csv',
    syntax: 'csv',
    signature: required,
    required,
    read: (row) => read(row, columns),
  }
}

function read(row: SourceRow, columns: ColumnMap): ReturnType<MasterFormat['read']> {
  const field = (source: ColumnSource | undefined): string => {
    if (source === undefined) return ''
    return typeof source === 'string' ? row.text(source) : source.value
  }
  const symbol = field(columns.symbol)
  if (symbol === '') return 'blank-symbol'
  const exchange = field(columns.exchange)
  const type = typeOf(field(columns.instrumentType))
  if (type === undefined) return 'bad-type'
  return toDraft(
    {
      symbol,
      exchange,
      type,
      brokerSymbol: field(columns.brokerSymbol) || symbol,
      name: columns.name === undefined ? symbol : field(columns.name),
      brokerExchange: field(columns.brokerExchange) || exchange,
      token: columns.token === undefined ? symbol : field(columns.token),
      underlying: field(columns.contract?.underlying),
      expiry: field(columns.contract?.expiry),
      strike: field(columns.contract?.strike),
      lotSize: field(columns.lotSize),
      tickSize: field(columns.tickSize),
    },
    row,
  )
}

function typeOf(text: string): InstrumentType | undefined {
  if (text === '') return 'EQ'
  return INSTRUMENT_TYPES.find((type) => type === text.toUpperCase())
}
