/** Days and times of Asia/Kolkata, which keeps one offset all year, whatever the zone of this machine. */
export const kolkataOffsetMs: number = 5.5 * 3_600_000

/** `YYYY-MM-DD` */
export function kolkataDate(wallMs: number): string {
  return new Date(wallMs + kolkataOffsetMs).toISOString().slice(0, 10)
}

/** The moment of a time (`HH:MM`) on a day (`YYYY-MM-DD`). */
export function kolkataMs(date: string, time: string): number {
  return Date.parse(`${date}T${time}:00+05:30`)
}

/** 0 is Sunday. */
export function weekday(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay()
}

/** Whether a text is a day that exists. */
export function isDate(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00Z`)
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(atMs) && new Date(atMs).toISOString().startsWith(text)
  )
}
