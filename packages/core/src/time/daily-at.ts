import { CacheError } from '@cache/ports'

/** A time to live that is computed for each entry when it is written. */
export type TtlAt = (wallMs: number) => number

interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/**
 * A time to live that ends at the next `time` (`HH:MM`, 24 hours) in `zone` (an IANA name such as
 * `'Asia/Kolkata'`). On the day of a switch to summer time a skipped time counts as the first moment after the
 * gap; a repeated one counts the first time.
 *
 * @throws CacheError `INVALID_OPTION` for a malformed time or an unknown zone.
 */
export function dailyAt(time: string, zone: string): TtlAt {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time)
  if (!match) throw new CacheError('INVALID_OPTION', `dailyAt: time must be HH:MM between 00:00 and 23:59`)
  const minuteOfDay = Number(match[1]) * 60 + Number(match[2])
  const readLocal = localTimeReader(zone)
  let computedAtMs = Number.POSITIVE_INFINITY
  let nextMs = 0
  return (wallMs) => {
    if (wallMs < computedAtMs || wallMs >= nextMs) {
      nextMs = nextOccurrence(wallMs, minuteOfDay, readLocal)
      computedAtMs = wallMs
    }
    return nextMs - wallMs
  }
}

function localTimeReader(zone: string): (wallMs: number) => LocalTime {
  const format = createFormat(zone)
  return (wallMs) => {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(wallMs)) parts[type] = Number(value)
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
    return { year, month, day, hour, minute, second }
  }
}

function createFormat(zone: string): Intl.DateTimeFormat {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
  const times = { hour: 'numeric', minute: 'numeric', second: 'numeric' } as const
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields, ...times })
  } catch (cause) {
    throw new CacheError('INVALID_OPTION', `dailyAt: zone must be an IANA time zone such as 'Asia/Kolkata'`, {
      cause,
    })
  }
}

/** The first moment after `wallMs` at which the local clock shows, or has jumped past, the minute of the day. */
function nextOccurrence(
  wallMs: number,
  minuteOfDay: number,
  readLocal: (wallMs: number) => LocalTime,
): number {
  const today = readLocal(wallMs)
  for (let dayOffset = 0; ; dayOffset++) {
    const targetLocalMs = Date.UTC(today.year, today.month - 1, today.day + dayOffset, 0, minuteOfDay)
    const candidateMs = firstMomentAtOrAfter(targetLocalMs, readLocal)
    if (candidateMs > wallMs) return candidateMs
  }
}

const minuteMs = 60_000
const dayMs = 86_400_000

/** The earliest moment whose local time is `targetLocalMs` or later (local time written as if it were UTC). */
function firstMomentAtOrAfter(targetLocalMs: number, readLocal: (wallMs: number) => LocalTime): number {
  const reached = (atMs: number): boolean => asUtc(readLocal(atMs)) >= targetLocalMs
  // No offset reaches 24 hours, so the local clock is before the target at the low end and past it at the high one.
  let foundMs = firstReached(targetLocalMs - dayMs, targetLocalMs + dayMs, reached)
  // Where clocks go back, by 30 minutes to 2 hours, the search may have found the second showing of the time.
  for (const backMs of [30 * minuteMs, 60 * minuteMs, 120 * minuteMs]) {
    if (reached(foundMs - backMs)) foundMs = firstReached(targetLocalMs - dayMs, foundMs - backMs, reached)
  }
  return foundMs
}

/** Binary search to the minute: all offsets in use are whole minutes. */
function firstReached(fromMs: number, toMs: number, reached: (atMs: number) => boolean): number {
  let lowMs = fromMs
  let highMs = toMs
  while (highMs - lowMs > minuteMs) {
    const middleMs = lowMs + Math.floor((highMs - lowMs) / (2 * minuteMs)) * minuteMs
    if (reached(middleMs)) highMs = middleMs
    else lowMs = middleMs
  }
  return highMs
}

function asUtc(local: LocalTime): number {
  return Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second)
}
