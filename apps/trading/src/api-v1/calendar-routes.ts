import { z } from 'zod'

import type { App } from '../app.ts'
import { isDate, kolkataDate, kolkataMs } from '../calendar/kolkata.ts'
import type { Holiday, Hours } from '../calendar/market-calendar.ts'
import { holidaysAnswer, timingsAnswer } from './answers.ts'
import type { ApiGate } from './api-caller.ts'

const yearFields = {
  /** Default: this year's. */
  year: z.coerce.number({ error: 'Not a valid integer.' }).int().min(2020).max(2050).optional(),
}
const dateFields = { date: z.string().refine(isDate, 'Not a valid date; use YYYY-MM-DD.') }

/** When markets are open. */
export function calendarRoutes(app: App, gate: ApiGate): void {
  gate.route(
    {
      path: '/market/holidays',
      answer: holidaysAnswer,
      group: 'Calendar',
      summary: 'Holidays of a year',
      fields: yearFields,
    },
    async ({ body }) => {
      const year = body.year ?? Number(kolkataDate(app.clock.wallMs()).slice(0, 4))
      const holidays = await app.calendar.holidays(year)
      return { status: 'success', year, timezone: 'Asia/Kolkata', data: holidays.map(holidayForm) }
    },
  )
  gate.route(
    {
      path: '/market/timings',
      answer: timingsAnswer,
      group: 'Calendar',
      summary: 'Hours of a day',
      fields: dateFields,
    },
    async ({ body }) => {
      const sessions = await app.calendar.timings(body.date)
      const data = sessions.map(({ exchange, startMs, endMs }) => ({
        exchange,
        start_time: startMs,
        end_time: endMs,
      }))
      return { status: 'success', data }
    },
  )
}

function holidayForm({ date, description, type, closed, open }: Holiday) {
  return {
    date,
    description,
    holiday_type: type,
    closed_exchanges: closed,
    open_exchanges: open.map((hours) => openForm(date, hours)),
  }
}

function openForm(date: string, { exchange, startTime, endTime }: Hours) {
  return { exchange, start_time: kolkataMs(date, startTime), end_time: kolkataMs(date, endTime) }
}
