import type { ChainRow, Instrument } from '@cache/symbol-index'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { nearestStrikeAt, OptionFinder } from './option-finder.ts'

const exchange = z.string().min(1).max(32)
const underlying = z.string().min(1).max(64)
const exchangeSchema = z.object({ exchange })
const expiriesSchema = z.object({ exchange, underlying })
const chainSchema = expiriesSchema.extend({
  expiry: z.string().regex(/^\d{2}-[A-Z]{3}-\d{2}$/, 'Not an expiry; use DD-MMM-YY.'),
  around: z.coerce.number().int().min(1).max(50).default(10),
})

/** Which options there are, and where the money is; their prices come over the feed. */
export function chainRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  const options = new OptionFinder(app)
  server.get('/web/options/underlyings', async (request) => {
    await guard.require(request)
    const { exchange: of } = parsed(exchangeSchema, request.query)
    const nowMs = app.clock.wallMs()
    const names = (await app.finder.index()).underlyings({ exchange: of, kind: 'options', nowMs })
    return { underlyings: names }
  })
  server.get('/web/options/expiries', async (request) => {
    await guard.require(request)
    const asked = parsed(expiriesSchema, request.query)
    const nowMs = app.clock.wallMs()
    return { expiries: (await app.finder.index()).expiries({ ...asked, kind: 'options', nowMs }) }
  })
  server.get('/web/options/chain', async (request) => {
    const { user } = await guard.require(request)
    const asked = parsed(chainSchema, request.query)
    const { place, quote } = await options.underlying(user.id, { ...asked, expiry_date: asked.expiry })
    const rows = (await app.finder.index()).optionChain(place)
    if (rows.length === 0)
      throw new RequestFault(
        404,
        `No options of ${asked.underlying} for ${asked.expiry}; choose another expiry`,
      )
    const strikes = rows.map(({ strike }) => strike)
    const at = nearestStrikeAt(strikes, quote.ltp)
    const shown = rows.slice(Math.max(0, at - asked.around), at + asked.around + 1)
    return { ...place, atTheMoney: strikes[at], quote, rows: shown.map(rowOf) }
  })
}

function rowOf({ strike, ce, pe }: ChainRow) {
  return { strike, ce: ce && legOf(ce), pe: pe && legOf(pe) }
}

function legOf({ symbol, exchange: of, lotSize }: Instrument) {
  return { symbol, exchange: of, lotSize }
}
