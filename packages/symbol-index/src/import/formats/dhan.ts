import type { InstrumentType } from '../../instrument.ts'
import { toDraft } from '../draft.ts'
import type { RawInstrument } from '../draft.ts'
import type { MasterFormat, RowOutcome, SourceRow } from '../format.ts'
import { indexSymbol } from '../index-symbol.ts'

/** Exchange and segment letter → OpenAlgo's exchange and Dhan's segment. */
const SEGMENTS: Readonly<Record<string, readonly [exchange: string, brokerExchange: string]>> = {
  'NSE E': ['NSE', 'NSE_EQ'],
  'NSE D': ['NFO', 'NSE_FNO'],
  'NSE C': ['CDS', 'NSE_CURRENCY'],
  'NSE M': ['NCO', 'NSE_COMM'],
  'NSE I': ['NSE_INDEX', 'IDX_I'],
  'BSE E': ['BSE', 'BSE_EQ'],
  'BSE D': ['BFO', 'BSE_FNO'],
  'BSE C': ['BCD', 'BSE_CURRENCY'],
  'BSE I': ['BSE_INDEX', 'IDX_I'],
  'MCX M': ['MCX', 'MCX_COMM'],
  'MCX I': ['MCX_INDEX', 'IDX_I'],
}
const PAISE = 2
/** `BAJAJ-AUTO-Sep2026-9000-CE`, `CRUDEOIL-19Aug2026-FUT`. */
const CONTRACT_SYMBOL = /^(.+)-\d{0,2}[A-Z][a-z]{2}\d{4}-/

/** The names of the columns in one of Dhan's two files. */
interface Columns {
  readonly exchange: string
  readonly segment: string
  readonly token: string
  readonly kind: string
  readonly brokerSymbol: string
  readonly name: string
  readonly cashSymbol: string
  /** Empty where the file has none. */
  readonly underlying: string
  readonly expiry: string
  readonly strike: string
  readonly option: string
  readonly lotSize: string
  readonly tickSize: string
}

const COMPACT: Columns = {
  exchange: 'SEM_EXM_EXCH_ID',
  segment: 'SEM_SEGMENT',
  token: 'SEM_SMST_SECURITY_ID',
  kind: 'SEM_INSTRUMENT_NAME',
  brokerSymbol: 'SEM_TRADING_SYMBOL',
  name: 'SM_SYMBOL_NAME',
  cashSymbol: 'SEM_TRADING_SYMBOL',
  underlying: '',
  expiry: 'SEM_EXPIRY_DATE',
  strike: 'SEM_STRIKE_PRICE',
  option: 'SEM_OPTION_TYPE',
  lotSize: 'SEM_LOT_UNITS',
  tickSize: 'SEM_TICK_SIZE',
}

const DETAILED: Columns = {
  exchange: 'EXCH_ID',
  segment: 'SEGMENT',
  token: 'SECURITY_ID',
  kind: 'INSTRUMENT',
  brokerSymbol: 'SYMBOL_NAME',
  name: 'DISPLAY_NAME',
  cashSymbol: 'UNDERLYING_SYMBOL',
  underlying: 'UNDERLYING_SYMBOL',
  expiry: 'SM_EXPIRY_DATE',
  strike: 'STRIKE_PRICE',
  option: 'OPTION_TYPE',
  lotSize: 'LOT_SIZE',
  tickSize: 'TICK_SIZE',
}

/** Dhan's `api-scrip-master.csv`. */
export const dhanCompact: MasterFormat = {
  id: 'dhan-csv',
  syntax: 'csv',
  signature: ['SEM_SMST_SECURITY_ID', 'SEM_TRADING_SYMBOL'],
  required: Object.values(COMPACT).filter((name) => name !== ''),
  read: (row) => read(row, COMPACT),
}

/** Dhan's `api-scrip-master-detailed.csv`. */
export const dhanDetailed: MasterFormat = {
  id: 'dhan-csv',
  syntax: 'csv',
  signature: ['SECURITY_ID', 'EXCH_ID'],
  required: Object.values(DETAILED),
  read: (row) => read(row, DETAILED),
}

function read(row: SourceRow, columns: Columns): RowOutcome {
  const listed = row.text(columns.brokerSymbol)
  const cashSymbol = row.text(columns.cashSymbol) || listed
  if (cashSymbol === '') return 'blank-symbol'
  const type = instrumentType(row.text(columns.kind), row.text(columns.option))
  if (type === undefined) return 'bad-type'
  const place = `${row.text(columns.exchange)} ${row.text(columns.segment)}`
  const [exchange, brokerExchange] = SEGMENTS[place] ?? ['?', place]
  const underlying = columns.underlying === '' ? readStem(listed) : row.text(columns.underlying)
  const isCash = type === 'EQ' || type === 'INDEX'
  const raw: RawInstrument = {
    symbol: type === 'INDEX' ? indexSymbol(cashSymbol) : cashSymbol,
    brokerSymbol: isCash ? cashSymbol : listed,
    exchange,
    brokerExchange,
    type,
    underlying,
    // A contract's display name is its own: shared by no other row, it would be stored for each.
    name: isCash ? row.text(columns.name) : underlying,
    token: row.text(columns.token),
    expiry: row.text(columns.expiry),
    strike: row.text(columns.strike),
    lotSize: row.text(columns.lotSize),
    tickSize: row.text(columns.tickSize),
    tickShift: PAISE,
  }
  return toDraft(raw, row)
}

function instrumentType(kind: string, option: string): InstrumentType | undefined {
  if (kind === 'INDEX') return 'INDEX'
  if (kind.startsWith('FUT')) return 'FUT'
  if (!kind.startsWith('OPT')) return 'EQ'
  return option === 'CE' || option === 'PE' ? option : undefined
}

function readStem(brokerSymbol: string): string {
  return CONTRACT_SYMBOL.exec(brokerSymbol)?.[1] ?? ''
}
