import { Readable } from 'node:stream'

import type { Instrument } from '@cache/symbol-index'
import { z } from 'zod'

import type { App } from '../app.ts'
import { orderFields } from '../orders/order-schema.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { ApiGate } from './api-caller.ts'
import { instrumentForm, symbolForm } from './openalgo-forms.ts'

const searchLimit = 500
const csvHeader =
  'symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size'
const rowsPerChunk = 500

const key = { symbol: orderFields.symbol, exchange: orderFields.exchange }
const searchFields = {
  query: z.string().min(1, 'Must not be empty.').max(256, 'Longer than maximum length 256.'),
  exchange: z.string().max(32).optional(),
}
const expiryFields = {
  symbol: orderFields.symbol,
  exchange: z.enum(['NFO', 'BFO', 'MCX', 'CDS', 'BCD', 'NCDEX', 'NCO', 'CRYPTO']),
  instrumenttype: z.enum(['futures', 'options']),
}
const listFields = {
  exchange: z.string().max(32).optional(),
  format: z.enum(['json', 'csv']).default('json'),
}

/** What can be traded. */
export function instrumentRoutes(app: App, gate: ApiGate): void {
  const instruments = { group: 'Instruments' } as const
  gate.route({ ...instruments, path: '/symbol', summary: 'One symbol', fields: key }, async ({ body }) => {
    const instrument = await app.finder.require(body.symbol, body.exchange)
    return { status: 'success', data: symbolForm(instrument, await app.freezes.of(instrument)) }
  })
  gate.route(
    { ...instruments, path: '/search', summary: 'Find symbols', fields: searchFields },
    async ({ body }) => {
      const exchange = body.exchange === '' ? undefined : body.exchange
      const { results } = await app.finder.search({ query: body.query, exchange, limit: searchLimit })
      const many =
        results.length === 1 ? 'Found 1 matching symbol' : `Found ${results.length} matching symbols`
      const message = results.length === 0 ? 'No matching symbols found' : many
      const data = await Promise.all(results.map(async (one) => symbolForm(one, await app.freezes.of(one))))
      return { status: 'success', message, data }
    },
  )
  gate.route(
    { ...instruments, path: '/expiry', summary: 'Expiries of an underlying', fields: expiryFields },
    async ({ body }) => {
      const { symbol, exchange, instrumenttype: kind } = body
      const index = await app.finder.index()
      const data = index.expiries({ exchange, underlying: symbol, kind, nowMs: app.clock.wallMs() })
      if (data.length === 0)
        throw new RequestFault(404, `No expiry dates found for ${symbol} ${kind} in ${exchange}`)
      const message = `Found ${data.length} expiry dates for ${symbol} ${kind} in ${exchange}`
      return { status: 'success', message, data }
    },
  )
  gate.route(
    { ...instruments, path: '/instruments', summary: 'The whole master', fields: listFields, query: true },
    async ({ body, reply }) => {
      const exchange = body.exchange === '' ? undefined : body.exchange
      const all = (await app.finder.index()).current.instruments()
      const listed = exchange === undefined ? all : onlyOf(exchange, all)
      if (body.format === 'json') {
        return reply.type('application/json; charset=utf-8').send(Readable.from(inChunks(jsonParts(listed))))
      }
      return reply
        .type('text/csv; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="instruments${exchange === undefined ? '' : '_listed'}.csv"`,
        )
        .send(Readable.from(inChunks(csvLines(listed))))
    },
  )
}

function* onlyOf(exchange: string, instruments: Iterable<Instrument>): Generator<Instrument> {
  for (const instrument of instruments) if (instrument.exchange === exchange) yield instrument
}

function* csvLines(instruments: Iterable<Instrument>): Generator<string> {
  yield `${csvHeader}\n`
  for (const instrument of instruments)
    yield `${Object.values(instrumentForm(instrument)).map(csvCell).join(',')}\n`
}

function* jsonParts(instruments: Iterable<Instrument>): Generator<string> {
  let count = 0
  yield '{"status":"success","data":['
  for (const instrument of instruments)
    yield `${count++ === 0 ? '' : ','}${JSON.stringify(instrumentForm(instrument))}`
  yield `],"message":"Found ${count} instruments"}`
}

/** A hundred thousand rows are sent as they are made, in pieces worth a packet. */
function* inChunks(parts: Iterable<string>): Generator<string> {
  let gathered: string[] = []
  for (const part of parts) {
    if (gathered.push(part) < rowsPerChunk) continue
    yield gathered.join('')
    gathered = []
  }
  if (gathered.length > 0) yield gathered.join('')
}

function csvCell(value: string | number): string {
  const text = String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
