/** Turns the text of a setting into its value, or throws a {@link SettingFault} that says what would do. */
export type Reader<T> = (text: string) => T

/** Why a value can't be used, as the end of the sentence "NAME is 'x', but …". */
export class SettingFault extends Error {
  override readonly name = 'SettingFault'
}

export function wholeNumber(from: number, to: number): Reader<number> {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= from && value <= to) return value
    throw new SettingFault(`must be a whole number from ${from} to ${to}`)
  }
}

/** Seconds, as the environment has them; milliseconds from here on. */
export function seconds(from: number): Reader<number> {
  const read = wholeNumber(from, 366 * 86_400)
  return (text) => read(text) * 1000
}

export const flag: Reader<boolean> = (text) => {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new SettingFault(`must be true or false`)
}

export function oneOf<const T extends string>(values: readonly T[]): Reader<T> {
  return (text) => {
    const found = values.find((value) => value === text)
    if (found !== undefined) return found
    throw new SettingFault(`must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`)
  }
}

/** `HH:MM`, 24 hours. */
export const timeOfDay: Reader<string> = (text) => {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text
  throw new SettingFault('must be a time of day from 00:00 to 23:59, such as 03:00')
}

export interface Rate {
  readonly count: number
  readonly windowMs: number
}

const windows = { second: 1000, minute: 60_000, hour: 3_600_000 } as const

/** OpenAlgo's form: `10 per second`. */
export const rate: Reader<Rate> = (text) => {
  const match = /^([1-9]\d{0,5}) per (second|minute|hour)$/.exec(text)
  if (match !== null) return { count: Number(match[1]), windowMs: windows[match[2] as keyof typeof windows] }
  throw new SettingFault('must be a rate such as "10 per second", "5 per minute" or "25 per hour"')
}

export const anyText: Reader<string> = (text) => text

/** A name that can stand in logs, metrics and headers. */
export const plainName: Reader<string> = (text) => {
  if (/^[\w.-]{1,64}$/.test(text)) return text
  throw new SettingFault('must be up to 64 letters, digits, ".", "-" and "_"')
}

/** The address under which browsers reach the app, or empty. */
export const publicUrl: Reader<URL | undefined> = (text) => {
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isRoot = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  if (url !== undefined && isRoot && /^https?:$/.test(url.protocol)) return url
  throw new SettingFault('must be an address without a path, such as https://trade.example.com')
}
