import type { InstrumentType } from '../../instrument.ts'
import { toDraft } from '../draft.ts'
import type { RawInstrument } from '../draft.ts'
import type { MasterFormat, RowOutcome, SourceRow } from '../format.ts'
import { indexSymbol, withoutSeries } from '../index-symbol.ts'

/** Powers of ten by which the exchange's prices are multiplied; 2, paise, elsewhere. */
const PRICE_SHIFT: Readonly<Record<string, number>> = { CDS: 7, NCO: 4 }
const INDEX_EXCHANGE: Readonly<Record<string, string>> = {
  NSE: 'NSE_INDEX',
  BSE: 'BSE_INDEX',
  MCX: 'MCX_INDEX',
}
/** NCDEX options name their future after the option: `DHANIYA10OCT25CE7100FOCT25`. */
const NCDEX_OPTION = /(CE|PE)[\d.]+F[A-Z]{3}\d{2}$/

/** Angel One's `OpenAPIScripMaster.json`. */
export const angelJson: MasterFormat = {
  id: 'angel-json',
  syntax: 'json',
  signature: ['exch_seg', 'token', 'symbol'],
  required: [
    'token',
    'symbol',
    'name',
    'expiry',
    'strike',
    'lotsize',
    'instrumenttype',
    'exch_seg',
    'tick_size',
  ],
  read,
}

function read(row: SourceRow): RowOutcome {
  const brokerSymbol = row.text('symbol')
  const segment = row.text('exch_seg')
  const name = row.text('name')
  if (brokerSymbol === '') return 'blank-symbol'
  const type = instrumentType(row.text('instrumenttype'), brokerSymbol)
  if (type === undefined) return 'bad-type'
  const shift = PRICE_SHIFT[segment] ?? 2
  const raw: RawInstrument = {
    symbol: cashSymbol(type, segment, brokerSymbol),
    brokerSymbol,
    name,
    type,
    underlying: name,
    brokerExchange: segment,
    token: row.text('token'),
    exchange: type === 'INDEX' ? (INDEX_EXCHANGE[segment] ?? segment) : segment,
    expiry: row.text('expiry'),
    strike: row.text('strike'),
    strikeShift: shift,
    lotSize: row.text('lotsize'),
    tickSize: row.text('tick_size'),
    tickShift: shift,
  }
  return toDraft(raw, row)
}

function instrumentType(kind: string, symbol: string): InstrumentType | undefined {
  if (kind === '') return 'EQ'
  if (kind === 'AMXIDX') return 'INDEX'
  if (kind.startsWith('FUT')) return 'FUT'
  if (kind.startsWith('OPT')) return optionType(symbol)
  return 'SPOT'
}

function optionType(symbol: string): InstrumentType | undefined {
  const type = NCDEX_OPTION.exec(symbol)?.[1] ?? symbol.slice(-2)
  return type === 'CE' || type === 'PE' ? type : undefined
}

function cashSymbol(type: InstrumentType, segment: string, symbol: string): string {
  if (type === 'INDEX') return indexSymbol(symbol)
  return segment === 'NSE' ? withoutSeries(symbol) : symbol
}
