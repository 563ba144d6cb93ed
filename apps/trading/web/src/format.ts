const money = new Intl.NumberFormat('en-IN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const whole = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en-IN', { notation: 'compact', maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Kolkata',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Kolkata',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

/** `1,23,456.00` */
export const price = (amount: number): string => money.format(amount)
export const rupees = (amount: number): string => `${amount < 0 ? '−' : ''}₹${money.format(Math.abs(amount))}`
export const count = (amount: number): string => whole.format(amount)
export const short = (amount: number): string => compact.format(amount)
export const timeOfDay = (wallMs: number): string => clock.format(wallMs)
export const moment = (wallMs: number): string => `${dayAndTime.format(wallMs)} IST`
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** `+12.30`, `−4.00` with a true minus sign. */
export function signed(amount: number, digits = 2): string {
  const sign = amount > 0 ? '+' : amount < 0 ? '−' : ''
  return `${sign}${Math.abs(amount).toLocaleString('en-IN', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`
}

export function bytes(amount: number): string {
  if (amount < 1024) return `${amount} B`
  if (amount < 1024 ** 2) return `${(amount / 1024).toFixed(1)} kB`
  return `${(amount / 1024 ** 2).toFixed(1)} MB`
}

/** `0.42 ms`, `12 ms`, `3.1 s` */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`
}

/** How long something lasts, to the second where it is short: `4 s`, `12 min 30 s`, `3 h 5 min`, `2 d 4 h`. */
export function span(ms: number): string {
  if (!Number.isFinite(ms)) return 'ever'
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`
}

/** A number a second. */
export function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : whole.format(perSecond)
}

export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Which way an amount points, for its colour. */
export function direction(amount: number): 'up' | 'down' | 'flat' {
  if (amount > 0) return 'up'
  return amount < 0 ? 'down' : 'flat'
}
