import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { isDate } from '../calendar/kolkata.ts'
import { holidayTypes } from '../calendar/market-calendar.ts'
import { readFreezeCsv } from '../freeze/freeze-quantities.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard, SignedIn } from '../session/session-guard.ts'
import { appSettingsChangeSchema } from '../settings/app-settings.ts'

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Not a time of day; use HH:MM.')
const exchange = z.string().regex(/^[A-Z_]{2,16}$/, 'Not an exchange.')
const date = z.string().refine(isDate, 'Not a valid date; use YYYY-MM-DD.')
const hoursSchema = z
  .object({ exchange, startTime: time, endTime: time })
  .refine(({ startTime, endTime }) => startTime < endTime, 'It must end after it starts.')
const holidaySchema = z.object({
  date,
  description: z.string().trim().min(1).max(200),
  type: z.enum(holidayTypes),
  closed: z.array(exchange).max(20).default([]),
  open: z.array(hoursSchema).max(20).default([]),
})
const yearSchema = z.object({ year: z.coerce.number().int().min(2020).max(2050) })
const freezeSchema = z.object({ exchange: exchange.default('NFO'), csv: z.string().min(1).max(200_000) })
const addressSchema = z.object({ address: z.string().min(2).max(64) })

/** Settings of the app as a whole, the calendar, freeze quantities, bans. Administrators only. */
export function adminRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.addHook('onRequest', async (request) => void (await requireAdmin(guard, request)))
  server.get('/web/admin/settings', () => app.appSettings.get())
  server.post('/web/admin/settings', async (request) => {
    const settings = await app.appSettings.change(parsed(appSettingsChangeSchema, request.body))
    await app.orderModes.allChanged()
    return settings
  })
  calendarChanges(server, app)
  server.get('/web/admin/freeze-quantities', async (request) => {
    const { exchange: of } = parsed(z.object({ exchange }), request.query)
    const table = await app.freezes.table(of)
    return { exchange: of, rows: Object.entries(table).map(([symbol, quantity]) => ({ symbol, quantity })) }
  })
  server.post('/web/admin/freeze-quantities', async (request) => {
    const { exchange: of, csv } = parsed(freezeSchema, request.body)
    const rows = readFreezeCsv(csv)
    await app.freezes.replace(of, rows)
    await app.searches.freezesChanged()
    return { exchange: of, symbols: rows.length }
  })
  server.get('/web/admin/bans', async () => ({ bans: await app.addressGuard.list() }))
  server.post('/web/admin/bans/lift', async (request) => {
    await app.addressGuard.lift(parsed(addressSchema, request.body).address)
    return { bans: await app.addressGuard.list() }
  })
}

function calendarChanges(server: FastifyInstance, app: App): void {
  server.get('/web/admin/holidays', async (request) => {
    return { holidays: await app.calendar.holidays(parsed(yearSchema, request.query).year) }
  })
  server.post('/web/admin/holidays', async (request) => {
    const holiday = parsed(holidaySchema, request.body)
    await app.calendar.setHoliday(holiday)
    return { holidays: await app.calendar.holidays(Number(holiday.date.slice(0, 4))) }
  })
  server.post('/web/admin/holidays/remove', async (request) => {
    const { date: day } = parsed(z.object({ date }), request.body)
    if (!(await app.calendar.removeHoliday(day))) throw new RequestFault(404, `Nothing is known of ${day}`)
    return { holidays: await app.calendar.holidays(Number(day.slice(0, 4))) }
  })
  server.get('/web/admin/timings', async () => ({ hours: await app.calendar.hours() }))
  server.post('/web/admin/timings', async (request) => {
    await app.calendar.setHours(parsed(hoursSchema, request.body))
    return { hours: await app.calendar.hours() }
  })
}

async function requireAdmin(guard: SessionGuard, request: FastifyRequest): Promise<SignedIn> {
  const signedIn = await guard.require(request)
  if (signedIn.user.isAdmin) return signedIn
  throw new RequestFault(403, 'Only an administrator may do this')
}
