import { CacheError, cacheOperations, type CacheOperation } from '@cache/ports'

/** @throws CacheError `INVALID_OPTION` */
export function checkedOperations(operations: unknown, option: string): ReadonlySet<CacheOperation> {
  const names = Object.keys(cacheOperations)
  if (Array.isArray(operations) && operations.every((name) => names.includes(name as string)))
    return new Set(operations as CacheOperation[])
  throw new CacheError('INVALID_OPTION', `${option} must be a list of ${names.join(', ')}`)
}
