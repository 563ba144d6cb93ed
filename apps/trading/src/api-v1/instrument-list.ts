import { Readable } from 'node:stream'

import type { Instrument } from '@cache/symbol-index'
import { z } from 'zod'

import type { App } from '../app.ts'
import { instrumentsAnswer } from './answers.ts'
import type { ApiGate } from './api-caller.ts'
import { instrumentForm } from './openalgo-forms.ts'

const csvHeader =
  'symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size'
const rowsPerChunk = 500

const listFields = {
  exchange: z
    .string()
    .regex(/^[A-Z0-9_]{0,32}$/, 'Not an exchange.')
    .optional(),
  format: z.enum(['json', 'csv']).default('json'),
}

/** The whole master, or that of an exchange; sent as it is made. */
export function instrumentListRoute(app: App, gate: ApiGate): void {
  gate.route(
    {
      path: '/instruments',
      group: 'Instruments',
      answer: instrumentsAnswer,
      summary: 'The whole master',
      fields: listFields,
      query: true,
      alsoAs: 'text/csv',
    },
    async ({ body, reply }) => {
      const exchange = body.exchange === '' ? undefined : body.exchange
      const all = (await app.finder.index()).current.instruments()
      const listed = exchange === undefined ? all : onlyOf(exchange, all)
      if (body.format === 'json') {
        return reply.type('application/json; charset=utf-8').send(Readable.from(inChunks(jsonParts(listed))))
      }
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="instruments_${exchange ?? 'all'}.csv"`)
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
