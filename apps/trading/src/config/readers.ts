import { VariableFault, type Reader } from '@cache/environment'

/** `HH:MM`, 24 hours. */
export const timeOfDay: Reader<string> = (text) => {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text
  throw new VariableFault('must be a time of day from 00:00 to 23:59, such as 03:00')
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
  throw new VariableFault('must be a rate such as "10 per second", "5 per minute" or "25 per hour"')
}

/** A factor of time. */
export const speed: Reader<number> = (text) => {
  const factor = Number(text)
  if (factor >= 0.001 && factor <= 10_000) return factor
  throw new VariableFault('must be a number from 0.001 to 10000')
}

/** The root of a web address, or empty. */
export const publicUrl: Reader<URL | undefined> = (text) => {
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isRoot = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  if (url !== undefined && isRoot && /^https?:$/.test(url.protocol)) return url
  throw new VariableFault('must be an address without a path, such as https://trade.example.com')
}

/** A PostgreSQL server and its database, or empty. */
export const databaseUrl: Reader<URL | undefined> = (text) => {
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1) return url
  throw new VariableFault('must be an address such as postgres://user:password@localhost:5432/trading')
}

/** Caches by name or pattern; `true` for all, `false` for none. */
export const cacheNames: Reader<boolean | readonly string[]> = (text) => {
  if (text === 'all' || text === 'none') return text === 'all'
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => /^[\w*?-]+$/.test(name))) return names
  throw new VariableFault(
    'must be none, all, or names of caches with commas between, such as "auth, feed-tokens"',
  )
}
