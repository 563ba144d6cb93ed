import { toDraft } from '../draft.ts'
import type { MasterFormat, RowOutcome, SourceRow } from '../format.ts'

const TRAILER = 'File Creation Time'
const EXCHANGES: Readonly<Record<string, string>> = {
  A: 'AMEX',
  N: 'NYSE',
  P: 'ARCA',
  V: 'IEX',
  Z: 'BATS',
}

/** Nasdaq Trader's `nasdaqlisted.txt`. */
export const nasdaqListed: MasterFormat = {
  id: 'nasdaq-listed',
  syntax: 'csv',
  signature: ['Symbol', 'Security Name', 'Market Category'],
  required: ['Symbol', 'Security Name', 'Round Lot Size'],
  trailer: TRAILER,
  read: readNasdaq,
}

/** Nasdaq Trader's `otherlisted.txt`: what other American exchanges list. */
export const otherListed: MasterFormat = {
  id: 'other-listed',
  syntax: 'csv',
  signature: ['ACT Symbol', 'Security Name'],
  required: ['ACT Symbol', 'Security Name', 'Exchange', 'CQS Symbol', 'Round Lot Size', 'NASDAQ Symbol'],
  trailer: TRAILER,
  read: readOther,
}

function readNasdaq(row: SourceRow): RowOutcome {
  const symbol = row.text('Symbol')
  if (symbol === '') return 'blank-symbol'
  return listed(row, { symbol, brokerSymbol: symbol, token: symbol, exchange: 'NASDAQ', brokerExchange: 'Q' })
}

function readOther(row: SourceRow): RowOutcome {
  const symbol = row.text('ACT Symbol')
  if (symbol === '') return 'blank-symbol'
  const brokerExchange = row.text('Exchange')
  const exchange = EXCHANGES[brokerExchange] ?? brokerExchange
  const token = row.text('NASDAQ Symbol') || symbol
  return listed(row, { symbol, brokerSymbol: row.text('CQS Symbol'), token, exchange, brokerExchange })
}

function listed(
  row: SourceRow,
  keys: Record<'symbol' | 'brokerSymbol' | 'token' | 'exchange' | 'brokerExchange', string>,
): RowOutcome {
  const lotSize = row.text('Round Lot Size')
  return toDraft({ ...keys, name: row.text('Security Name'), type: 'EQ', lotSize, tickSize: '' }, row)
}
