import { kolkataOffsetMs } from '../calendar/kolkata.ts'

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const dayMs = 86_400_000

/** Midnight in Asia/Kolkata after the day of an expiry (`DD-MMM-YY`); `undefined` for anything else. */
export function expiryEndMs(expiry: string | undefined): number | undefined {
  const match = /^(\d{2})-([A-Z]{3})-(\d{2})$/.exec(expiry ?? '')
  if (match === null) return undefined
  const startMs = Date.UTC(2000 + Number(match[3]), months.indexOf(match[2] ?? ''), Number(match[1]))
  return startMs + dayMs - kolkataOffsetMs
}

/** Time of day in Asia/Kolkata at which the last trade of a contract is made, in minutes; 15:30 where nothing is said. */
const lastTradeMinutes: Readonly<Record<string, number>> = {
  CDS: 12 * 60 + 30,
  BCD: 12 * 60 + 30,
  MCX: 23 * 60 + 30,
  NCO: 23 * 60 + 30,
}
const usualLastTradeMinutes = 15 * 60 + 30

/** When contracts of an expiry (`DD-MMM-YY`) are traded for the last time; `undefined` for anything else. */
export function lastTradeMs(expiry: string, exchange: string): number | undefined {
  const endMs = expiryEndMs(expiry)
  const minutes = lastTradeMinutes[exchange] ?? usualLastTradeMinutes
  return endMs === undefined ? undefined : endMs - dayMs + minutes * 60_000
}

export function hasExpired(expiry: string | undefined, wallMs: number): boolean {
  return (expiryEndMs(expiry) ?? Number.POSITIVE_INFINITY) <= wallMs
}
