import type { InstrumentType } from '../../instrument.ts'
import { toDraft } from '../draft.ts'
import type { RawInstrument } from '../draft.ts'
import type { MasterFormat, RowOutcome, SourceRow } from '../format.ts'
import { indexSymbol, withoutSeries } from '../index-symbol.ts'

/** Zerodha Kite's instruments, whole or of one exchange. */
export const kiteCsv: MasterFormat = {
  id: 'kite-csv',
  syntax: 'csv',
  signature: ['instrument_token', 'tradingsymbol'],
  required: [
    'instrument_token',
    'tradingsymbol',
    'name',
    'expiry',
    'strike',
    'tick_size',
    'lot_size',
    'instrument_type',
    'segment',
    'exchange',
  ],
  read,
}

function read(row: SourceRow): RowOutcome {
  const brokerSymbol = row.text('tradingsymbol')
  if (brokerSymbol === '') return 'blank-symbol'
  const exchange = row.text('exchange')
  const name = row.text('name')
  const type = instrumentType(row.text('instrument_type'), row.text('segment'))
  if (type === undefined) return 'bad-type'
  const raw: RawInstrument = {
    symbol: cashSymbol(type, exchange, brokerSymbol),
    brokerSymbol,
    name,
    type,
    underlying: name,
    brokerExchange: exchange,
    exchange: type === 'INDEX' ? `${exchange}_INDEX` : exchange,
    token: row.text('instrument_token'),
    expiry: row.text('expiry'),
    strike: row.text('strike'),
    lotSize: row.text('lot_size'),
    tickSize: row.text('tick_size'),
  }
  return toDraft(raw, row)
}

function instrumentType(kind: string, segment: string): InstrumentType | undefined {
  if (segment === 'INDICES') return 'INDEX'
  return kind === 'EQ' || kind === 'FUT' || kind === 'CE' || kind === 'PE' ? kind : undefined
}

function cashSymbol(type: InstrumentType, exchange: string, symbol: string): string {
  if (type === 'INDEX') return indexSymbol(symbol)
  return exchange === 'NSE' ? withoutSeries(symbol) : symbol
}
