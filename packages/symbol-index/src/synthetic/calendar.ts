/** Days are counted from 1970-01-01, a Thursday. */

const DAY_MS = 86_400_000

/** Days of the week, from 0. */
export const TUESDAY = 2
export const THURSDAY = 4
export const FRIDAY = 5

/** The next `count` such weekdays, from `day` on. */
export function weeklyExpiries(day: number, weekday: number, count: number): number[] {
  const first = day + ((weekday - weekdayOf(day) + 7) % 7)
  return Array.from({ length: count }, (_, week) => first + week * 7)
}

/** The last such weekday of the next `count` months, the current one if it is still ahead. */
export function monthlyExpiries(day: number, weekday: number, count: number): number[] {
  const date = new Date(day * DAY_MS)
  const expiries: number[] = []
  for (let month = 0; expiries.length < count; month++) {
    const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + month + 1, 0) / DAY_MS
    const last = end - ((weekdayOf(end) - weekday + 7) % 7)
    if (last >= day) expiries.push(last)
  }
  return expiries
}

function weekdayOf(day: number): number {
  return (day + 4) % 7
}
