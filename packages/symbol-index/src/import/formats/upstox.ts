import { KOLKATA_OFFSET_MS } from '../../expiry.ts'
import type { InstrumentType } from '../../instrument.ts'
import { toDraft } from '../draft.ts'
import type { RawInstrument } from '../draft.ts'
import type { MasterFormat, RowOutcome, SourceRow } from '../format.ts'
import { indexSymbol } from '../index-symbol.ts'

const EXCHANGES: Readonly<Record<string, string>> = {
  NSE_EQ: 'NSE',
  BSE_EQ: 'BSE',
  NSE_FO: 'NFO',
  BSE_FO: 'BFO',
  NCD_FO: 'CDS',
  BCD_FO: 'BCD',
  MCX_FO: 'MCX',
  NSE_COM: 'NCO',
}
/** Segments whose tick is in paise in the CSV; the JSON has paise everywhere. */
const CSV_TICK_IN_PAISE = new Set(['NCD_FO', 'BCD_FO', 'MCX_FO', 'NSE_COM'])
const PAISE = 2

/** Upstox's `complete.csv`. */
export const upstoxCsv: MasterFormat = {
  id: 'upstox-csv',
  syntax: 'csv',
  signature: ['instrument_key', 'tradingsymbol'],
  required: [
    'instrument_key',
    'tradingsymbol',
    'name',
    'expiry',
    'strike',
    'tick_size',
    'lot_size',
    'instrument_type',
    'option_type',
    'exchange',
  ],
  read: readCsv,
}

/** Upstox's `complete.json`: objects have only the fields that apply to them. */
export const upstoxJson: MasterFormat = {
  id: 'upstox-json',
  syntax: 'json',
  signature: ['instrument_key', 'trading_symbol'],
  required: ['instrument_key', 'trading_symbol', 'segment', 'instrument_type'],
  read: readJson,
}

function readCsv(row: SourceRow): RowOutcome {
  const segment = row.text('exchange')
  const brokerSymbol = row.text('tradingsymbol')
  if (brokerSymbol === '') return 'blank-symbol'
  const name = row.text('name')
  const type = csvType(row.text('instrument_type'), row.text('option_type'))
  const raw: RawInstrument = {
    symbol: type === 'INDEX' ? indexSymbol(name) : brokerSymbol,
    brokerSymbol,
    name,
    type,
    brokerExchange: segment,
    exchange: EXCHANGES[segment] ?? segment,
    token: row.text('instrument_key'),
    expiry: row.text('expiry'),
    strike: row.text('strike'),
    lotSize: row.text('lot_size'),
    tickSize: row.text('tick_size'),
    tickShift: CSV_TICK_IN_PAISE.has(segment) ? PAISE : 0,
  }
  return toDraft(raw, row)
}

function csvType(kind: string, option: string): InstrumentType {
  if (kind === 'INDEX') return 'INDEX'
  if (option === 'CE' || option === 'PE') return option
  if (kind.startsWith('FUT')) return 'FUT'
  return kind === 'EQUITY' ? 'EQ' : 'SPOT'
}

function readJson(row: SourceRow): RowOutcome {
  const segment = row.text('segment')
  const brokerSymbol = row.text('trading_symbol')
  if (brokerSymbol === '') return 'blank-symbol'
  const name = row.text('name')
  const type = jsonType(row.text('instrument_type'), segment)
  const raw: RawInstrument = {
    symbol: type === 'INDEX' ? indexSymbol(name || brokerSymbol) : brokerSymbol,
    brokerSymbol,
    name,
    type,
    brokerExchange: segment,
    exchange: EXCHANGES[segment] ?? segment,
    token: row.text('instrument_key'),
    underlying: row.text('underlying_symbol') || row.text('asset_symbol'),
    expiry: epochDate(row.text('expiry')),
    strike: row.text('strike_price'),
    lotSize: row.text('lot_size'),
    tickSize: row.text('tick_size'),
    tickShift: PAISE,
  }
  return toDraft(raw, row)
}

function jsonType(kind: string, segment: string): InstrumentType {
  if (kind === 'CE' || kind === 'PE' || kind === 'FUT' || kind === 'INDEX') return kind
  return segment.endsWith('_EQ') ? 'EQ' : 'SPOT'
}

/** Epoch milliseconds as the date in India. */
function epochDate(text: string): string {
  const shifted = Number(text) + KOLKATA_OFFSET_MS
  return text !== '' && Math.abs(shifted) < 8e15 ? new Date(shifted).toISOString().slice(0, 10) : text
}
