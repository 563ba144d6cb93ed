import { kolkataOffsetMs } from '../calendar/kolkata.ts'
import { expiryEndMs } from '../instruments/expiry.ts'

export const dayMs = 86_400_000
const openMs = 9.25 * 3_600_000
const closeMs = 15.5 * 3_600_000

/** The latest 09:15 in Asia/Kolkata that is not after the given moment. */
export function lastOpenMs(wallMs: number): number {
  const sinceOpenMs = (wallMs + kolkataOffsetMs - openMs) % dayMs
  return wallMs - sinceOpenMs
}

/** The close, at 15:30, of the day before that open. */
export function previousCloseMs(wallMs: number): number {
  return lastOpenMs(wallMs) - dayMs + (closeMs - openMs)
}

/** Midnight in Asia/Kolkata before a moment. */
export function kolkataDayStartMs(wallMs: number): number {
  return wallMs - ((wallMs + kolkataOffsetMs) % dayMs)
}

export function openOfDayMs(dayStartMs: number): number {
  return dayStartMs + openMs
}

export function closeOfDayMs(dayStartMs: number): number {
  return dayStartMs + closeMs
}

/** Years until a contract of this expiry (`DD-MMM-YY`) ends; never less than a few minutes. */
export function yearsToExpiry(expiry: string | undefined, wallMs: number): number {
  const leftMs = (expiryEndMs(expiry) ?? wallMs + 30 * dayMs) - wallMs
  return Math.max(leftMs, 300_000) / (365 * dayMs)
}
