import { memoize } from './memo.ts'

/**
 * Prices are held as whole numbers of 1/100,000,000, so that a strike of 292.5 or a tick of 0.0025 is exact
 * and comparing two of them is comparing integers.
 */

/** Decimal places kept. */
export const DECIMAL_PLACES = 8

const SCALE = 10 ** DECIMAL_PLACES
const MAX_UNITS = Number.MAX_SAFE_INTEGER
const MEMO_LIMIT = 16_384
/** One for each position of the decimal point. */
const READERS: ((text: string) => number)[] = []
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/

/**
 * Reads a decimal as scaled units, or `NaN` when it is malformed, too large, or finer than the scale.
 * `dividedBy10To` moves the decimal point: 2 reads paise as rupees.
 */
export function parseUnits(text: string, dividedBy10To = 0): number {
  const read = (READERS[dividedBy10To] ??= memoize((digits) => readUnits(digits, dividedBy10To), MEMO_LIMIT))
  return read(text)
}

function readUnits(text: string, dividedBy10To: number): number {
  const match = DECIMAL.exec(text)
  if (match === null) return NaN
  const [, sign = '', whole = '', fraction = ''] = match
  if (whole === '' && fraction === '') return NaN
  return withSign(sign, digitsToUnits(whole, fraction, DECIMAL_PLACES - dividedBy10To))
}

/** Reads a JavaScript number, as JSON sources give it. */
export function numberToUnits(value: number): number {
  const text = String(value)
  return parseUnits(text.includes('e') ? value.toFixed(DECIMAL_PLACES) : text)
}

/** The nearest JavaScript number: the same as the one the decimal literal gives. */
export function unitsToNumber(units: number): number {
  return units / SCALE
}

/** The shortest decimal text: `24000`, `292.5`, `0.0025`. */
export const unitsToText: (units: number) => string = memoize(formatUnits, MEMO_LIMIT)

function formatUnits(units: number): string {
  const whole = Math.floor(units / SCALE)
  const fraction = units - whole * SCALE
  if (fraction === 0) return String(whole)
  return `${whole}.${String(fraction).padStart(DECIMAL_PLACES, '0').replace(/0+$/, '')}`
}

function digitsToUnits(whole: string, fraction: string, places: number): number {
  const kept = fraction.slice(0, Math.max(places, 0))
  if (/[1-9]/.test(fraction.slice(kept.length))) return NaN
  const units = Number(whole + kept) * 10 ** (places - kept.length)
  return Number.isInteger(units) && units <= MAX_UNITS ? units : NaN
}

function withSign(sign: string, units: number): number {
  return sign === '-' && units !== 0 ? -units : units
}
