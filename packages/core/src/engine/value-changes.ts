import { CacheError } from '@cache/ports'

/** @throws CacheError `INVALID_VALUE` */
export function added(current: number, by: number): number {
  const sum = typeof current === 'number' ? current + by : Number.NaN
  if (Number.isFinite(sum)) return sum
  throw new CacheError('INVALID_VALUE', 'increment needs a finite number in the entry and a finite sum')
}

/** @throws CacheError `INVALID_VALUE`, `INVALID_OPTION` */
export function appended<T>(current: readonly T[], items: readonly T[], maxLength: number): T[] {
  if (!Array.isArray(current)) throw new CacheError('INVALID_VALUE', 'append needs a list in the entry')
  if (!(maxLength >= 1)) throw new CacheError('INVALID_OPTION', 'append: maxLength must be 1 or more')
  const list = [...current, ...items]
  return list.length > maxLength ? list.slice(-maxLength) : list
}
