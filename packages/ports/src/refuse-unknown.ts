import { CacheError } from './cache-error.ts'

/**
 * A misspelt option would otherwise do nothing, silently.
 *
 * @throws CacheError `INVALID_OPTION`; the message names the options that there are
 */
export function refuseUnknown(options: object, known: readonly string[], owner: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new CacheError(
    'INVALID_OPTION',
    `${owner} has no option '${unknown}'; its options are ${known.join(', ')}`,
  )
}
