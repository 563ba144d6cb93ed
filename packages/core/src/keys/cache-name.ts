import { CacheError } from '@cache/ports'

const segment = /^[a-z][a-z0-9_-]*$/i

/**
 * Checks a cache name: `auth`, or `market:quote` for a type within a domain.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function checkCacheName(name: string): string {
  if (name.length > 0 && name.length <= 100 && name.split(':').every((part) => segment.test(part)))
    return name
  throw new CacheError(
    'INVALID_OPTION',
    `A cache name is up to 100 letters, digits, '-' and '_' that begin with a letter, in segments joined by ':'`,
  )
}

/**
 * Whether two caches could share keys: the same name, or one that is a leading run of the other's segments, so
 * that `prefix:market` with key `['quote', 'X']` and `prefix:market:quote` with key `'X'` would meet. Letter case
 * does not tell names apart, because it does not tell files apart everywhere.
 */
export function namesCollide(one: string, other: string): boolean {
  const a = `${one.toLowerCase()}:`
  const b = `${other.toLowerCase()}:`
  return a.startsWith(b) || b.startsWith(a)
}

/** The first segment of the names of what is no cache. */
const stateSegment = 'state'

/** The name under which the backend knows the state `name`: apart from those of all caches. */
export function stateName(name: string): string {
  return checkCacheName(`${stateSegment}:${name}`)
}

/** Whether a name is one that {@link stateName} gives, or could be taken for one. */
export function isStateName(name: string): boolean {
  return namesCollide(name, stateSegment)
}
