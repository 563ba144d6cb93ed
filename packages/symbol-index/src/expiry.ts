import { memoize } from './memo.ts'

/**
 * Expiry dates. Inside they are days since 1970-01-01 (0 means none); outside they are OpenAlgo's
 * `DD-MMM-YY`. A contract is live until the end of its expiry day in Asia/Kolkata.
 */

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const DAY_MS = 86_400_000
/** India keeps one offset all year. */
export const KOLKATA_OFFSET_MS: number = 5.5 * 3_600_000
/** 2100-12-31: `DD-MMM-YY` can't tell centuries apart. */
export const MAX_DAY = 47_846

const MEMO_LIMIT = 4096

const COMPACT = /^(\d{1,2})-?([A-Za-z]{3})-?(\d{2}|\d{4})$/
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$/

/** Days since 1970-01-01, or `NaN` when the date doesn't exist or is outside 1970–2100. */
export function dayFromParts(year: number, month: number, day: number): number {
  const ms = Date.UTC(year, month - 1, day)
  const date = new Date(ms)
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  const days = ms / DAY_MS
  return exists && days > 0 && days <= MAX_DAY ? days : NaN
}

/** Reads `28MAR2024`, `28-MAR-24`, `28MAR24` and `2024-03-28` (a time after it is ignored); else `NaN`. */
export const parseExpiryDay: (text: string) => number = memoize(readExpiryDay, MEMO_LIMIT)

function readExpiryDay(text: string): number {
  const iso = ISO.exec(text)
  if (iso !== null) return dayFromParts(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const compact = COMPACT.exec(text)
  if (compact === null) return NaN
  const year = Number(compact[3])
  const month = MONTHS.indexOf((compact[2] ?? '').toUpperCase()) + 1
  return month === 0 ? NaN : dayFromParts(year < 100 ? 2000 + year : year, month, Number(compact[1]))
}

/** The day in Asia/Kolkata at an instant. */
export function dayInKolkata(epochMs: number): number {
  return Math.floor((epochMs + KOLKATA_OFFSET_MS) / DAY_MS)
}

/** The instant at which a contract stops being live: midnight in Asia/Kolkata after its expiry day. */
export function expiryEndMs(day: number): number {
  return (day + 1) * DAY_MS - KOLKATA_OFFSET_MS
}

/** Whether a contract that expires on `day` can still trade at `nowMs`. */
export function isLive(day: number, nowMs: number): boolean {
  return nowMs < expiryEndMs(day)
}

/** `28-MAR-24`. */
export const formatExpiry: (day: number) => string = memoize((day) => expiryParts(day).join('-'), MEMO_LIMIT)

/** `28MAR24`, as it stands inside a symbol. */
export const compactExpiry: (day: number) => string = memoize((day) => expiryParts(day).join(''), MEMO_LIMIT)

function expiryParts(day: number): [date: string, month: string, year: string] {
  const date = new Date(day * DAY_MS)
  return [
    String(date.getUTCDate()).padStart(2, '0'),
    MONTHS[date.getUTCMonth()] ?? '',
    String(date.getUTCFullYear() % 100).padStart(2, '0'),
  ]
}
