const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const dayMs = 86_400_000
const kolkataOffsetMs = 5.5 * 3_600_000

/** Midnight in Asia/Kolkata after the day of an expiry (`DD-MMM-YY`); `undefined` for anything else. */
export function expiryEndMs(expiry: string | undefined): number | undefined {
  const match = /^(\d{2})-([A-Z]{3})-(\d{2})$/.exec(expiry ?? '')
  if (match === null) return undefined
  const startMs = Date.UTC(2000 + Number(match[3]), months.indexOf(match[2] ?? ''), Number(match[1]))
  return startMs + dayMs - kolkataOffsetMs
}

export function hasExpired(expiry: string | undefined, wallMs: number): boolean {
  return (expiryEndMs(expiry) ?? Number.POSITIVE_INFINITY) <= wallMs
}
